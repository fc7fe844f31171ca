# Two of the four states of an output: empty and error. (Loading is card.R's bones, stale is the notice on top.)

#' Nothing to show, and why.
#' @param ... what the texts of `key` leave open
empty_message <- function(say, key = "empty.range", tool = NULL, ...) {
  tags$div(
    class = "message", tags$strong(say(paste0(key, ".title"), ...)), tags$p(say(paste0(key, ".text"), ...)), tool
  )
}

#' What went wrong and what to do about it. Never what the driver said.
#' It is no alert: many cards fail at once, and the notice above them speaks for all.
problem_message <- function(view, code) {
  say <- view$say
  command_text <- problem_command(code, view)
  tags$div(
    class = "message", `data-tone` = "bad",
    tags$strong(say(paste0("problem.", code, ".title"))),
    tags$p(say(paste0("problem.", code, ".text"))),
    if (!is.null(command_text)) command(command_text, say),
    tags$button(type = "button", class = "plain-button", `data-do` = "again", say("again"))
  )
}

#' A line across the page.
notice <- function(tone, ..., role = "status") {
  tags$div(class = "notice", `data-tone` = tone, role = role, ...)
}

#' Runs `draw` and turns its failure into a message. Conditions of Shiny's own pass.
#' @param log function(text)
drawn_or_message <- function(draw, view, log = message) {
  tryCatch(draw(), error = function(e) {
    if (inherits(e, c("shiny.silent.error", "shiny.output.cancel"))) stop(e)
    log(paste("card failed:", conditionMessage(e)))
    problem_message(view, problem_code(e))
  })
}
