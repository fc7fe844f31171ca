# Data quality: whether the numbers can be believed, and the command that mends what is wrong.

LOAD_ROWS <- 10L
GAP_ROWS <- 8L
# The page shows the first; the file has more.
GAP_FILE_ROWS <- 1000L

quality_tab <- function() tab_of("quality", quality_ui, quality_server)

quality_ui <- function(id, say, early = NULL) {
  ns <- shiny::NS(id)
  tags$div(
    class = "grid",
    card(
      ns("checks"), say("quality.checks"), say("quality.checks.sub"), span = 6, height = 480,
      tools = csv_tool(ns("checks_csv"), say, say("quality.checks"))
    ),
    tags$div(
      class = "span-6 stack",
      card(
        ns("reasons"), say("quality.reasons"), height = 160,
        tools = csv_tool(ns("quarantine_csv"), say, say("quality.reasons"))
      ),
      card(
        ns("gaps"), say("quality.gaps"), say("quality.gaps.sub"), height = 120,
        tools = csv_tool(ns("missing_hours_csv"), say, say("quality.gaps"))
      ),
      card(
        ns("loads"), say("quality.loads"), height = 280,
        tools = csv_tool(ns("loads_csv"), say, say("quality.loads"))
      )
    )
  )
}

quality_server <- function(id, context) {
  shiny::moduleServer(id, function(input, output, session) {
    view <- context$view
    zone <- function() context$status()$zone
    reasons <- shiny::reactive(context$ask("quality/reasons"))
    loads <- shiny::reactive({
      period <- context$period()
      context$ask("quality/loads", c(format(period$from), format(period$to)))
    })
    checks <- shiny::reactive(context$ask("quality/checks"))
    output$checks <- draw_card(context, function() check_list(quality_findings(checks(), zone(), view), view))
    output$reasons <- draw_card(context, function() draw_reasons(reasons(), zone(), view))
    output$gaps <- draw_card(context, function() {
      draw_gaps(context$ask("quality/missing-hours", as.character(GAP_ROWS)), zone(), view)
    })
    output$loads <- draw_card(context, function() draw_loads(loads(), view))
    all_gaps <- function() context$ask("quality/missing-hours", as.character(GAP_FILE_ROWS))
    csv_downloads(output, list(
      checks = checks, quarantine = reasons, missing_hours = all_gaps, loads = loads
    ), context)
  })
}

#' Each reason with the command that shows its events.
draw_reasons <- function(rows, zone, view) {
  say <- view$say
  if (nrow(rows) == 0) return(empty_message(say, "empty.quarantine"))
  mending_list(lapply(seq_len(nrow(rows)), function(i) {
    last <- format_moment(rows$last_seen_at[[i]], zone, view$language)
    list(
      title = rows$reason[[i]], about = rows$field[[i]],
      count = say("reasons.events", n = format_count(rows$events[[i]], view$language)),
      when = say("reasons.last", time = last), command = rows$command[[i]]
    )
  }), view)
}

#' Each row of missing hours with the command that loads it.
draw_gaps <- function(rows, zone, view) {
  say <- view$say
  if (nrow(rows) == 0) return(empty_message(say, "empty.gaps"))
  mending_list(lapply(seq_len(nrow(rows)), function(i) {
    until <- rows$hour[[i]] + 3600 * rows$hours[[i]]
    list(
      title = format_moments(rows$hour[[i]], until, zone, view$language),
      about = say("gaps.hours", n = format_count(rows$hours[[i]], view$language)), command = rows$command[[i]]
    )
  }), view)
}

#' The newest days first.
draw_loads <- function(rows, view) {
  say <- view$say
  if (nrow(rows) == 0 || sum(rows$events_read) == 0) return(empty_message(say))
  rows <- utils::head(rows[order(rows$day, decreasing = TRUE), ], LOAD_ROWS)
  rows$label <- format_weekday(rows$day, view$language)
  rows_table(rows, list(
    column("label", say("day")), column("loaded", say("col.loaded"), "bar"),
    column("duplicates", say("col.duplicates"), "count"), column("quarantined", say("col.quarantined"), "count"),
    column("filtered", say("col.filtered"), "count")
  ), view, caption = say("quality.loads"))
}
