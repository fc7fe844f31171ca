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

test_that("a day has a year that every program knows, a name may be as long as the warehouse's", {
  days <- function(from) read_state(list(range = "custom", from = from, to = "2026-01-01"))$range
  expect_equal(days("2025-12-01"), "custom")
  for (from in c("0001-01-01", "1899-12-31", "2101-01-01", "9999-12-31")) expect_equal(days(from), "7", label = from)
  expect_equal(nchar(read_state(list(by = "brand", value = strrep("\u00e9", 600)))$value), 512)
})

test_that("the browser knows the same choices, in the same order", {
  script <- paste(readLines(file.path(folder, "browser", "script", "state.js")), collapse = "\n")
  for (name in names(CHOICES)) {
    found <- regmatches(script, regexec(sprintf("\n  %s: \\[([^]]*)\\]", name), script))[[1]][[2]]
    expect_equal(gsub("^'|'$", "", strsplit(found, ",\\s*")[[1]]), CHOICES[[name]], label = name)
  }
  expect_match(script, sprintf("value: %d, find: %d", MAX_VALUE_CHARS, MAX_FIND_CHARS), fixed = TRUE)
})
