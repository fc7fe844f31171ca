# The headline numbers from sums. Each sum is asked for once; rates are divided here, so that a rate of a range is the
# rate of its sums, never a mean of daily rates.

#' unit; tone of a rise: 1 good, -1 bad
METRIC_KINDS <- list(
  visitors = list(unit = "count", rise = 1), sessions = list(unit = "count", rise = 1),
  page_views = list(unit = "count", rise = 1), conversion = list(unit = "share", rise = 1),
  bounce = list(unit = "share", rise = -1), duration = list(unit = "seconds", rise = 1)
)

#' @param rows data.frame with visitors, sessions, page_views, conversions, bounced, duration_seconds
#' @return data.frame with a column for each of METRICS, a row for each row
metrics_of <- function(rows) {
  per_session <- function(x) ifelse(rows$sessions > 0, x / rows$sessions, NA_real_)
  data.frame(
    visitors = as.numeric(rows$visitors), sessions = as.numeric(rows$sessions),
    page_views = as.numeric(rows$page_views),
    conversion = per_session(rows$conversions), bounce = per_session(rows$bounced),
    duration = per_session(rows$duration_seconds)
  )
}

#' What the strip shows.
#' @param now,before one row of metrics_of(); before may be NULL
#' @param daily metrics_of() by day, for the sparklines
#' @return list of list(key, unit, value, before, change, tone, spark)
headline <- function(now, before, daily) {
  lapply(METRICS, function(key) {
    kind <- METRIC_KINDS[[key]]
    value <- now[[key]]
    old <- if (is.null(before)) NA_real_ else before[[key]]
    change <- change_of(value, old, kind$unit)
    list(
      key = key, unit = kind$unit, value = value, before = old, change = change,
      tone = tone_of(change, kind$rise), spark = daily[[key]]
    )
  })
}

#' Shares change by points, the rest by its part. NA when there is nothing to compare with.
change_of <- function(value, before, unit) {
  if (!is.finite(value) || !is.finite(before)) return(NA_real_)
  if (unit == "share") return(value - before)
  if (before == 0) return(NA_real_)
  value / before - 1
}

tone_of <- function(change, rise) {
  if (!is.finite(change) || abs(change) < 0.0005) return("flat")
  if (change * rise > 0) "good" else "bad"
}
