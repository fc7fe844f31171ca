# Which days a choice means. Ranges count back from the newest day that has data, not from the clock: when loading
# stands still, the numbers stay true and the notice above them says how old they are.

MAX_DAYS <- 731L

#' @param state from read_state()
#' @param bounds list(first, last) of Date: the oldest and newest day with data, in the business's time zone
#' @return list(from, to, days, previous = list(from, to), partial, first, last, uncompared): Dates, all inclusive;
#'   partial: the last day is not over; first, last: the bounds; uncompared: why there is nothing to compare with
#'   (uncompared.<code> in the language files), or NULL
resolve_period <- function(state, bounds) {
  first <- bounds$first
  last <- bounds$last
  if (state$range == "custom") {
    from <- min(state$from, state$to)
    to <- max(state$from, state$to)
    # Days to come are not days without visitors.
    if (from <= last) to <- min(to, last)
    if (as.integer(to - from) + 1L > MAX_DAYS) from <- to - (MAX_DAYS - 1L)
  } else if (state$range == "today") {
    from <- to <- last
  } else {
    # The newest day is hardly ever over: with it, every comparison would look like a loss. Unless it is the only one.
    to <- if (first == last) last else last - 1L
    from <- to - (as.integer(state$range) - 1L)
  }
  days <- as.integer(to - from) + 1L
  period <- list(
    from = from, to = to, days = days, previous = list(from = from - days, to = from - 1L), partial = to == last,
    first = first, last = last
  )
  period$uncompared <- why_uncompared(period, has_item = nzchar(state$by))
  period
}

#' A change is only shown of what is whole on both sides. The first day with data counts as whole.
why_uncompared <- function(period, has_item) {
  if (period$to > period$last) return("no_data")
  if (period$previous$from < period$first) return("data_begins")
  if (period$partial && period$days > 1) return("day_not_over")
  # A part of a day is compared by its hours, and those are not kept for one item.
  if (period$partial && has_item) return("item_hours")
  NULL
}

#' The days of a period that have data. Means are of these: a day before the first load is no day without visitors.
counted_days <- function(period) {
  from <- max(period$from, period$first)
  to <- min(period$to, period$last)
  if (from > to) return(as.Date(character()))
  seq(from, to, by = "day")
}

#' The days before, as a period.
previous_period <- function(period) {
  list(
    from = period$previous$from, to = period$previous$to, days = period$days, partial = FALSE, first = period$first,
    last = period$last
  )
}
