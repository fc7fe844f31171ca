# Sessions: how visits begin, go on and end, and who comes back.

PAGE_ROWS <- 8L
TRAIL_ROWS <- 10L
# Coming back takes weeks: the table shows at least so many days, whatever range is chosen.
RETENTION_DAYS <- 56L
# More weeks than anybody reads; two years would be five thousand cells.
RETENTION_WEEKS <- 26L

sessions_tab <- function() tab_of("sessions", sessions_ui, sessions_server)

sessions_ui <- function(id, say, early = NULL) {
  ns <- shiny::NS(id)
  tags$div(
    class = "grid",
    card(
      ns("trails"), say("sessions.trails"), say("sessions.trails.sub"), span = 7, height = 330,
      tools = csv_tool(ns, "trails", say, say("sessions.trails"))
    ),
    card(
      ns("depth"), say("sessions.depth"), span = 5, height = 330,
      tools = tagList(table_tool(say), csv_tool(ns, "depth", say, say("sessions.depth")))
    ),
    card(
      ns("entry"), say("sessions.entries"), span = 6, height = 300,
      tools = csv_tool(ns, "entry", say, say("sessions.entries"))
    ),
    card(
      ns("exit"), say("sessions.exits"), span = 6, height = 300,
      tools = csv_tool(ns, "exit", say, say("sessions.exits"))
    ),
    card(
      ns("returning"), say("sessions.returning"), span = 5, height = 300,
      tools = tagList(table_tool(say), csv_tool(ns, "returning", say, say("sessions.returning")))
    ),
    card(
      ns("retention"), say("sessions.retention"), say("sessions.retention.sub"), span = 7, height = 300,
      tools = csv_tool(ns, "retention", say, say("sessions.retention"))
    )
  )
}

sessions_server <- function(id, context) {
  shiny::moduleServer(id, function(input, output, session) {
    view <- context$view
    rows <- list(
      trails = function() ask_range(context, "sessions/trails", TRAIL_ROWS),
      entry = function() ask_range(context, "sessions/pages", "entry", PAGE_ROWS),
      exit = function() ask_range(context, "sessions/pages", "exit", PAGE_ROWS),
      depth = function() ask_range(context, "sessions/depth"),
      returning = function() blank_unknown(ask_range(context, "sessions/returning"), context),
      retention = function() ask_days(context, retention_days(context$period()), "sessions/retention")
    )
    drawn <- function(question, draw) {
      draw_card(context, function() tagList(filter_note(context, question), draw()))
    }
    output$trails <- drawn("sessions/trails", function() draw_trails(rows$trails(), view))
    output$depth <- drawn("sessions/depth", function() draw_depth(rows$depth(), view))
    output$entry <- drawn("sessions/pages", function() draw_pages(rows$entry(), view, view$say("sessions.entries")))
    output$exit <- drawn("sessions/pages", function() draw_pages(rows$exit(), view, view$say("sessions.exits")))
    output$returning <- drawn("sessions/returning", function() {
      draw_returning(rows$returning(), context$period()$partial, view)
    })
    output$retention <- drawn("sessions/retention", function() {
      if (nrow(rows$retention()) == 0) return(empty_message(view$say))
      tagList(
        retention_note(context),
        cohort_table(rows$retention(), context$status()$last, view, view$say("sessions.retention"))
      )
    })
    followed <- csv_file(rows$retention, when = function() retention_days(context$period()))
    csv_downloads(output, utils::modifyList(rows, list(retention = followed)), context)
  })
}

#' The days whose new visitors are followed: at least eight weeks, at most half a year, up to the last day shown.
retention_days <- function(period) {
  last_week <- period$to - as.integer(format(period$to, "%u")) + 1L
  first <- last_week - 7L * (RETENTION_WEEKS - 1L)
  list(from = max(first, min(period$from, period$to - RETENTION_DAYS + 1L)), to = period$to)
}

#' Says that not all of the days shown are followed.
retention_note <- function(context) {
  period <- context$period()
  if (retention_days(period)$from <= period$from) return(NULL)
  tags$p(class = "ignored", context$view$say("cohort.last", n = RETENTION_WEEKS))
}

#' The first different things that sessions did, the most frequent on top.
draw_trails <- function(rows, view) {
  if (nrow(rows) == 0) return(empty_message(view$say))
  trails <- apply(rows[paste0("step", 1:4)], 1, function(steps) {
    paste(steps[!is.na(steps) & nzchar(steps)], collapse = " \u2192 ")
  })
  bar_list(data.frame(key = "", label = trails, value = rows$sessions), view)
}

draw_pages <- function(rows, view, caption) {
  if (nrow(rows) == 0) return(empty_message(view$say))
  rows$bounce <- ifelse(rows$sessions > 0, rows$bounced / rows$sessions, NA_real_)
  rows$conversion <- ifelse(rows$sessions > 0, rows$conversions / rows$sessions, NA_real_)
  rows_table(rows, list(
    column("page", view$say("col.path")), column("sessions", view$say("col.sessions"), "bar"),
    column("bounce", view$say("col.bounce"), "share"), column("conversion", view$say("col.conversion"), "share")
  ), view, caption = caption)
}

draw_depth <- function(rows, view) {
  if (nrow(rows) == 0 || sum(rows$sessions) == 0) return(empty_message(view$say))
  labels <- ifelse(rows$events == max(rows$events), paste0(rows$events, "+"), rows$events)
  draw_columns(rows$sessions, as.character(labels), view, view$say("sessions.depth"))
}

draw_returning <- function(rows, is_open, view) {
  nobody <- sum(rows$new_visitors, rows$returning_visitors, na.rm = TRUE) == 0
  if (nobody) return(empty_message(view$say))
  say <- view$say
  tagList(
    chart_key(say("sessions.back"), say("sessions.new")),
    chart("line", list(
      labels = I(format_each_day(rows$day, view$language)), titles = I(format_weekday(rows$day, view$language)),
      unit = jsonlite::unbox("count"), heading = jsonlite::unbox(say("day")), open = jsonlite::unbox(is_open),
      series = list(
        series(say("sessions.back"), rows$returning_visitors), series(say("sessions.new"), rows$new_visitors, "second")
      )
    ), label = say("sessions.returning"), height = 250)
  )
}
