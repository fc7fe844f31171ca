# Sessions: how visits begin, go on and end, and who comes back.

PAGE_ROWS <- 8L
TRAIL_ROWS <- 10L
# Coming back takes weeks: the table shows at least so many days, whatever range is chosen.
RETENTION_DAYS <- 56L

sessions_tab <- function() tab_of("sessions", sessions_ui, sessions_server)

sessions_ui <- function(id, say, early = NULL) {
  ns <- shiny::NS(id)
  csv <- function(name, title) csv_tool(ns(paste0(name, "_csv")), say, title)
  tags$div(
    class = "grid",
    card(
      ns("trails"), say("sessions.trails"), say("sessions.trails.sub"), span = 7, height = 330,
      tools = csv("trails", say("sessions.trails"))
    ),
    card(
      ns("depth"), say("sessions.depth"), span = 5, height = 330,
      tools = tagList(table_tool(say), csv("depth", say("sessions.depth")))
    ),
    card(ns("entry"), say("sessions.entries"), span = 6, height = 300, tools = csv("entry", say("sessions.entries"))),
    card(ns("exit"), say("sessions.exits"), span = 6, height = 300, tools = csv("exit", say("sessions.exits"))),
    card(
      ns("returning"), say("sessions.returning"), span = 5, height = 300,
      tools = tagList(table_tool(say), csv("returning", say("sessions.returning")))
    ),
    card(
      ns("retention"), say("sessions.retention"), say("sessions.retention.sub"), span = 7, height = 300,
      tools = csv("retention", say("sessions.retention"))
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
      returning = function() ask_range(context, "sessions/returning"),
      retention = function() ask_retention(context)
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
      cohort_table(rows$retention(), context$status()$last, view, view$say("sessions.retention"))
    })
    csv_downloads(output, rows, context)
  })
}

ask_retention <- function(context) {
  period <- context$period()
  from <- min(period$from, period$to - RETENTION_DAYS + 1L)
  context$ask("sessions/retention", range_params(from, period$to, context$choice()))
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
  if (nrow(rows) == 0 || sum(rows$new_visitors, rows$returning_visitors) == 0) return(empty_message(view$say))
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
