bounds <- list(first = as.Date("2026-08-01"), last = as.Date("2026-11-23"))
period_for <- function(...) resolve_period(read_state(list(...)), bounds)

test_that("ranges of days end before the newest day, which is hardly ever over", {
  period <- period_for(range = "7")
  expect_equal(period$from, as.Date("2026-11-16"))
  expect_equal(period$to, as.Date("2026-11-22"))
  expect_equal(period$days, 7L)
  expect_false(period$partial)
})

test_that("the days before are as many and touch", {
  for (range in c("today", "7", "30", "90")) {
    period <- period_for(range = range)
    expect_equal(period$previous$to, period$from - 1L)
    expect_equal(as.integer(period$previous$to - period$previous$from) + 1L, period$days)
  }
})

test_that("today is the newest day with data and not over", {
  period <- period_for(range = "today")
  expect_equal(period$from, bounds$last)
  expect_equal(period$to, bounds$last)
  expect_true(period$partial)
})

test_that("custom days may be given in any order and have a limit", {
  period <- period_for(range = "custom", from = "2026-11-10", to = "2026-11-01")
  expect_equal(c(period$from, period$to), as.Date(c("2026-11-01", "2026-11-10")))
  long <- period_for(range = "custom", from = "1900-01-01", to = "2026-11-01")
  expect_equal(long$days, MAX_DAYS)
  expect_equal(long$to, as.Date("2026-11-01"))
})

test_that("a warehouse with one day of data shows that day", {
  only <- list(first = bounds$last, last = bounds$last)
  period <- resolve_period(read_state(list(range = "7")), only)
  expect_equal(period$to, bounds$last)
  expect_equal(counted_days(period), bounds$last)
  expect_equal(period$uncompared, "data_begins")
})

test_that("days to come are not shown, and days of another time stay as they are", {
  period <- period_for(range = "custom", from = "2026-11-20", to = "2026-12-24")
  expect_equal(c(period$from, period$to), as.Date(c("2026-11-20", "2026-11-23")))
  later <- period_for(range = "custom", from = "2031-01-01", to = "2031-01-07")
  expect_equal(later$to, as.Date("2031-01-07"))
  expect_false(later$partial)
  expect_length(counted_days(later), 0)
  expect_length(counted_days(period_for(range = "custom", from = "2026-07-25", to = "2026-08-03")), 3)
})

test_that("only what is whole on both sides is compared", {
  why <- function(...) period_for(...)$uncompared
  expect_null(why(range = "7"))
  expect_null(why(range = "today"))
  expect_equal(why(range = "custom", from = "2026-08-05", to = "2026-08-09"), "data_begins")
  expect_null(why(range = "custom", from = "2026-08-05", to = "2026-08-08"))
  expect_equal(why(range = "custom", from = "2026-11-20", to = "2026-11-23"), "day_not_over")
  expect_equal(why(range = "today", by = "brand", value = "HP"), "item_hours")
  expect_null(why(range = "7", by = "brand", value = "HP"))
  expect_equal(why(range = "custom", from = "2031-01-01", to = "2031-01-07"), "no_data")
})
