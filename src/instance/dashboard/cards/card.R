# The frame of every card. Titles and texts are ours; names that came from browsers enter only as htmltools text.

#' @param id of the output inside, already namespaced
#' @param span columns of twelve
#' @param height in pixels that the card keeps free while loading
#' @param title text, or an output of its own
#' @param tools tags for the right end of the header
#' @param before tags between header and output
card <- function(id, title, sub = NULL, span = 12, height = 160, tools = NULL, before = NULL) {
  heading <- paste0(id, "-title")
  tags$section(
    class = paste0("card span-", span), `aria-labelledby` = heading,
    tags$header(
      tags$h2(id = heading, title),
      if (!is.null(sub)) tags$p(class = "sub", sub),
      tags$div(class = "actions", tools)
    ),
    before,
    slot_for(id, height)
  )
}

#' Where an output will stand. Shiny would have screen readers read every redrawn card aloud; script/redraw.js says one
#' sentence instead. Until then it shows what is known early, or its bones.
slot_for <- function(id, height = 160, class = NULL, early = NULL) {
  bones <- tags$div(class = "bones", style = sprintf("--height:%dpx", height), `aria-hidden` = "true")
  tags$div(
    id = id, class = paste(c("shiny-html-output", class), collapse = " "), `aria-live` = "off",
    if (is.null(early)) bones else early
  )
}

#' A header button that shows the card's chart as a table.
table_tool <- function(say) {
  tags$button(class = "action", type = "button", `data-do` = "table", `aria-pressed` = "false", say("card.table"))
}

#' A header link that downloads the card's rows; csv_downloads() gives them.
#' @param ns namespace of the tab
csv_tool <- function(ns, name, say, title) {
  tags$a(
    id = ns(paste0(name, "_csv")), class = "action shiny-download-link", href = "", target = "_blank", download = NA,
    `aria-label` = paste(say("card.csv"), title, sep = ": "), say("card.csv")
  )
}

#' Attributes of an element that changes the state when clicked.
#' @param set named list of state members; other: what it sets when it is chosen already
#' @param is_choice whether it shows that it is chosen
sets <- function(set, other = NULL, is_choice = TRUE) {
  attributes <- list(type = "button", `data-set` = as_json(set), `aria-pressed` = if (is_choice) "false")
  if (!is.null(other)) attributes$`data-else` <- as_json(other)
  attributes
}

as_json <- function(x) as.character(jsonlite::toJSON(x, auto_unbox = TRUE, na = "null", null = "null", digits = 10))

#' A command of sbw with a button that copies it.
command <- function(text, say) {
  tags$span(
    class = "command", tags$code(text),
    tags$button(type = "button", `data-do` = "copy", `data-done` = say("copied"), say("copy"))
  )
}
