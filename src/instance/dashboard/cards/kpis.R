# The strip of headline numbers.

#' @param metrics list of list(key, value, unit, change, tone, spark), from metrics.R
#' @param view list(say, language)
#' @param uncompared why no number carries a change, or NULL
kpi_strip <- function(metrics, view, uncompared = NULL) {
  tags$div(
    class = "kpis", role = "group", `aria-label` = view$say("kpi.group"),
    lapply(metrics, kpi_button, view = view, uncompared = uncompared)
  )
}

#' A click switches the big chart to this metric. The title says what the number is.
kpi_button <- function(metric, view, uncompared) {
  title <- paste(c(view$say(paste0("kpi.", metric$key, ".about")), uncompared), collapse = ". ")
  tags$button(class = "kpi", !!!sets(list(metric = metric$key)), title = title, kpi_inside(metric, view))
}

kpi_inside <- function(metric, view) {
  shown <- if (metric$unit == "count") format_short(metric$value, view$language) else
    format_value(metric$value, metric$unit, view$language)
  tagList(
    tags$span(class = "kpi-name", view$say(paste0("kpi.", metric$key))),
    tags$span(class = "kpi-value", `data-kpi` = metric$key, `data-value` = plain_number(metric$value), shown),
    tags$span(class = "kpi-foot", change_mark(metric, view), spark(metric$spark), why_unknown(metric, view))
  )
}

#' Visitors of one product, category or brand are not kept.
why_unknown <- function(metric, view) {
  if (metric$key == "visitors" && is.na(metric$value)) tags$span(class = "muted", view$say("kpi.not_kept"))
}

#' For tests and scripts: the number without its clothes.
plain_number <- function(x) if (is.finite(x)) format(x, digits = 12, scientific = FALSE, trim = TRUE) else ""

change_mark <- function(metric, view) {
  if (is.null(metric$change) || !is.finite(metric$change)) return(NULL)
  arrow <- if (metric$change > 0.0005) "\u2191" else if (metric$change < -0.0005) "\u2193" else ""
  text <- if (metric$unit == "share") {
    paste(format_share(abs(metric$change), view$language), view$say("kpi.points"))
  } else {
    format_share(abs(metric$change), view$language)
  }
  said <- view$say(if (arrow == "\u2193") "kpi.down" else if (arrow == "\u2191") "kpi.up" else "kpi.same")
  before <- format_value(metric$before, metric$unit, view$language)
  tags$span(
    class = "change", `data-tone` = metric$tone, title = view$say("kpi.before", value = before),
    tags$span(`aria-hidden` = "true", paste0(arrow, if (nzchar(arrow)) " ", text)),
    tags$span(class = "unseen", paste(said, text))
  )
}

#' A line without axes, 100 by 24.
spark <- function(values) {
  values <- as.numeric(values)
  if (length(values) < 2 || all(!is.finite(values))) return(NULL)
  values[!is.finite(values)] <- 0
  top <- max(values, 1e-9)
  x <- round(100 * (seq_along(values) - 1) / (length(values) - 1), 1)
  y <- round(22 - 20 * values / top, 1)
  line <- paste0(ifelse(seq_along(x) == 1, "M", "L"), x, " ", y, collapse = "")
  tags$svg(
    class = "spark", viewBox = "0 0 100 24", preserveAspectRatio = "none", `aria-hidden` = "true",
    tag("path", list(class = "under", d = paste0(line, "L100 24L0 24Z"))), tag("path", list(d = line))
  )
}
