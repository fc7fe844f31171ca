# What the environment says. Where the database is, libpq reads itself: PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSFILE.

#' All settings of the process, checked once at the start.
#'
#' @param env named character vector, as from Sys.getenv()
#' @return list(port, stale_minutes, poll_seconds, title, platform)
#' @throws a plain error that names the variable and what it may be
read_settings <- function(env = Sys.getenv()) {
  title <- setting(env, "SBW_DASHBOARD_TITLE")
  list(
    port = whole_number(env, "SBW_DASHBOARD_PORT", 3838L, 1L, 65535L),
    stale_minutes = whole_number(env, "SBW_DASHBOARD_STALE_MINUTES", 120L, 1L, 100000L),
    poll_seconds = whole_number(env, "SBW_DASHBOARD_POLL_SECONDS", 15L, 1L, 3600L),
    title = if (nzchar(title)) title else "SBW Clickstream",
    platform = one_of(env, "SBW_DASHBOARD_PLATFORM", c("aws", "local"))
  )
}

setting <- function(env, name) {
  if (name %in% names(env)) env[[name]] else ""
}

#' @param values the first is the default
one_of <- function(env, name, values) {
  text <- setting(env, name)
  if (!nzchar(text)) return(values[[1]])
  if (!text %in% values) {
    stop(sprintf("%s is '%s': give one of %s", name, text, paste(values, collapse = ", ")), call. = FALSE)
  }
  text
}

whole_number <- function(env, name, default, from, to) {
  text <- setting(env, name)
  if (!nzchar(text)) return(default)
  number <- suppressWarnings(as.numeric(text))
  if (!grepl("^[0-9]+$", text) || number < from || number > to) {
    stop(sprintf("%s is '%s': give a whole number from %d to %d", name, text, from, to), call. = FALSE)
  }
  as.integer(number)
}
