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

#' A download for each of several tables: the output <name>_csv gives <name>'s rows.
#' @param rows named list of function() giving a data.frame; an underscore becomes a hyphen in the file's name
csv_downloads <- function(output, rows, context) {
  for (name in names(rows)) {
    output[[paste0(name, "_csv")]] <- csv_download(gsub("_", "-", name, fixed = TRUE), rows[[name]], context)
  }
}

#' The rows of a table as a file; asked for when somebody clicks.
#' @param rows function() giving a data.frame
csv_download <- function(name, rows, context) {
  # Now, not when somebody clicks: by then the loop of csv_downloads() stands at its last name.
  force(name)
  force(rows)
  shiny::downloadHandler(
    filename = function() {
      period <- context$period()
      sprintf("%s_%s_%s.csv", name, format(period$from), format(period$to))
    },
    content = function(file) writeBin(charToRaw(enc2utf8(to_csv(rows()))), file),
    contentType = "text/csv; charset=utf-8"
  )
}
