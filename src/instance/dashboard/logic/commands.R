# The commands of sbw that help, by the place where the platform runs: on AWS, or on this machine by `sbw local up`.

COMMANDS <- list(
  status = c(aws = "sbw status", local = "sbw local status"),
  load = c(aws = "sbw etl run", local = "sbw etl run"),
  rejected = c(aws = "sbw data quarantine ls", local = "sbw data quarantine ls"),
  rebuild = c(aws = "sbw data rebuild-rollups", local = "sbw data rebuild-rollups"),
  renew = c(aws = "sbw deploy", local = "sbw local up --shiny")
)

#' Problem -> the command that helps; where words must do, there is none.
PROBLEM_COMMANDS <- c(
  not_reachable = "status", no_database = "load", no_rollups = "rebuild", not_allowed = "load", query_failed = "renew"
)

#' @return one command
command_for <- function(purpose, view) COMMANDS[[purpose]][[view$platform]]

#' @param code of a problem
#' @return one command, or NULL
problem_command <- function(code, view) {
  if (code %in% names(PROBLEM_COMMANDS)) command_for(PROBLEM_COMMANDS[[code]], view)
}
