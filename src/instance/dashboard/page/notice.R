# What concerns the whole page: a line above the cards when the warehouse does not answer or its data is old, or one
# message instead of them when there is nothing to show at all.

draw_notice <- function(app, context) {
  view <- context$view
  say <- view$say
  trouble <- app$watch$trouble()
  status <- context$status()
  if (!is.null(trouble)) {
    if (is.null(status)) return(instead_of_cards(problem_message(view, trouble), role = "alert"))
    return(notice(
      "bad", tags$strong(say(paste0("problem.", trouble, ".title"))), tags$span(say("notice.kept")),
      role = "alert"
    ))
  }
  if (is.null(status)) return(NULL)
  if (is.na(status$last)) return(nothing_yet(status, view))
  stale_notice(status, app$watch$lag(), view)
}

#' Nothing was loaded, or all of it is being counted anew at this moment, or nothing of what was read was accepted: then
#' Data quality says why.
nothing_yet <- function(status, view) {
  say <- view$say
  if (status$behind > 0) {
    return(instead_of_cards(empty_message(say, "empty.rebuilding", n = format_count(status$behind, view$language))))
  }
  if (is.na(status$loaded_at)) {
    return(instead_of_cards(empty_message(say, "empty.warehouse", command(command_for("load", view), say))))
  }
  instead_of_cards(empty_message(say, "empty.rejected", tagList(
    command(command_for("rejected", view), say),
    tags$button(class = "plain-button", !!!sets(list(tab = "quality"), is_choice = FALSE), say("tab.quality"))
  )), but = "quality")
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
  time <- format_moment(status$up_to, status$zone, view$language, status$now)
  notice(
    "warn",
    # script/age.js fills in the age, and counts on.
    tags$strong(
      say("notice.stale", time = time),
      tags$span(class = "age", `data-age-of` = format_instant(status$up_to))
    ),
    tags$span(say("notice.stale.text")), command(command_for("status", view), say)
  )
}

#' styles/states.css hides the cards while it is there.
#' @param but a tab whose cards are shown all the same
instead_of_cards <- function(message, role = NULL, but = NULL) {
  tags$div(class = "whole card", role = role, `data-but` = but, message)
}
