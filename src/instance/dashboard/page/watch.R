# New data is noticed once for all open pages; while no page is open, nothing is asked.

#' @param warehouse from open_warehouse()
#' @param settings list(poll_seconds: between two looks, stale_minutes: age from which data is old)
#' @param now function() giving seconds
#' @return list(
#'   join = function(session): looks while the session lives; call it in the server function;
#'   look = function(anew): looks, unless somebody just did; anew: all the same;
#'   changes = reactive value: changes when outputs must be drawn anew (other data, or an outage is over);
#'   looks = reactive value: changes with every look that was answered, for what changes without other data;
#'   lag = reactive value: list(is_old, behind), of what the last look saw;
#'   trouble = reactive value: NULL, or the code of the problem that the last look met)
open_watch <- function(warehouse, settings, now = function() as.numeric(Sys.time())) {
  seconds <- settings$poll_seconds
  changes <- shiny::reactiveVal(0)
  looks <- shiny::reactiveVal(0)
  lag <- shiny::reactiveVal(list(is_old = FALSE, behind = 0))
  trouble <- shiny::reactiveVal(NULL)
  looked <- new.env(parent = emptyenv())
  looked$at <- -Inf

  count <- function(value) value(shiny::isolate(value()) + 1)
  look <- function(anew = FALSE) {
    since <- now() - looked$at
    # R has no clock that only goes forward: after it was set back, too, it is time.
    if (!anew && since >= 0 && since < seconds * 0.9) return(invisible())
    looked$at <- now()
    before <- warehouse$status()
    result <- tryCatch(warehouse$check(), error = function(e) {
      message("looking for new data failed: ", conditionMessage(e))
      e
    })
    was_troubled <- !is.null(shiny::isolate(trouble()))
    if (inherits(result, "error")) return(trouble(problem_code(result)))
    trouble(NULL)
    lag(lag_of(result, settings$stale_minutes))
    # A card may have failed in an outage that no look saw.
    had_missed <- warehouse$take_misses()
    if (was_troubled || had_missed || !identical(before$version, result$version)) count(changes)
    count(looks)
  }
  join <- function(session) {
    shiny::observe({
      shiny::invalidateLater(seconds * 1000, session)
      look()
    }, priority = 100, domain = session)
  }
  list(join = join, look = look, changes = changes, looks = looks, lag = lag, trouble = trouble)
}

#' Whether the newest event is old, and how many loaded hours are not in the numbers yet.
lag_of <- function(status, stale_minutes) {
  age <- as.numeric(difftime(status$now, status$up_to, units = "mins"))
  list(is_old = isTRUE(age > stale_minutes), behind = status$behind)
}
