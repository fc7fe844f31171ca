test_that("a table becomes RFC 4180 with a byte order mark", {
  text <- to_csv(data.frame(name = c("a,b", "say \"hi\"", NA), n = c(1, 2.5, NA)))
  expect_equal(text, "\uFEFFname,n\r\n\"a,b\",1.0\r\n\"say \"\"hi\"\"\",2.5\r\n,\r\n")
})

test_that("no cell is a formula", {
  names <- c("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "fine")
  lines <- csv_quote(names)
  expect_equal(lines[[1]], "'=1+1")
  expect_false(any(grepl("^\"?[=+@\t\r-]", lines)))
  expect_equal(lines[[7]], "fine")
})

test_that("days and instants are ISO 8601, an empty table has its heading", {
  rows <- data.frame(day = as.Date("2026-11-21"), at = as.POSIXct("2026-11-21 01:02:03", tz = "UTC"))
  expect_equal(to_csv(rows), "\uFEFFday,at\r\n2026-11-21,2026-11-21T01:02:03Z\r\n")
  expect_equal(to_csv(rows[0, ]), "\uFEFFday,at\r\n")
})

test_that("no part of a cell that a spreadsheet may take for a cell is a formula", {
  expect_equal(csv_quote("shoe;=1+1"), "\"shoe;'=1+1\"")
  expect_equal(csv_quote("a\n-1"), "\"a\n'-1\"")
  expect_equal(csv_quote("\n=1"), "\"'\n'=1\"")
  expect_equal(csv_quote("a;b - c"), "\"a;b - c\"")
})
