# Which days a choice means. Ranges count back from the newest day that has data, not from the clock: when loading
# stands still, the numbers stay true and the notice above them says how old they are.

MAX_DAYS <- 731L

#' @param state from read_state()
#' @param bounds list(first, last) of Date: the oldest and newest day with data, in the business's time zone
#' @return list(from, to, days, previous = list(from, to), partial): Dates, all inclusive; partial: the last day is
#'   not over
resolve_period <- function(state, bounds) {
  last <- bounds$last
  if (state$range == "custom") {
    from <- min(state$from, state$to)
    to <- max(state$from, state$to)
    if (as.integer(to - from) + 1L > MAX_DAYS) from <- to - (MAX_DAYS - 1L)
  } else if (state$range == "today") {
    from <- to <- last
  } else {
    # The newest day is hardly ever over: with it, every comparison would look like a loss.
    to <- last - 1L
    from <- to - (as.integer(state$range) - 1L)
  }
  days <- as.integer(to - from) + 1L
  list(
    from = from, to = to, days = days,
    previous = list(from = from - days, to = from - 1L),
    partial = to >= last
  )
}

#' The days before, as a period.
previous_period <- function(period) {
  list(from = period$previous$from, to = period$previous$to, days = period$days, partial = FALSE)
}

#' Every day of a period.
days_of <- function(period) seq(period$from, period$to, by = "day")
