hostile <- c(
  "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "&lt;b&gt;", "</td></tr>",
  "javascript:alert(1)", "\u202Egnp.exe", "<svg/onload=alert(1)>", "{n}", "\\", "  ", ""
)

#' True when no hostile text became an element or an attribute.
is_inert <- function(html) {
  document <- xml2::read_html(paste0("<html><body>", html, "</body></html>"))
  elements <- xml2::xml_name(xml2::xml_find_all(document, "//*"))
  attributes <- unlist(lapply(xml2::xml_find_all(document, "//*"), function(node) names(xml2::xml_attrs(node))))
  !any(c("script", "img") %in% elements) && !any(grepl("^on", attributes))
}

test_that("names from browsers are only ever text: tables, bars, charts, chips, messages", {
  for (name in hostile) {
    rows <- data.frame(product_id = name, name = name, key = name, label = name, value = 3, n = 3)
    cards <- list(
      rows_table(
        rows, list(column("name", "Name"), column("n", "N", "bar")), en, "caption",
        first = filter_names("product", rows$product_id, rows$name, en)
      ),
      rows_table(rows, list(column("name", "Name")), en, "caption"), bar_list(rows, en, by = "category"),
      chart("columns", list(labels = I(name), titles = I(name), series = list(series(name, 1))), label = name),
      filter_chip(list(by = "product", value = name), name, en)
    )
    for (card in cards) expect_true(is_inert(as.character(card)), label = name)
  }
})

test_that("what a chart is given is JSON that keeps the text", {
  html <- as.character(chart("line", list(titles = I(hostile)), label = "x"))
  node <- xml2::xml_find_first(xml2::read_html(html), "//sbw-chart")
  given <- jsonlite::fromJSON(xml2::xml_attr(node, "data"))
  expect_equal(given$titles, hostile)
  expect_equal(given$type, "line")
})

test_that("a value without a name says so and cannot be clicked", {
  html <- as.character(bar_list(data.frame(key = "", label = "", value = 1), en, by = "category"))
  expect_match(html, "(no name)", fixed = TRUE)
  expect_no_match(html, "<button", fixed = TRUE)
})

test_that("the funnel says what is lost between its steps", {
  steps <- data.frame(sessions = c(1000, 500, 100, 50, 40), median_seconds = c(NA, 30, 90, 60, 20))
  html <- as.character(funnel(steps, en))
  expect_match(html, "data-step=\"cart\" data-value=\"100\"", fixed = TRUE)
  expect_match(html, "\u221280.0%", fixed = TRUE)
  expect_match(html, "1m 30s", fixed = TRUE)
  expect_equal(worst_step(steps), 2L)
  expect_true(is.na(worst_step(data.frame(sessions = rep(0, 5)))))
})

test_that("a cohort's share is of its first week", {
  rows <- data.frame(
    week = as.Date(c("2026-11-02", "2026-11-02", "2026-11-09")), week_offset = c(0, 1, 0), visitors = c(200, 30, 90)
  )
  html <- as.character(cohort_table(rows, as.Date("2026-11-20"), en, "caption"))
  expect_match(html, "15%", fixed = TRUE)
  expect_match(html, "title=\"30\"", fixed = TRUE)
  expect_no_match(html, "not over", fixed = TRUE)
  open <- as.character(cohort_table(rows, as.Date("2026-11-15"), en, "caption"))
  expect_match(open, "title=\"30 so far; this week is not over\"", fixed = TRUE)
})

test_that("a step says how its share changed", {
  now <- data.frame(sessions = c(1000, 500, 100, 50, 40), median_seconds = NA_real_)
  html <- as.character(funnel(now, en, large = TRUE, before = transform(now, sessions = c(500, 200, 50, 25, 20))))
  expect_match(html, "\u2191 10.0% pts", fixed = TRUE)
  expect_no_match(as.character(funnel(now, en)), "pts", fixed = TRUE)
})

test_that("a product without a name goes by its id", {
  expect_equal(name_or_id(c("Mouse", "", NA, " "), c("1", "2", "3", "4")), c("Mouse", "2", "3", "4"))
})

test_that("a sparkline of one day or of nothing is left out", {
  expect_null(spark(5))
  expect_null(spark(c(NA, NA)))
  expect_match(as.character(spark(c(1, NA, 3))), "<path", fixed = TRUE)
})

#' Contrast of two colours, each c(r, g, b) from 0 to 255, after WCAG 2.
contrast <- function(one, other) {
  light <- function(colour) {
    part <- colour / 255
    sum(c(0.2126, 0.7152, 0.0722) * ifelse(part <= 0.03928, part / 12.92, ((part + 0.055) / 1.055)^2.4))
  }
  both <- sort(c(light(one), light(other)))
  (both[[2]] + 0.05) / (both[[1]] + 0.05)
}

test_that("a cohort's share can be read on its colour, in light and dark", {
  css <- paste(readLines(file.path(folder, "browser", "styles", "base.css")), collapse = "\n")
  themes <- regmatches(css, gregexpr(":root[^{]*\\{[^}]*\\}", css))[[1]]
  expect_length(themes, 2)
  for (theme in themes) {
    colour <- function(name) {
      as.numeric(grDevices::col2rgb(sub(sprintf(".*--%s: (#[0-9a-f]{6});.*", name), "\\1", theme)))
    }
    for (depth in seq(0, MAX_DEPTH, by = 0.05)) {
      back <- depth * colour("accent") + (1 - depth) * colour("card")
      expect_gte(contrast(colour("ink"), back), 4.5)
    }
    expect_gte(contrast(colour("ink-3"), colour("card")), 4.5)
  }
  rows <- data.frame(week = as.Date("2026-11-02"), week_offset = 0:1, visitors = c(10, 10))
  html <- as.character(cohort_table(rows, as.Date("2026-12-20"), en, "caption"))
  expect_match(html, sprintf("--w:%.3f", MAX_DEPTH), fixed = TRUE)
})
