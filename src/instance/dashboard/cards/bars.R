# Lists of names with bars.

#' @param rows data.frame(key, label, value), the longest first
#' @param by state member `by` that a click filters with, or NULL
#' @param rate a share for each row, or NULL
bar_list <- function(rows, view, by = NULL, rate = NULL) {
  inside <- paste0(
    "<span class=\"name\">", html_text(as_name(rows$label, view)), "</span><span class=\"value\">",
    html_text(format_count(rows$value, view$language)), "</span>",
    if (!is.null(rate)) paste0("<span class=\"rate\">", html_text(format_share(rate, view$language)), "</span>")
  )
  width <- sprintf("style=\"--w:%.4f\"", rows$value / max(1, rows$value, na.rm = TRUE))
  plain <- paste0("<div class=\"bar\" ", width, ">", inside, "</div>")
  bars <- if (is.null(by)) plain else filter_bars(rows$key, by, inside, width, plain)
  HTML(paste0(
    "<ol class=\"bars\">",
    paste0("<li>", bars, "</li>", collapse = "\n"),
    "</ol>"
  ))
}

#' What has no key cannot be filtered by and stays plain.
filter_bars <- function(keys, by, inside, width, plain) {
  ifelse(is.na(keys) | !nzchar(as.character(keys)), plain, filter_buttons("bar", by, keys, inside, width))
}
