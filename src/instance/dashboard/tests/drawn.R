# What tabs draw, looked into: for all tests of modules.

html_of <- function(output) as.character(output$html)

chart_in <- function(output) {
  chart <- xml2::xml_find_first(xml2::read_html(html_of(output)), "//sbw-chart")
  jsonlite::fromJSON(xml2::xml_attr(chart, "data"))
}

#' The outputs that a tab's page has a place for.
outputs_of <- function(tab) {
  html <- as.character(tab$ui(tab$name, en$say))
  outputs <- regmatches(html, gregexpr("id=\"[a-z_-]+\" class=\"shiny-html-output", html))[[1]]
  sub(paste0("id=\"", tab$name, "-([a-z_]+)\".*"), "\\1", outputs)
}

funnel_rows <- data.frame(
  step = 1:5, name = c("visit", "product", "cart", "checkout", "done"), sessions = c(1000, 600, 200, 90, 60),
  median_seconds = c(NA, 40, 60, 90, 30)
)

kpi_rows <- function(visitors = 700, sessions = 1000) {
  data.frame(
    visitors = visitors, new_visitors = 100, sessions = sessions, page_views = 4000, events = 9000, carts = 200,
    checkouts = 90, conversions = 60, bounced = 300, duration_seconds = 120000
  )
}
