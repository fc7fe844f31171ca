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
  keys <- as.character(keys)
  set <- vapply(keys, function(key) as_json(list(by = by, value = key)), "", USE.NAMES = FALSE)
  none <- as_json(list(by = "", value = ""))
  button <- sprintf(
    "<button class=\"bar\" type=\"button\" aria-pressed=\"false\" data-set=\"%s\" data-else=\"%s\" %s>%s</button>",
    html_attribute(set), html_attribute(none), width, inside
  )
  ifelse(is.na(keys) | !nzchar(keys), plain, button)
}
