# The questions the dashboard asks, and their answers until new data is loaded. The SQL lies in sql/, one file a
# question; docs/rollups.md says what each takes and gives.

MAX_ANSWERS <- 400L

#' @param folder with <tab>/*.sql
#' @return list: "overview/kpis" -> list(sql, filters), filters being those that the question honours
read_queries <- function(folder) {
  files <- list.files(folder, pattern = "\\.sql$", recursive = TRUE)
  queries <- lapply(file.path(folder, files), function(file) {
    lines <- readLines(file, encoding = "UTF-8", warn = FALSE)
    filters <- sub("^-- filters: *", "", grep("^-- filters:", lines, value = TRUE))
    # The driver counts the $n of comments too.
    sql <- paste(lines[!startsWith(lines, "--")], collapse = "\n")
    list(sql = sql, filters = trimws(strsplit(paste(filters, collapse = ","), "[,(]")[[1]]))
  })
  stats::setNames(queries, sub("\\.sql$", "", files))
}

#' All sessions of the process share one.
#'
#' @param database from open_database()
#' @param queries from read_queries()
#' @return list(
#'   check = function(): asks which data there is; returns the status, or throws sbw_problem;
#'   status = function(): the last one, or NULL;
#'   ask = function(name, params): rows of a question; kept until check() sees other data;
#'   ask_anew = function(name, params): rows of a question whose answer changes without other data; never kept;
#'   take_misses = function(): whether a question failed, since this was last asked, for want of an answer that may come
#'     by itself;
#'   honours = function(name, filter): whether the question heeds a filter)
open_warehouse <- function(database, queries) {
  memory <- new.env(parent = emptyenv())
  memory$status <- NULL
  memory$answers <- list()
  memory$is_down <- FALSE
  memory$has_missed <- FALSE

  query <- function(name) {
    if (!name %in% names(queries)) problem("query_failed", sprintf("no question '%s' in sql/", name))
    queries[[name]]
  }
  read <- function(sql, params = character()) {
    tryCatch(database$read(sql, params), error = function(e) {
      memory$is_down <- problem_code(e) == "not_reachable"
      if (problem_code(e) %in% c("not_reachable", "busy")) memory$has_missed <- TRUE
      stop(e)
    })
  }
  check <- function() {
    status <- as_status(read(query("shared/version")$sql))
    memory$is_down <- FALSE
    if (!identical(status$version, memory$status$version)) memory$answers <- list()
    memory$status <- status
    status
  }
  ask_anew <- function(name, params = character()) {
    sql <- query(name)$sql
    # Each try may wait for seconds, and R does one thing at a time: the next look finds out whether it is back.
    if (memory$is_down) {
      memory$has_missed <- TRUE
      problem("not_reachable", "at the last try")
    }
    read(sql, params)
  }
  take_misses <- function() {
    had_missed <- memory$has_missed
    memory$has_missed <- FALSE
    had_missed
  }
  ask <- function(name, params = character()) {
    key <- paste(c(name, params), collapse = "\x1f")
    known <- memory$answers[[key]]
    if (!is.null(known)) return(known)
    rows <- ask_anew(name, params)
    if (length(memory$answers) >= MAX_ANSWERS) memory$answers <- utils::tail(memory$answers, MAX_ANSWERS / 2)
    memory$answers[[key]] <- rows
    rows
  }
  list(
    check = check, ask = ask, ask_anew = ask_anew, take_misses = take_misses, status = function() memory$status,
    honours = function(name, filter) filter %in% query(name)$filters
  )
}

#' The one row of shared/version, as the page uses it.
#' @return list(version, first, last (Date; NA: no data), up_to, loaded_at, now (POSIXct), zone, currency,
#'   behind (loaded hours that are not in the numbers yet))
as_status <- function(row) {
  list(
    version = format(row$version, digits = 20), first = as.Date(row$data_from), last = as.Date(row$data_to),
    up_to = row$data_up_to, loaded_at = row$loaded_at, now = row$checked_now, zone = row$time_zone,
    currency = row$currency, behind = as.numeric(row$hours_behind)
  )
}
