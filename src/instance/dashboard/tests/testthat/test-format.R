test_that("counts, shares and money carry the language's marks", {
  expect_equal(format_count(c(0, 999, 1234567), "en"), c("0", "999", "1,234,567"))
  expect_equal(format_count(1234567, "vi"), "1.234.567")
  expect_equal(format_short(c(999999, 12345678), "en"), c("999,999", "12.35M"))
  expect_equal(format_short(12345678, "vi"), "12,35 Tr")
  expect_equal(format_share(c(0, 0.1234, 1), "en"), c("0.0%", "12.3%", "100.0%"))
  expect_equal(format_share(0.1234, "vi"), "12,3%")
  expect_equal(format_money(c(34.9, 490000, 1200.5), "en"), c("34.90", "490,000", "1,200"))
})

test_that("what is not known is a dash, never NaN", {
  expect_equal(format_count(NA), DASH)
  expect_equal(format_share(c(NaN, Inf)), c(DASH, DASH))
  expect_equal(format_duration(NA), DASH)
  expect_equal(format_money(NA), DASH)
})

test_that("durations are read at a glance", {
  expect_equal(format_duration(c(0, 59.4, 60, 118, 3600, 7509)), c("0s", "59s", "1m 00s", "1m 58s", "1h 00m", "2h 05m"))
})

test_that("days say their year once", {
  day <- function(text) as.Date(text)
  expect_equal(format_days(day("2026-11-15"), day("2026-11-21")), "15 \u2013 21 Nov 2026")
  expect_equal(format_days(day("2026-10-30"), day("2026-11-02")), "30 Oct \u2013 2 Nov 2026")
  expect_equal(format_days(day("2025-12-30"), day("2026-01-02")), "30 Dec 2025 \u2013 2 Jan 2026")
  expect_equal(format_days(day("2026-11-21"), day("2026-11-21")), "21 Nov 2026")
  expect_equal(format_days(day("2025-12-30"), day("2026-01-02"), "vi"), "30/12/2025 \u2013 02/01/2026")
})

test_that("an instant is shown in the shop's time zone", {
  at <- as.POSIXct("2026-11-23 22:56:00", tz = "UTC")
  expect_equal(format_moment(at, "Asia/Ho_Chi_Minh"), "24 Nov 05:56")
  expect_equal(format_moment(at, "UTC"), "23 Nov 22:56")
})

test_that("a moment long ago has its year", {
  at <- as.POSIXct("2019-12-31 23:59:00", tz = "UTC")
  expect_equal(format_moment(at, "UTC"), "31 Dec 23:59")
  expect_equal(format_moment(at, "UTC", now = as.POSIXct("2026-11-24", tz = "UTC")), "31 Dec 2019 23:59")
  expect_equal(format_moments(at, at + 120, "UTC"), "31 Dec 23:59 \u2013 1 Jan 00:01")
})

test_that("days of several years say theirs", {
  days <- as.Date(c("2025-12-31", "2026-01-01"))
  expect_equal(format_each_day(days), c("31 Dec 2025", "1 Jan 2026"))
  expect_equal(format_each_day(days[[2]]), "1 Jan")
  expect_equal(format_weekday(days), c("Wed 31 Dec 2025", "Thu 1 Jan 2026"))
  expect_equal(format_each_day(days, "vi"), c("31/12/2025", "01/01/2026"))
})

test_that("durations name their units in both languages", {
  expect_equal(format_duration(c(7320, 90), "vi"), c("2 gi\u1edd 02 ph", "1 ph 30 gi"))
})
