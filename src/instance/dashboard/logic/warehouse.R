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
#'   honours = function(name, filter): whether the question heeds a filter)
open_warehouse <- function(database, queries) {
  memory <- new.env(parent = emptyenv())
  memory$status <- NULL
  memory$answers <- list()

  query <- function(name) {
    if (!name %in% names(queries)) problem("query_failed", sprintf("no question '%s' in sql/", name))
    queries[[name]]
  }
  check <- function() {
    status <- as_status(database$read(query("shared/version")$sql))
    if (!identical(status$version, memory$status$version)) memory$answers <- list()
    memory$status <- status
    status
  }
  ask <- function(name, params = character()) {
    key <- paste(c(name, params), collapse = "\x1f")
    known <- memory$answers[[key]]
    if (!is.null(known)) return(known)
    rows <- database$read(query(name)$sql, params)
    if (length(memory$answers) >= MAX_ANSWERS) memory$answers <- utils::tail(memory$answers, MAX_ANSWERS / 2)
    memory$answers[[key]] <- rows
    rows
  }
  list(
    check = check, ask = ask, status = function() memory$status,
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
