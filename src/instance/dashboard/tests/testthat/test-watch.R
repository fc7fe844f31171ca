settings <- list(poll_seconds = 15, stale_minutes = 120)

# A warehouse of which only the status is asked; `status` may be replaced by a test, or be an error.
watched <- function() {
  seen <- new.env()
  seen$status <- fake_status()
  seen$last <- NULL
  seen$checks <- 0
  seen$check <- function() {
    seen$checks <- seen$checks + 1
    if (inherits(seen$status, "error")) stop(seen$status)
    seen$last <- seen$status
    seen$status
  }
  list(seen = seen, warehouse = list(check = seen$check, status = function() seen$last))
}

test_that("nothing changes while the data does not, and many pages look once", {
  of <- watched()
  clock <- 0
  watch <- open_watch(of$warehouse, settings, now = function() clock)
  for (page in 1:5) watch$look()
  expect_equal(of$seen$checks, 1)
  before <- shiny::isolate(watch$source())
  clock <- 20
  watch$look()
  expect_equal(of$seen$checks, 2)
  expect_equal(shiny::isolate(watch$source()), before)
  of$seen$status <- fake_status(version = "2")
  clock <- 40
  watch$look()
  expect_gt(shiny::isolate(watch$source()), before)
})

test_that("an outage is told, and its end draws everything anew", {
  of <- watched()
  clock <- 0
  watch <- open_watch(of$warehouse, settings, now = function() clock)
  watch$look()
  before <- shiny::isolate(watch$source())
  of$seen$status <- tryCatch(problem("not_reachable"), error = identity)
  clock <- 20
  suppressMessages(watch$look())
  expect_equal(shiny::isolate(watch$trouble()), "not_reachable")
  of$seen$status <- fake_status()
  clock <- 40
  watch$look()
  expect_null(shiny::isolate(watch$trouble()))
  expect_gt(shiny::isolate(watch$source()), before)
})

test_that("data grows old without any new version", {
  fresh <- lag_of(fake_status(), 120)
  expect_false(fresh$is_old)
  later <- fake_status(now = as.POSIXct("2026-11-23 13:05:00", tz = "UTC"), behind = 3)
  expect_equal(lag_of(later, 120), list(is_old = TRUE, behind = 3))
  expect_false(lag_of(fake_status(up_to = as.POSIXct(NA)), 120)$is_old)
})

test_that("the notice says what lags, and nothing when nothing does", {
  status <- fake_status()
  expect_null(stale_notice(status, list(is_old = FALSE, behind = 0), en))
  expect_match(as.character(stale_notice(status, list(is_old = TRUE, behind = 0), en)), "sbw status", fixed = TRUE)
  expect_match(as.character(stale_notice(status, list(is_old = TRUE, behind = 7), en)), "numbers yet: 7.", fixed = TRUE)
})
