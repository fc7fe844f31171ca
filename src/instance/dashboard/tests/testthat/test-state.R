test_that("nothing gives the defaults", {
  state <- read_state(NULL)
  expect_equal(state$range, "7")
  expect_equal(state$tab, "overview")
  expect_equal(state$metric, "visitors")
  expect_null(state$from)
  expect_identical(read_state(list()), state)
})

test_that("a valid choice is kept", {
  state <- read_state(list(range = "custom", from = "2026-01-05", to = "2026-01-02", by = "brand", value = "Sony"))
  expect_equal(state$range, "custom")
  expect_equal(state$from, as.Date("2026-01-05"))
  expect_equal(state$by, "brand")
  expect_equal(state$value, "Sony")
})

test_that("whatever a browser sends, the state is one that we know", {
  hostile <- list(
    NULL, list(), 7, NA, TRUE, "", "'; DROP TABLE dash.days; --", "<script>alert(1)</script>", c("a", "b"), list(a = 1),
    "\xff\xfe", strrep("x", 1e5), "2026-02-31", "0000-00-00", "99999-01-01", NaN
  )
  for (value in hostile) {
    keys <- c(names(CHOICES), "from", "to", "value")
    raw <- stats::setNames(rep(list(value), length(keys)), keys)
    state <- read_state(raw)
    for (key in names(CHOICES)) expect_true(state[[key]] %in% CHOICES[[key]], label = key)
    expect_true(is.null(state$from) || inherits(state$from, "Date"))
    expect_lte(nchar(state$value), MAX_VALUE_CHARS)
  }
})

test_that("a filter needs both its kind and its value", {
  expect_equal(read_state(list(by = "brand", value = ""))$by, "")
  expect_equal(read_state(list(by = "", value = "Sony"))$value, "")
})

test_that("custom days without days fall back", {
  expect_equal(read_state(list(range = "custom", from = "2026-01-01"))$range, "7")
})
