# What concerns the whole page: a line above the cards when the warehouse does not answer or its data is old, or one
# message instead of them when there is nothing to show at all.

draw_notice <- function(app, context) {
  say <- context$view$say
  trouble <- app$watch$trouble()
  status <- context$status()
  if (!is.null(trouble)) {
    if (is.null(status)) return(instead_of_cards(problem_message(say, trouble)))
    return(notice(
      "bad", tags$strong(say(paste0("problem.", trouble, ".title"))), tags$span(say("notice.kept")),
      role = "alert"
    ))
  }
  if (is.null(status)) return(NULL)
  if (is.na(status$last)) return(instead_of_cards(nothing_yet(status, context$view)))
  stale_notice(status, app$watch$lag(), context$view)
}

#' Nothing was loaded, or all of it is being counted anew at this moment.
nothing_yet <- function(status, view) {
  if (status$behind == 0) return(empty_message(view$say, "empty.warehouse", tool = command("sbw etl run", view$say)))
  empty_message(view$say, "empty.rebuilding", n = format_count(status$behind, view$language))
}

#' Numbers that lack what is loaded already, or that are old.
#' @param lag from lag_of(): the page may be open for days without any new data
stale_notice <- function(status, lag, view) {
  say <- view$say
  if (lag$behind > 0) {
    return(notice(
      "warn", tags$strong(say("notice.behind", n = format_count(lag$behind, view$language))),
      tags$span(say("notice.behind.text"))
    ))
  }
  if (!lag$is_old) return(NULL)
  notice(
    "warn",
    tags$strong(say("notice.stale", time = format_moment(status$up_to, status$zone, view$language, status$now))),
    tags$span(say("notice.stale.text")), command("sbw status", say)
  )
}

#' styles/states.css hides the cards while it is there.
instead_of_cards <- function(message) tags$div(class = "whole card", message)
