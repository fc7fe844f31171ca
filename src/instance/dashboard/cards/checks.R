# A list of findings, each with its verdict and the command that mends it.

#' @param checks list of list(tone = good|warn|bad, title, text, command or NULL)
check_list <- function(checks, view) {
  marks <- c(good = "\u2713", warn = "!", bad = "\u00d7")
  tags$ul(class = "checks", lapply(checks, function(check) {
    tags$li(
      tags$span(
        class = "mark", `data-tone` = check$tone, role = "img", `aria-label` = view$say(paste0("tone.", check$tone)),
        marks[[check$tone]]
      ),
      tags$strong(check$title),
      tags$div(class = "text", check$text, if (!is.null(check$command)) tags$div(command(check$command, view$say)))
    )
  }))
}

#' What is to be mended, a line each, with the command.
#' @param lines list of list(title, about or NULL, count or NULL, when or NULL, command)
mending_list <- function(lines, view) {
  tags$ul(class = "mending", lapply(lines, function(line) {
    tags$li(
      tags$div(
        tags$strong(line$title), tags$span(class = "muted", line$about),
        if (!is.null(line$count)) tags$span(class = "count", line$count),
        if (!is.null(line$when)) tags$span(class = "muted", line$when)
      ),
      if (nzchar(line$command)) command(line$command, view$say)
    )
  }))
}
