# Time: when the shop is busy, in the shop's own time zone.

time_tab <- function() tab_of("time", time_ui, time_server)

time_ui <- function(id, say, early = NULL) {
  ns <- shiny::NS(id)
  tags$div(
    class = "grid",
    card(
      ns("heatmap"), say("time.heatmap"), say("time.heatmap.sub"), span = 12, height = 330,
      tools = tagList(table_tool(say), csv_tool(ns, "hour_by_weekday", say, say("time.heatmap")))
    ),
    card(
      ns("hours"), say("time.hours"), say("time.mean"), span = 7, height = 250,
      tools = tagList(table_tool(say), csv_tool(ns, "hours", say, say("time.hours")))
    ),
    card(
      ns("weekdays"), say("time.weekdays"), say("time.mean"), span = 5, height = 250,
      tools = tagList(table_tool(say), csv_tool(ns, "weekdays", say, say("time.weekdays")))
    )
  )
}

time_server <- function(id, context) {
  shiny::moduleServer(id, function(input, output, session) {
    view <- context$view
    rows <- shiny::reactive(ask_range(context, "time/heatmap"))
    times <- function() occurrences(context$period(), context$status())
    # The same means of the days before, or NULL.
    earlier <- function(means) {
      if (!compares(context)) return(NULL)
      means(ask_before(context, "time/heatmap"), earlier_occurrences(context$period(), context$status()))
    }
    output$heatmap <- draw_card(context, function() {
      tagList(filter_note(context, "time/heatmap"), draw_heatmap(rows(), times(), context$status()$zone, view))
    })
    output$hours <- draw_card(context, function() {
      if (sum(rows()$sessions) == 0) return(empty_message(view$say))
      draw_means(hour_means(rows(), times()), earlier(hour_means), hour_names(), view, view$say("time.hours"))
    })
    output$weekdays <- draw_card(context, function() {
      if (sum(rows()$sessions) == 0) return(empty_message(view$say))
      names <- weekday_names(view$language)
      draw_means(weekday_means(rows(), times()), earlier(weekday_means), names, view, view$say("time.weekdays"))
    })
    compared <- function(means) {
      cbind(means(rows(), times()), previous = earlier(means)$sessions)
    }
    csv_downloads(output, list(
      hour_by_weekday = function() cell_means(rows(), times()), hours = function() compared(hour_means),
      weekdays = function() compared(weekday_means)
    ), context)
  })
}

hour_names <- function() sprintf("%02d", 0:23)

#' How often each hour of each weekday came among the days shown. Days without data and hours to come did not.
#' @return matrix of 7 (Monday first) by 24
occurrences <- function(period, status) {
  days <- counted_days(period)
  times <- matrix(tabulate(as.integer(format(days, "%u")), 7), 7, 24)
  if (status$last %in% days) {
    weekday <- as.integer(format(status$last, "%u"))
    times[weekday, hours_to_come(status)] <- times[weekday, hours_to_come(status)] - 1
  }
  times
}

#' Of the days before: when a part of a day is shown, the same hours of the day before only.
earlier_occurrences <- function(period, status) {
  times <- occurrences(previous_period(period), status)
  if (period$partial) times[, hours_to_come(status)] <- 0
  times
}

#' Which of the 24 hours of the newest day are still to come: those after its newest event.
hours_to_come <- function(status) {
  newest <- as.POSIXct(status$up_to)
  is_over <- as.Date(format(newest, "%Y-%m-%d", tz = status$zone)) > status$last
  if (is_over) rep(FALSE, 24) else 0:23 > as.integer(format(newest, "%H", tz = status$zone))
}

#' Rows of time/heatmap with the mean of each cell: some weekdays come more often than others. NA: it did not come.
#' @param times from occurrences()
cell_means <- function(rows, times) {
  days <- times[cbind(rows$weekday, rows$hour + 1)]
  cbind(
    rows[c("weekday", "hour", "sessions")], days = days, mean = ifelse(days > 0, rows$sessions / days, NA_real_)
  )
}

#' Sessions of each hour of the day, the mean of the days in which it came.
hour_means <- function(rows, times) {
  sums <- fill_sums(rows$hour, rows$sessions, 0:23)
  days <- colSums(times)
  data.frame(hour = 0:23, sessions = ifelse(days > 0, sums / days, NA_real_))
}

#' Sessions of each weekday (1: Monday): its hours' means together; NA when it did not come.
weekday_means <- function(rows, times) {
  cells <- cell_means(rows, times)
  came <- rowSums(times) > 0
  sums <- fill_sums(cells$weekday, ifelse(is.na(cells$mean), 0, cells$mean), 1:7)
  data.frame(weekday = 1:7, sessions = ifelse(came, sums, NA_real_))
}

#' Sums of `values` for each of `all`; 0 where there is none.
fill_sums <- function(keys, values, all) vapply(all, function(key) sum(values[keys == key]), 0)

draw_columns <- function(values, labels, view, label) {
  column_chart(list(series(view$say("kpi.sessions"), values)), labels, label)
}

#' @param now,before from hour_means() or weekday_means(); before may be NULL
draw_means <- function(now, before, labels, view, label) {
  say <- view$say
  if (is.null(before)) return(draw_columns(now$sessions, labels, view, label))
  tagList(
    chart_key(say("time.now"), say("time.before"), "columns"),
    column_chart(list(
      series(say("time.now"), now$sessions), series(say("time.before"), before$sessions, "before")
    ), labels, label)
  )
}

column_chart <- function(lines, labels, label) {
  chart("columns", list(
    labels = I(labels), titles = I(labels), unit = jsonlite::unbox("count"), heading = jsonlite::unbox(label),
    series = lines
  ), label = label, height = 230)
}

#' @param times from occurrences()
draw_heatmap <- function(rows, times, zone, view) {
  say <- view$say
  if (sum(rows$sessions) == 0) return(empty_message(say))
  cells <- cell_means(rows, times)
  grid <- matrix(NA_real_, nrow = 7, ncol = 24)
  grid[cbind(cells$weekday, cells$hour + 1)] <- cells$mean
  days <- weekday_names(view$language)
  titles <- as.vector(t(outer(days, hour_names(), function(day, hour) paste0(day, " ", hour, ":00"))))
  place <- function(found) {
    at <- which(grid == found, arr.ind = TRUE)[1, ]
    list(day = days[[at[[1]]]], hour = sprintf("%02d:00", at[[2]] - 1))
  }
  ends <- range(grid, na.rm = TRUE)
  best <- place(ends[[2]])
  quiet <- place(ends[[1]])
  tagList(
    chart("heatmap", list(
      rows = I(days), columns = I(hour_names()), titles = I(titles), unit = jsonlite::unbox("count"),
      series = list(series(say("kpi.sessions"), as.vector(t(grid))))
    ), label = say("time.heatmap"), height = 330),
    tags$p(class = "insight", if (ends[[1]] < ends[[2]]) say(
      "time.best", day = best$day, hour = best$hour, quiet_day = quiet$day, quiet_hour = quiet$hour
    ), " ", say("time.zone", zone = zone))
  )
}
