# The numbers behind the strip and the big chart.

#' Whether the days before are shown beside the chosen ones.
compares <- function(context) {
  context$choice()$compare == "on" && is.null(context$period()$uncompared)
}

#' The strip's numbers of the chosen days.
#' @return list for kpi_strip()
ask_headline <- function(context) {
  now <- metrics_of(ask_range(context, "overview/kpis"))
  days <- ask_range(context, "overview/days")
  daily <- metrics_of(days[days$day %in% counted_days(context$period()), ])
  if (!compares(context)) return(headline(now, NULL, daily))
  if (!context$period()$partial) {
    return(headline(now, metrics_of(ask_before(context, "overview/kpis")), daily))
  }
  # A day that is not over is compared with the same hours of the day before.
  hours <- same_hours(
    ask_range(context, "overview/hours"), ask_before(context, "overview/hours"), context$status()$up_to
  )
  strip <- headline(now, NULL, metrics_of(hours$over))
  compared <- headline(metrics_of(hours$now), metrics_of(hours$before), daily)
  Map(function(shown, change) {
    # Visitors of several hours are not the sum of each hour's.
    if (shown$key == "visitors") return(shown)
    utils::modifyList(shown, change[c("before", "change", "tone")])
  }, strip, compared)
}

#' Why the numbers carry no change, as a sentence; NULL when they do, or when nobody asked.
say_uncompared <- function(context) {
  period <- context$period()
  if (context$choice()$compare == "off" || is.null(period$uncompared)) return(NULL)
  language <- context$view$language
  context$view$say(
    paste0("uncompared.", period$uncompared), first = format_days(period$first, period$first, language),
    last = format_days(period$last, period$last, language)
  )
}

#' Sums of the hours that are over today, and of the same hours yesterday.
#' @param now,before rows of overview/hours of one day each
#' @param up_to the newest event
#' @return list(now, before: one row each; over: the rows of the hours that are over today)
same_hours <- function(now, before, up_to) {
  over <- sum(now$hour + 3600 <= up_to)
  sums <- function(rows) {
    rows <- utils::head(rows, over)
    as.data.frame(lapply(rows[setdiff(names(rows), "hour")], sum))
  }
  list(now = sums(now), before = sums(before), over = utils::head(now, over))
}

#' What the big chart is of: a metric by day, or by hour when one day is shown.
#' @return list(metric, is_hourly)
trend_kind <- function(context, metric = context$state()$metric) {
  has_item <- nzchar(context$choice()$by)
  # Visitors and hours of a single product are not kept.
  list(
    metric = if (has_item && metric == "visitors") "sessions" else metric,
    is_hourly = context$period()$days == 1 && !has_item
  )
}

#' @return trend_kind() and list(at, zone, now, before or NULL, names = c(now, before), open)
ask_trend <- function(context, metric = context$state()$metric) {
  period <- context$period()
  kind <- trend_kind(context, metric)
  metric <- kind$metric
  is_hourly <- kind$is_hourly
  rows <- trend_rows(context, ask_range)
  language <- context$view$language
  c(kind, list(
    at = if (is_hourly) rows$hour else rows$day,
    zone = context$status()$zone, now = metrics_of(rows)[[metric]],
    before = if (compares(context)) metrics_of(trend_rows(context, ask_before))[[metric]],
    names = c(
      format_days(period$from, period$to, language),
      format_days(period$previous$from, period$previous$to, language)
    ),
    # The day, or the hour, that is not over.
    open = period$partial
  ))
}

#' The sums that the big chart is made of.
#' @param ask ask_range() or ask_before()
trend_rows <- function(context, ask) {
  blank_unknown(ask(context, if (trend_kind(context)$is_hourly) "overview/hours" else "overview/days"), context)
}

#' The same as a file.
trend_file <- function(context) {
  csv_file(
    function() trend_rows(context, ask_range),
    content = function() if (trend_kind(context)$is_hourly) "hours" else "days"
  )
}

trend_title <- function(trend, view) {
  view$say(if (trend$is_hourly) "trend.hour" else "trend.day", metric = view$say(paste0("kpi.", trend$metric)))
}

draw_trend <- function(trend, view, height = 280) {
  if (!any(is.finite(trend$now)) && !any(is.finite(trend$before))) return(empty_message(view$say))
  lines <- list(series(trend$names[[1]], trend$now))
  if (!is.null(trend$before)) {
    # The periods may differ by an hour where clocks change.
    before <- trend$before[seq_along(trend$now)]
    lines <- c(lines, list(series(trend$names[[2]], before, "before")))
  }
  labels <- if (trend$is_hourly) format_clock(trend$at, trend$zone) else format_each_day(trend$at, view$language)
  titles <- if (trend$is_hourly) labels else format_weekday(trend$at, view$language)
  tagList(
    chart_key(trend$names[[1]], if (!is.null(trend$before)) trend$names[[2]]),
    chart("line", list(
      labels = I(labels), titles = I(titles), unit = jsonlite::unbox(METRIC_KINDS[[trend$metric]]$unit),
      heading = jsonlite::unbox(view$say(if (trend$is_hourly) "hour" else "day")), series = lines,
      open = jsonlite::unbox(trend$open)
    ), label = trend_title(trend, view), height = height)
  )
}
