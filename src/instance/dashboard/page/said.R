# What a screen reader hears: after a change, what is different now, and not card by card.

#' Gives each time the choices that changed since it was called before; at first the days.
make_choice_speaker <- function(context) {
  before <- NULL
  function() {
    if (is.null(context$period())) return("")
    now <- choice_words(context)
    changed <- if (is.null(before)) now["days"] else now[now != before]
    before <<- now
    paste(sub("\\.$", "", changed), collapse = ". ")
  }
}

#' All that is chosen, in words.
#' @return named character vector
choice_words <- function(context) {
  say <- context$view$say
  state <- context$state()
  period <- context$period()
  days <- function(span) format_days(span$from, span$to, context$view$language)
  compared <- if (state$compare == "off") {
    say("said.not_compared")
  } else if (is.null(period$uncompared)) {
    say("said.compared", days = days(period$previous))
  } else {
    say_uncompared(context)
  }
  c(
    days = days(period), compared = compared, login = say(login_key(state$login)),
    item = if (nzchar(state$by)) filter_words(state, item_label(context), context$view) else say("said.no_item"),
    bots = say(if (state$bots == "on") "said.with_bots" else "foot.bots"),
    metric = say("said.metric", metric = say(paste0("kpi.", trend_kind(context)$metric))),
    sort = say("said.sort", column = say(SORT_TITLES[[state$sort]])),
    split = say("said.split", by = say(paste0("by.", state$split))),
    find = if (nzchar(state$find)) say("said.find", text = state$find) else say("said.no_find")
  )
}
