test_that("what is not given has its usual value", {
  expect_equal(read_settings(character()), list(
    port = 3838L, stale_minutes = 120L, poll_seconds = 15L, title = "SBW Clickstream", platform = "aws"
  ))
})

test_that("the platform is one that we know", {
  expect_equal(read_settings(c(SBW_DASHBOARD_PLATFORM = "local"))$platform, "local")
  expect_error(read_settings(c(SBW_DASHBOARD_PLATFORM = "moon")), "SBW_DASHBOARD_PLATFORM is 'moon': give one of aws")
})

test_that("a wrong setting is named with what it may be", {
  for (text in c("0", "65536", "x", "80.5", "-1", "1e9")) {
    expect_error(read_settings(c(SBW_DASHBOARD_PORT = text)), "SBW_DASHBOARD_PORT is .*: give a whole number from 1 to")
  }
  expect_equal(read_settings(c(SBW_DASHBOARD_PORT = "4000"))$port, 4000L)
})
