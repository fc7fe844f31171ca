# Tables as files: RFC 4180, UTF-8 with a mark so that spreadsheets see it.

#' @param rows data.frame
#' @return one string
to_csv <- function(rows) {
  cells <- lapply(rows, csv_cells)
  lines <- c(
    paste(csv_quote(names(rows)), collapse = ","),
    if (nrow(rows) > 0) do.call(paste, c(unname(cells), sep = ","))
  )
  paste0("\uFEFF", paste0(lines, "\r\n", collapse = ""))
}

csv_cells <- function(x) {
  if (inherits(x, "POSIXt")) return(format_instant(x))
  if (inherits(x, "Date")) return(format(x))
  if (is.numeric(x)) return(ifelse(is.finite(x), format(x, digits = 15, scientific = FALSE, trim = TRUE), ""))
  csv_quote(ifelse(is.na(x), "", as.character(x)))
}

#' A cell that a spreadsheet would take for a formula is made text: it came from somebody's browser. Some spreadsheets
#' begin a cell at a semicolon or a tab, whatever the quotes say.
csv_quote <- function(text) {
  text <- gsub("([;\t\r\n])(?=[=+@\t\r\n-])", "\\1'", text, perl = TRUE)
  text <- sub("^(?=[=+@\t\r\n-])", "'", text, perl = TRUE)
  needs <- grepl("[\",;\t\r\n]", text)
  ifelse(needs, paste0("\"", gsub("\"", "\"\"", text, fixed = TRUE), "\""), text)
}
