# One libpq connection a process: R is one thread, and every query is short.

#' The warehouse, opened when first asked and again after it was lost.
#'
#' RPostgreSQL sends NA as the string "NA": that is an error here.
#'
#' @param connect function() returning a DBI connection; by default libpq's environment says where
#' @return list(read = function(sql, params), close = function()); read throws sbw_problem
open_database <- function(connect = connect_by_environment) {
  state <- new.env(parent = emptyenv())
  state$connection <- NULL

  close <- function() {
    if (!is.null(state$connection)) try(DBI::dbDisconnect(state$connection), silent = TRUE)
    state$connection <- NULL
  }
  attempt <- function(sql, params) {
    tryCatch({
      if (is.null(state$connection)) state$connection <- connect()
      read_rows(state$connection, sql, params)
    }, error = function(e) e)
  }
  read <- function(sql, params = character()) {
    params <- as.character(params)
    if (anyNA(params)) stop("a parameter is NA")
    was_open <- !is.null(state$connection)
    rows <- attempt(sql, params)
    if (!inherits(rows, "error")) return(rows)
    code <- classify_database_error(conditionMessage(rows))
    # A connection that died while nobody looked (a restarted server) is opened again, once.
    if (code == "not_reachable") close()
    if (code == "not_reachable" && was_open) {
      rows <- attempt(sql, params)
      if (!inherits(rows, "error")) return(rows)
      code <- classify_database_error(conditionMessage(rows))
      if (code == "not_reachable") close()
    }
    problem(code, without_secrets(conditionMessage(rows)))
  }
  list(read = read, close = close)
}

connect_by_environment <- function() {
  Sys.setenv(PGAPPNAME = "sbw_dashboard", PGCONNECT_TIMEOUT = "5")
  prepare_connection(DBI::dbConnect(RPostgreSQL::PostgreSQL()))
}

#' A connection that cannot be prepared is closed again: the server counts those that are open.
prepare_connection <- function(connection, execute = DBI::dbExecute, disconnect = DBI::dbDisconnect) {
  is_ready <- FALSE
  on.exit(if (!is_ready) try(disconnect(connection), silent = TRUE))
  # Defence in depth: the role is read-only too. The driver decodes timestamps in the session's zone.
  for (sql in c(
    "SET default_transaction_read_only = on", "SET statement_timeout = '5s'", "SET TimeZone = 'UTC'",
    "SET client_encoding = 'UTF8'", "SET jit = off"
  )) execute(connection, sql)
  is_ready <- TRUE
  connection
}

#' Not by dbGetQuery(): there RPostgreSQL prints PostgreSQL's message and raises one of its own, which repeats the SQL.
read_rows <- function(connection, sql, params) {
  result <- if (length(params) > 0) DBI::dbSendQuery(connection, sql, params) else DBI::dbSendQuery(connection, sql)
  on.exit(DBI::dbClearResult(result))
  rows <- DBI::fetch(result, n = -1)
  for (name in names(rows)) if (is.character(rows[[name]])) Encoding(rows[[name]]) <- "UTF-8"
  rows
}

#' A driver's message may repeat a connection string.
without_secrets <- function(text) {
  text <- gsub("postgres(ql)?://[^ \"']*", "postgres://...", text)
  gsub("password *= *[^ \"']*", "password=...", text)
}
