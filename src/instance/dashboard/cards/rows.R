# Tables. They are the largest things drawn, so their cells are made a column at a time as text, not as a tree of tags;
# every value passes html_text() or html_attribute() on its way in.

#' A column of a table.
#' @param key column of the data; title; kind: text, count, share, money, seconds or bar (a count with a bar)
#' @param sort value of the state's `sort` that this column's header sets, or NULL
#' @param wide left out on phones
column <- function(key, title, kind = "text", sort = NULL, wide = FALSE) {
  list(key = key, title = title, kind = kind, sort = sort, wide = wide)
}

#' @param rows data.frame, in the order shown
#' @param columns list of column()
#' @param view list(say, language)
#' @param sorted the present sort
#' @param first HTML of the first column's cells (filter_names()); NULL: their text
rows_table <- function(rows, columns, view, caption, sorted = NULL, first = NULL) {
  cells <- lapply(columns, function(column) table_cells(rows[[column$key]], column, view))
  if (!is.null(first)) cells[[1]] <- paste0("<td>", first, "</td>")
  body <- paste0("<tr>", do.call(paste0, cells), "</tr>", collapse = "\n")
  tags$div(class = "scroll", tags$table(
    class = "rows", tags$caption(class = "unseen", caption),
    tags$thead(tags$tr(lapply(columns, table_heading, sorted = sorted))), tags$tbody(HTML(body))
  ))
}

html_text <- function(x) htmltools::htmlEscape(enc2utf8(as.character(x)))
html_attribute <- function(x) htmltools::htmlEscape(enc2utf8(as.character(x)), attribute = TRUE)

table_heading <- function(column, sorted) {
  is_sorted <- !is.null(column$sort) && identical(column$sort, sorted)
  tags$th(
    scope = "col", class = cell_class(column), `aria-sort` = if (is_sorted) "descending",
    if (is.null(column$sort)) {
      column$title
    } else {
      tags$button(!!!sets(list(sort = column$sort), is_choice = FALSE), column$title)
    }
  )
}

cell_class <- function(column) {
  is_number <- column$kind != "text"
  paste(c(if (is_number) "number", if (column$kind == "bar") "share", if (column$wide) "wide"), collapse = " ")
}

#' @return HTML, one <td> a value
table_cells <- function(values, column, view) {
  start <- paste0("<td class=\"", cell_class(column), "\"")
  if (column$kind == "text") {
    return(paste0(start, "><span class=\"name\">", html_text(as_name(values, view)), "</span></td>"))
  }
  if (column$kind == "bar") {
    width <- pmax(0, values / max(1, values, na.rm = TRUE), na.rm = TRUE)
    count <- html_text(format_count(values, view$language))
    return(sprintf("%s style=\"--w:%.4f\"><span>%s</span></td>", start, width, count))
  }
  paste0(start, ">", html_text(format_value(values, column$kind, view$language)), "</td>")
}

#' Names as they are shown: what has none says so.
as_name <- function(values, view) {
  values <- as.character(values)
  ifelse(is.na(values) | !nzchar(trimws(values)), view$say("unnamed"), values)
}

#' What a thing is called; a product of which only the id is known, by that.
name_or_id <- function(names, ids) {
  names <- as.character(names)
  ifelse(is.na(names) | !nzchar(trimws(names)), as.character(ids), names)
}

#' Names that filter everything by themselves when clicked.
#' @param by,values what the filter is set to; labels what is shown, or where there is none the value
#' @return HTML, one <button> a value
filter_names <- function(by, values, labels, view) {
  filter_buttons("name", by, values, html_text(as_name(name_or_id(labels, values), view)))
}

#' What sets() makes for one button, for a column of them: a click filters by a value, another takes it away.
#' @param inside HTML; attributes: more of them
#' @return HTML, one <button> a value
filter_buttons <- function(class, by, values, inside, attributes = "") {
  set <- vapply(as.character(values), function(value) as_json(list(by = by, value = value)), "", USE.NAMES = FALSE)
  sprintf(
    "<button class=\"%s\" type=\"button\" aria-pressed=\"false\" data-set=\"%s\" data-else=\"%s\" %s>%s</button>",
    class, html_attribute(set), html_attribute(as_json(NO_FILTER)), attributes, inside
  )
}

NO_FILTER <- list(by = "", value = "")
