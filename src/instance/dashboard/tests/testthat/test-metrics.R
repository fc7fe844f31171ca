rows <- function(...) {
  usual <- list(visitors = 10, sessions = 20, page_views = 60, conversions = 2, bounced = 5, duration_seconds = 2400)
  as.data.frame(utils::modifyList(usual, list(...)))
}

test_that("rates are rates of sums", {
  metrics <- metrics_of(rows())
  expect_equal(metrics$conversion, 0.1)
  expect_equal(metrics$bounce, 0.25)
  expect_equal(metrics$duration, 120)
})

test_that("no sessions give no rate, not a fault", {
  metrics <- metrics_of(rows(sessions = 0, conversions = 0, bounced = 0, duration_seconds = 0))
  expect_true(is.na(metrics$conversion))
  expect_equal(headline(metrics, NULL, metrics)[[4]]$tone, "flat")
})

test_that("change is a part for counts and points for shares", {
  expect_equal(change_of(120, 100, "count"), 0.2)
  expect_equal(change_of(0.12, 0.10, "share"), 0.02)
  expect_true(is.na(change_of(5, 0, "count")))
  expect_true(is.na(change_of(5, NA, "count")))
})

test_that("a higher bounce rate is bad news, more visitors are good news", {
  strip <- headline(metrics_of(rows(visitors = 12, bounced = 8)), metrics_of(rows()), metrics_of(rows()))
  tones <- stats::setNames(vapply(strip, function(metric) metric$tone, ""), METRICS)
  expect_equal(tones[["visitors"]], "good")
  expect_equal(tones[["bounce"]], "bad")
  expect_equal(tones[["sessions"]], "flat")
})

test_that("without comparison nothing is said of change", {
  strip <- headline(metrics_of(rows()), NULL, metrics_of(rows()))
  expect_true(all(is.na(vapply(strip, function(metric) metric$change, 0))))
  expect_no_match(as.character(kpi_strip(strip, en)), "class=\"change\"", fixed = TRUE)
})
