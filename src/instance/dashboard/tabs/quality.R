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
      tools = csv_tool(ns, "checks", say, say("quality.checks"))
    ),
    tags$div(
      class = "span-6 stack",
      card(
        ns("reasons"), say("quality.reasons"), height = 160,
        tools = csv_tool(ns, "quarantine", say, say("quality.reasons"))
      ),
      card(
        ns("gaps"), say("quality.gaps"), say("quality.gaps.sub"), height = 120,
        tools = csv_tool(ns, "missing_hours", say, say("quality.gaps"))
      ),
      card(
        ns("loads"), say("quality.loads"), height = 280,
        tools = csv_tool(ns, "loads", say, say("quality.loads"))
      )
    )
  )
}

quality_server <- function(id, context) {
  shiny::moduleServer(id, function(input, output, session) {
    view <- context$view
    zone <- function() context$status()$zone
    # The answers change with the clock, the ledger and the quarantine; none of them makes a new version of the rollups.
    ask <- function(name, ...) context$ask_anew(paste0("quality/", name), as.character(c(...)))
    checks <- function() ask("checks", context$stale_minutes)
    reasons <- function() ask("reasons")
    gaps <- function(n = GAP_FILE_ROWS) ask("missing-hours", n)
    loads <- function() {
      days <- loaded_days(context)
      ask("loads", format(days$from), format(days$to))
    }
    watched <- function(name, draw) draw_watched_card(context, name, draw, needs_data = FALSE)
    output$checks <- watched("checks", function() check_list(quality_findings(checks(), zone(), view), view))
    output$reasons <- watched("reasons", function() draw_reasons(reasons(), zone(), view))
    output$gaps <- watched("gaps", function() draw_gaps(gaps(GAP_ROWS), zone(), view))
    output$loads <- watched("loads", function() draw_loads(loads(), view))
    # As they are now, whatever days are shown.
    at_once <- function(rows) csv_file(rows, when = function() instant_text(Sys.time(), zone()))
    csv_downloads(output, list(
      checks = at_once(checks), quarantine = at_once(reasons), missing_hours = at_once(function() gaps()),
      loads = csv_file(loads, when = function() loaded_days(context))
    ), context)
  })
}

#' The days shown; before the first accepted event, those up to the last load.
loaded_days <- function(context) {
  if (!is.null(context$period())) return(context$period())
  status <- context$status()
  at <- if (is.na(status$loaded_at)) status$now else status$loaded_at
  to <- as.Date(format(as.POSIXct(at), "%Y-%m-%d", tz = status$zone))
  list(from = to - LOAD_ROWS + 1L, to = to)
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
