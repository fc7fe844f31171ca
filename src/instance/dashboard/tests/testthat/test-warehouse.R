# A database that answers from memory and counts what it is asked.
counting_database <- function(version = function() 1) {
  asked <- character()
  list(
    read = function(sql, params = character()) {
      asked <<- c(asked, paste(c(sql, params), collapse = " "))
      if (grepl("version", sql)) {
        return(data.frame(
          version = version(), data_from = as.Date("2026-08-01"), data_to = as.Date("2026-11-23"),
          data_up_to = Sys.time(), loaded_at = Sys.time(), checked_now = Sys.time(), hours_behind = 0,
          time_zone = "UTC", currency = ""
        ))
      }
      data.frame(n = length(asked))
    },
    asked = function() asked
  )
}
queries <- list(
  "shared/version" = list(sql = "SELECT version", filters = character()),
  "a/b" = list(sql = "SELECT b", filters = c("login", "item"))
)

test_that("an answer is kept until there is other data", {
  version <- 1
  database <- counting_database(function() version)
  warehouse <- open_warehouse(database, queries)
  warehouse$check()
  first <- warehouse$ask("a/b", "x")
  expect_identical(warehouse$ask("a/b", "x"), first)
  expect_false(identical(warehouse$ask("a/b", "y"), first))
  warehouse$check()
  expect_identical(warehouse$ask("a/b", "x"), first)
  version <- 2
  warehouse$check()
  expect_false(identical(warehouse$ask("a/b", "x"), first))
})

test_that("what changes without other data is asked every time", {
  database <- counting_database()
  warehouse <- open_warehouse(database, queries)
  warehouse$ask_anew("a/b")
  warehouse$ask_anew("a/b")
  expect_length(database$asked(), 2)
})

test_that("a warehouse that is known to be down is not tried by every card", {
  is_down <- FALSE
  database <- counting_database()
  read <- database$read
  tries <- 0
  database$read <- function(...) {
    tries <<- tries + 1
    if (is_down) problem("not_reachable")
    read(...)
  }
  code <- function(ask) tryCatch(ask, error = problem_code)
  warehouse <- open_warehouse(database, queries)
  warehouse$check()
  is_down <- TRUE
  expect_equal(code(warehouse$ask("a/b", "x")), "not_reachable")
  expect_equal(code(warehouse$ask("a/b", "y")), "not_reachable")
  expect_equal(tries, 2)
  is_down <- FALSE
  warehouse$check()
  expect_true(warehouse$take_misses())
  expect_false(warehouse$take_misses())
  expect_s3_class(warehouse$ask("a/b", "y"), "data.frame")
})

test_that("what is kept has a limit", {
  database <- counting_database()
  warehouse <- open_warehouse(database, queries)
  for (i in seq_len(MAX_ANSWERS + 1)) warehouse$ask("a/b", as.character(i))
  before <- length(database$asked())
  warehouse$ask("a/b", as.character(MAX_ANSWERS))
  expect_length(database$asked(), before)
  warehouse$ask("a/b", "1")
  expect_length(database$asked(), before + 1)
})

test_that("a question that is not there is a problem, not a crash", {
  error <- tryCatch(open_warehouse(counting_database(), queries)$ask("no/such"), error = identity)
  expect_equal(problem_code(error), "query_failed")
})

test_that("questions are read with the filters that they heed, without their comments", {
  found <- read_queries(file.path(folder, "sql"))
  expect_true(all(c("overview/kpis", "quality/missing-hours") %in% names(found)))
  expect_no_match(found[["overview/kpis"]]$sql, "-- params", fixed = TRUE)
  expect_true("item" %in% found[["overview/kpis"]]$filters)
  expect_false("item" %in% found[["time/heatmap"]]$filters)
})
