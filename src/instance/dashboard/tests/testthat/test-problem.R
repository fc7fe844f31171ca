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

test_that("a table in use and a lost TLS connection are no fault of the question", {
  expect_equal(classify_database_error("ERROR:  canceling statement due to lock timeout"), "busy")
  for (text in c(
    "SSL SYSCALL error: EOF detected", "SSL connection has been closed unexpectedly",
    "could not receive data from server: Connection reset by peer", "could not translate host name \"x\" to address"
  )) expect_equal(classify_database_error(text), "not_reachable", label = text)
})

test_that("a connection that cannot be prepared is closed", {
  closed <- 0
  refuse <- function(connection, sql) if (grepl("jit", sql)) stop("unrecognized parameter")
  expect_error(prepare_connection("c", refuse, function(connection) closed <<- closed + 1), "unrecognized")
  expect_equal(closed, 1)
  expect_equal(prepare_connection("c", function(...) 0, function(connection) closed <<- closed + 1), "c")
  expect_equal(closed, 1)
})

test_that("the command that helps is one of the place where the platform runs", {
  expect_match(as.character(problem_message(en, "not_reachable")), "<code>sbw status</code>", fixed = TRUE)
  local <- make_view(texts, "vi", "local")
  expect_match(as.character(problem_message(local, "not_reachable")), "<code>sbw local status</code>", fixed = TRUE)
  expect_null(problem_command("too_slow", en))
})

test_that("no secret is logged", {
  expect_no_match(without_secrets("on dbname \"postgres://u:secret@h/db\""), "secret")
  expect_no_match(without_secrets("password=secret host=x"), "secret")
})

test_that("a failing card shows a message and never the detail", {
  quiet <- function(text) NULL
  html <- as.character(drawn_or_message(function() problem("too_slow", "secret detail"), en, log = quiet))
  expect_match(html, "That took too long", fixed = TRUE)
  expect_no_match(html, "role=\"alert\"", fixed = TRUE)
  expect_no_match(html, "secret detail", fixed = TRUE)
  bug <- as.character(drawn_or_message(function() stop("boom"), en, log = quiet))
  expect_match(bug, "This card has a fault", fixed = TRUE)
  expect_no_match(bug, "boom", fixed = TRUE)
})
