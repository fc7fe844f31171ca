# Time: when the shop is busy, in the shop's own time zone.

time_tab <- function() tab_of("time", time_ui, time_server)

time_ui <- function(id, say, early = NULL) {
  ns <- shiny::NS(id)
  tags$div(
    class = "grid",
    card(
      ns("heatmap"), say("time.heatmap"), say("time.heatmap.sub"), span = 12, height = 330,
      tools = tagList(table_tool(say), csv_tool(ns("hour_by_weekday_csv"), say, say("time.heatmap")))
    ),
    card(
      ns("hours"), say("time.hours"), say("time.mean"), span = 7, height = 250,
      tools = tagList(table_tool(say), csv_tool(ns("hours_csv"), say, say("time.hours")))
    ),
    card(
      ns("weekdays"), say("time.weekdays"), say("time.mean"), span = 5, height = 250,
      tools = tagList(table_tool(say), csv_tool(ns("weekdays_csv"), say, say("time.weekdays")))
    )
  )
}

time_server <- function(id, context) {
  shiny::moduleServer(id, function(input, output, session) {
    view <- context$view
    rows <- shiny::reactive(ask_range(context, "time/heatmap"))
    output$heatmap <- draw_card(context, function() {
      tagList(filter_note(context, "time/heatmap"), draw_heatmap(rows(), context$status()$zone, view))
    })
    hours <- function() hour_means(rows(), context$period())
    weekdays <- function() weekday_means(rows(), context$period())
    # The same means of the days before, or NULL.
    earlier <- function(means) {
      if (context$choice()$compare == "off") return(NULL)
      means(ask_before(context, "time/heatmap"), previous_period(context$period()))
    }
    output$hours <- draw_card(context, function() {
      if (sum(rows()$sessions) == 0) return(empty_message(view$say))
      draw_means(hours(), earlier(hour_means), hour_names(), view, view$say("time.hours"))
    })
    output$weekdays <- draw_card(context, function() {
      if (sum(rows()$sessions) == 0) return(empty_message(view$say))
      names <- weekday_names(view$language)
      draw_means(weekdays(), earlier(weekday_means), names, view, view$say("time.weekdays"))
    })
    csv_downloads(output, list(hour_by_weekday = rows, hours = hours, weekdays = weekdays), context)
  })
}

hour_names <- function() sprintf("%02d", 0:23)

#' Sessions of each hour of the day, the mean of the days shown.
hour_means <- function(rows, period) {
  data.frame(hour = 0:23, sessions = unname(fill_sums(rows$hour, rows$sessions, 0:23)) / period$days)
}

#' Sessions of each weekday (1: Monday), the mean of those among the days shown; NA when there was none.
weekday_means <- function(rows, period) {
  times <- fill_sums(as.integer(format(days_of(period), "%u")), 1, 1:7)
  sums <- fill_sums(rows$weekday, rows$sessions, 1:7)
  data.frame(weekday = 1:7, sessions = unname(ifelse(times > 0, sums / times, NA_real_)))
}

#' Sums of `values` for each of `all`; 0 where there is none.
fill_sums <- function(keys, values, all) {
  sums <- vapply(all, function(key) sum(rep_len(values, length(keys))[keys == key]), 0)
  stats::setNames(sums, all)
}

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

draw_heatmap <- function(rows, zone, view) {
  say <- view$say
  if (sum(rows$sessions) == 0) return(empty_message(say))
  grid <- matrix(0, nrow = 7, ncol = 24)
  grid[cbind(rows$weekday, rows$hour + 1)] <- rows$sessions
  days <- weekday_names(view$language)
  titles <- as.vector(t(outer(days, hour_names(), function(day, hour) paste0(day, " ", hour, ":00"))))
  best <- which(grid == max(grid), arr.ind = TRUE)[1, ]
  quiet <- which(grid == min(grid), arr.ind = TRUE)[1, ]
  tagList(
    chart("heatmap", list(
      rows = I(days), columns = I(hour_names()), titles = I(titles), unit = jsonlite::unbox("count"),
      series = list(series(say("kpi.sessions"), as.vector(t(grid))))
    ), label = say("time.heatmap"), height = 330),
    tags$p(class = "insight", say(
      "time.best",
      day = days[[best[[1]]]], hour = sprintf("%02d:00", best[[2]] - 1), quiet_day = days[[quiet[[1]]]],
      quiet_hour = sprintf("%02d:00", quiet[[2]] - 1)
    ), " ", say("time.zone", zone = zone))
  )
}
