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
