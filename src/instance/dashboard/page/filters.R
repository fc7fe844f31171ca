# The bar above every tab: which days, whom, compared with what; what is filtered; how fresh the data is.

filter_bar <- function(say) {
  tags$div(
    class = "filters", role = "region", `aria-label` = say("filters"),
    tags$div(
      class = "group ranges", role = "group", `aria-label` = say("range"),
      lapply(c("today", "7", "30", "90"), function(range) {
        tags$button(!!!sets(list(range = range)), say(paste0("range.", range)))
      }),
      date_picker(say)
    ),
    tags$div(
      class = "group", role = "group", `aria-label` = say("login"),
      lapply(c("", "logged_in", "anonymous"), function(login) {
        tags$button(!!!sets(list(login = login)), say(login_key(login)))
      })
    ),
    tags$button(class = "toggle", !!!sets(list(compare = "on"), list(compare = "off")), say("compare")),
    tags$div(id = "chips", class = "shiny-html-output", `aria-live` = "off"),
    tags$div(id = "facts", class = "shiny-html-output facts", `aria-live` = "off")
  )
}

#' Native date fields: they speak the visitor's language and work with any keyboard.
date_picker <- function(say) {
  tags$details(
    class = "dates",
    tags$summary(`aria-pressed` = "false", say("range.custom")),
    tags$form(
      tags$label(say("from"), day_input()),
      tags$label(say("to"), day_input()),
      # Not type submit: with one on the page, Shiny holds every change back until it is clicked.
      tags$button(class = "main-button", type = "button", say("show"))
    )
  )
}

login_key <- function(login) paste0("login.", if (nzchar(login)) login else "all")

day_input <- function() {
  tags$input(type = "date", required = NA, min = paste0(YEARS[[1]], "-01-01"), max = paste0(YEARS[[2]], "-12-31"))
}

#' The filter that is set, with a way out.
filter_chip <- function(state, label, view) {
  if (!nzchar(state$by)) return(NULL)
  tags$span(
    class = "chip", tags$span(filter_words(state, label, view)),
    tags$button(
      !!!sets(NO_FILTER, is_choice = FALSE), `aria-label` = view$say("filter.remove"),
      "\u00d7"
    )
  )
}

#' The days shown, why they are compared with none, and the age of the data.
facts <- function(context, settings) {
  period <- context$period()
  if (is.null(period)) return(NULL)
  status <- context$status()
  view <- context$view
  uncompared <- say_uncompared(context)
  tagList(
    tags$span(
      class = "period", `data-from` = format(period$from), `data-to` = format(period$to),
      format_days(period$from, period$to, view$language)
    ),
    if (!is.null(uncompared)) {
      tags$span(
        class = "uncompared", title = uncompared, tags$span(`aria-hidden` = "true", view$say("said.not_compared")),
        tags$span(class = "unseen", uncompared)
      )
    },
    tags$span(
      class = "fresh", `data-stale-after` = settings$stale_minutes * 60, `data-stale` = "false",
      tags$span(
        view$say("fresh.up_to", time = format_moment(status$up_to, status$zone, view$language, status$now)), "\u00b7",
        tags$span(`data-age-of` = format_instant(status$up_to))
      )
    )
  )
}

#' "Category: Mice"
filter_words <- function(state, label, view) paste0(view$say(paste0("by.", state$by)), ": ", as_name(label, view))

draw_chip <- function(context) filter_chip(context$choice(), item_label(context), context$view)

#' What the chosen item is called. It is looked up: the URL could claim any name.
item_label <- function(context) {
  choice <- context$choice()
  if (choice$by != "product") return(choice$value)
  rows <- tryCatch(ask_range(context, "products/products", "views", 1), error = function(e) NULL)
  if (is.null(rows) || nrow(rows) != 1) choice$value else name_or_id(rows$name[[1]], choice$value)
}
