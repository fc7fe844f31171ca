# What can go wrong, as a condition with a code. The page says what to do for each code, in its own language; what the
# driver said goes to the log only, since it may name users, hosts and values.

#' Throws a condition of class sbw_problem.
#' @param code one of the keys problem.<code>.title in the language files
#' @param detail for the log
problem <- function(code, detail = "") {
  stop(structure(
    class = c("sbw_problem", "error", "condition"),
    list(message = paste0(code, if (nzchar(detail)) ": ", detail), call = NULL, code = code)
  ))
}

#' The code of any condition; what is not ours is a bug.
problem_code <- function(condition) {
  if (inherits(condition, "sbw_problem")) condition$code else "bug"
}

#' Which problem a message of PostgreSQL or libpq means.
#' @return a code
classify_database_error <- function(text) {
  patterns <- c(
    busy = "lock timeout|deadlock detected|could not serialize|conflict with recovery",
    too_slow = "statement timeout|canceling statement",
    no_rollups = "(relation|schema|function|column) .*does not exist",
    not_allowed = "permission denied|password authentication|no pg_hba|[Pp]eer authentication|role .* does not exist",
    no_database = "database .* does not exist",
    not_reachable = paste0(
      "could not (connect|receive|send|translate)|connection to server|[Cc]onnection .*(refused|closed|lost|reset)|",
      "server closed|terminat|EOF detected|expired|no connection|not open|[Bb]roken pipe|starting up|shutting down|",
      "too many (clients|connections)"
    )
  )
  for (code in names(patterns)) if (grepl(patterns[[code]], text, perl = TRUE)) return(code)
  "query_failed"
}
