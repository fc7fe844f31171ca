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
  seen$has_missed <- FALSE
  take_misses <- function() {
    had_missed <- seen$has_missed
    seen$has_missed <- FALSE
    had_missed
  }
  list(seen = seen, warehouse = list(check = seen$check, status = function() seen$last, take_misses = take_misses))
}

test_that("nothing changes while the data does not, and many pages look once", {
  of <- watched()
  clock <- 0
  watch <- open_watch(of$warehouse, settings, now = function() clock)
  for (page in 1:5) watch$look()
  expect_equal(of$seen$checks, 1)
  before <- shiny::isolate(watch$changes())
  clock <- 20
  watch$look()
  expect_equal(of$seen$checks, 2)
  expect_equal(shiny::isolate(watch$changes()), before)
  of$seen$status <- fake_status(version = "2")
  clock <- 40
  watch$look()
  expect_gt(shiny::isolate(watch$changes()), before)
})

test_that("an outage is told, and its end draws everything anew", {
  of <- watched()
  clock <- 0
  watch <- open_watch(of$warehouse, settings, now = function() clock)
  watch$look()
  before <- shiny::isolate(watch$changes())
  of$seen$status <- tryCatch(problem("not_reachable"), error = identity)
  clock <- 20
  suppressMessages(watch$look())
  expect_equal(shiny::isolate(watch$trouble()), "not_reachable")
  of$seen$status <- fake_status()
  clock <- 40
  watch$look()
  expect_null(shiny::isolate(watch$trouble()))
  expect_gt(shiny::isolate(watch$changes()), before)
})

test_that("cards that failed between two looks are drawn anew", {
  of <- watched()
  clock <- 0
  watch <- open_watch(of$warehouse, settings, now = function() clock)
  watch$look()
  before <- shiny::isolate(watch$changes())
  of$seen$has_missed <- TRUE
  clock <- 20
  watch$look()
  expect_gt(shiny::isolate(watch$changes()), before)
})

test_that("a clock that was set back does not stop the looking, and whoever asks again gets a look at once", {
  of <- watched()
  clock <- 1e6
  watch <- open_watch(of$warehouse, settings, now = function() clock)
  watch$look()
  clock <- 1000
  watch$look()
  expect_equal(of$seen$checks, 2)
  watch$look()
  expect_equal(of$seen$checks, 2)
  watch$look(anew = TRUE)
  expect_equal(of$seen$checks, 3)
  expect_equal(shiny::isolate(watch$looks()), 3)
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
  old <- list(is_old = TRUE, behind = 0)
  expect_null(stale_notice(status, list(is_old = FALSE, behind = 0), en))
  html <- as.character(stale_notice(status, old, en))
  expect_match(html, "No events since 23 Nov 10:30", fixed = TRUE)
  expect_match(html, "data-age-of=\"2026-11-23T10:30:00Z\"", fixed = TRUE)
  expect_match(html, "<code>sbw status</code>", fixed = TRUE)
  local <- as.character(stale_notice(status, old, make_view(texts, "en", "local")))
  expect_match(local, "<code>sbw local status</code>", fixed = TRUE)
  expect_match(as.character(stale_notice(status, list(is_old = TRUE, behind = 7), en)), "numbers yet: 7.", fixed = TRUE)
})

test_that("a warehouse without events tells nothing loaded, nothing accepted and counting anew apart", {
  none <- list(last = as.Date(NA), loaded_at = as.POSIXct(NA))
  said <- function(...) as.character(nothing_yet(do.call(fake_status, utils::modifyList(none, list(...))), en))
  expect_match(said(), "No events yet.*<code>sbw etl run</code>")
  expect_match(said(loaded_at = Sys.time()), "data-but=\"quality\".*No event was accepted.*sbw data quarantine ls")
  expect_match(said(loaded_at = Sys.time(), behind = 3), "Hours still to come: 3", fixed = TRUE)
})
