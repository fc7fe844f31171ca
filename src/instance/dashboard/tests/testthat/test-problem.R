test_that("the driver's messages are told apart", {
  expect_equal(classify_database_error("ERROR: canceling statement due to statement timeout"), "too_slow")
  expect_equal(classify_database_error("could not connect me@127.0.0.1:1 on dbname \"x\""), "not_reachable")
  expect_equal(classify_database_error("server closed the connection unexpectedly"), "not_reachable")
  expect_equal(classify_database_error("ERROR:  relation \"dash.days\" does not exist"), "no_rollups")
  expect_equal(classify_database_error("FATAL:  database \"x\" does not exist"), "no_database")
  expect_equal(classify_database_error("ERROR:  permission denied for table days"), "not_allowed")
  expect_equal(classify_database_error("FATAL:  role \"x\" does not exist"), "not_allowed")
  expect_equal(classify_database_error("ERROR: division by zero"), "query_failed")
})

test_that("no secret is logged", {
  expect_no_match(without_secrets("on dbname \"postgres://u:secret@h/db\""), "secret")
  expect_no_match(without_secrets("password=secret host=x"), "secret")
})

test_that("a failing card shows a message and never the detail", {
  quiet <- function(text) NULL
  html <- as.character(drawn_or_message(function() problem("too_slow", "secret detail"), en$say, log = quiet))
  expect_match(html, "That took too long", fixed = TRUE)
  expect_no_match(html, "secret detail", fixed = TRUE)
  bug <- as.character(drawn_or_message(function() stop("boom"), en$say, log = quiet))
  expect_match(bug, "This card has a fault", fixed = TRUE)
  expect_no_match(bug, "boom", fixed = TRUE)
})
