# Data of a chart; browser/charts draws it. Titles are the full name of each place, labels its short one under the axis.

#' @param type line, columns or heatmap
#' @param data list as the drawing functions in browser/charts describe it
#' @param label what a screen reader says of the whole
chart <- function(type, data, label, height = 280) {
  tag("sbw-chart", list(
    data = as_json(c(list(type = jsonlite::unbox(type)), data)), label = label,
    style = sprintf("--height:%dpx", height)
  ))
}

#' One series. NA is a gap.
#' @param role main; before: the previous period; second: drawn like it; more: told with the others, not drawn
series <- function(name, values, role = "main") {
  list(name = jsonlite::unbox(name), role = jsonlite::unbox(role), values = I(as.numeric(values)))
}

#' What the two lines, or columns, are.
chart_key <- function(main, before = NULL, type = "line") {
  tags$div(
    class = paste("key", type), `aria-hidden` = "true", tags$span(main),
    if (!is.null(before)) tags$span(class = "before", before)
  )
}
