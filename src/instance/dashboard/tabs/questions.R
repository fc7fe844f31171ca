# How the tabs ask: the parameters that every question about a range takes, in the order of docs/rollups.md.

range_params <- function(from, to, choice) {
  c(format(from), format(to), choice$login, choice$by, choice$value, choice$bots)
}

#' Rows of a question about some days and the chosen filters.
#' @param days list(from, to)
#' @param ... further parameters of that question
ask_days <- function(context, days, name, ...) {
  context$ask(name, c(range_params(days$from, days$to, context$choice()), as.character(c(...))))
}

#' About the chosen days, and about as many before.
ask_range <- function(context, name, ...) ask_days(context, context$period(), name, ...)
ask_before <- function(context, name, ...) ask_days(context, context$period()$previous, name, ...)

#' Says on a card that its question does not heed the filter that is set; NULL when it does.
filter_note <- function(context, name) {
  if (!context$honours(name, "item")) ignored_note(context)
}

#' Groups heed a filter of their own kind only.
kind_note <- function(context, kind) {
  if (context$choice()$by != kind) ignored_note(context)
}

ignored_note <- function(context) {
  by <- context$choice()$by
  if (!nzchar(by)) return(NULL)
  say <- context$view$say
  tags$p(class = "ignored", say("filter.ignored", by = tolower(say(paste0("by.", by)))))
}

#' A table as a file.
#' @param rows function() giving a data.frame
#' @param content function() giving what the file's name says that it holds; NULL: the download's name
#' @param when function() giving a part of the name: list(from, to) or a text; NULL: the days shown
csv_file <- function(rows, content = NULL, when = NULL) list(rows = rows, content = content, when = when)

#' A download for each of several tables: the output <name>_csv gives <name>'s rows, when somebody clicks.
#' @param files named list of csv_file() or of functions giving a data.frame
csv_downloads <- function(output, files, context) {
  lapply(names(files), function(name) {
    file <- if (is.function(files[[name]])) csv_file(files[[name]]) else files[[name]]
    output[[paste0(name, "_csv")]] <- shiny::downloadHandler(
      filename = function() {
        content <- if (is.null(file$content)) name else file$content()
        when <- if (is.null(file$when)) context$period() else file$when()
        paste0(paste(c(gsub("_", "-", content, fixed = TRUE), when_text(when)), collapse = "_"), ".csv")
      },
      content = function(path) writeBin(charToRaw(enc2utf8(to_csv(file$rows()))), path),
      contentType = "text/csv; charset=utf-8"
    )
  })
}

when_text <- function(when) {
  if (is.list(when)) c(format(when$from), format(when$to)) else when
}

#' An instant in a file's name: "2026-11-23T10-30" of the shop's clock.
instant_text <- function(at, zone) {
  if (!is.na(at)) format(as.POSIXct(at), "%Y-%m-%dT%H-%M", tz = zone)
}

#' Days and hours of which nothing is known are no zeros.
#' @param rows data.frame with day or hour, and numbers
blank_unknown <- function(rows, context) {
  period <- context$period()
  unknown <- if (is.null(rows$hour)) {
    rows$day < period$first | rows$day > period$last
  } else {
    rows$hour > context$status()$up_to
  }
  rows[unknown, setdiff(names(rows), c("day", "hour"))] <- NA
  rows
}
