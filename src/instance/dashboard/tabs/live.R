# Live: the last hour that is in the warehouse, minute by minute.

LIVE_ROWS <- 15L

live_tab <- function() tab_of("live", live_ui, live_server)

live_ui <- function(id, say, early = NULL) {
  ns <- shiny::NS(id)
  tags$div(
    class = "grid",
    slot_for(ns("counts"), 84, class = "span-12"),
    card(
      ns("minutes"), shiny::textOutput(ns("minutes_title"), inline = TRUE), span = 7, height = 430,
      tools = tagList(table_tool(say), csv_tool(ns, "minutes", say, say("live.minutes")))
    ),
    card(
      ns("latest"), say("live.latest"), span = 5, height = 430,
      tools = csv_tool(ns, "latest", say, say("live.latest"))
    )
  )
}

live_server <- function(id, context) {
  shiny::moduleServer(id, function(input, output, session) {
    view <- context$view
    ask <- function(question, ...) context$ask(question, c(context$choice()$bots, as.character(c(...))))
    minutes <- function() ask("live/live-minutes")
    latest <- function() ask("live/live-events", LIVE_ROWS)
    zone <- function() context$status()$zone
    output$counts <- draw_card(context, function() draw_counts(ask("live/live-now"), view))
    output$minutes_title <- shiny::renderText(hour_title(context$status(), view))
    output$minutes <- draw_card(context, function() draw_minutes(minutes(), zone(), view))
    output$latest <- draw_card(context, function() draw_latest(latest(), zone(), view))
    up_to <- function() instant_text(context$status()$up_to, zone())
    csv_downloads(output, list(
      minutes = csv_file(minutes, function() "live-minutes", up_to),
      latest = csv_file(latest, function() "latest-events", up_to)
    ), context)
  })
}

#' Loads come by the hour: the last loaded one is not the last on the clock.
hour_title <- function(status, view) {
  if (is.null(status) || is.na(status$last)) return(view$say("live.minutes"))
  view$say("live.up_to", time = format_moment(status$up_to, status$zone, view$language, status$now))
}

#' @param row the one row of live/live-now
draw_counts <- function(row, view) {
  keys <- c("active_visitors", "visitors", "sessions", "events", "carts", "conversions")
  tags$div(class = "kpis", role = "group", `aria-label` = view$say("live.minutes"), lapply(keys, function(key) {
    tags$div(
      class = "kpi", title = view$say(paste0("live.", key, ".about")),
      tags$span(class = "kpi-name", view$say(paste0("live.", key))),
      tags$span(
        class = "kpi-value", `data-live` = key, `data-value` = plain_number(row[[key]]),
        format_short(row[[key]], view$language)
      )
    )
  }))
}

draw_minutes <- function(rows, zone, view) {
  if (nrow(rows) == 0 || sum(rows$events) == 0) return(empty_message(view$say, "empty.live"))
  times <- format_clock(rows$minute, zone)
  tagList(
    chart_key(view$say("live.events"), type = "columns"),
    chart("columns", list(
      labels = I(times), titles = I(times), unit = jsonlite::unbox("count"),
      heading = jsonlite::unbox(view$say("col.time")),
      series = list(
        series(view$say("live.events"), rows$events), series(view$say("live.visitors"), rows$visitors, "more")
      )
    ), label = view$say("live.minutes"), height = 400)
  )
}

draw_latest <- function(rows, zone, view) {
  if (nrow(rows) == 0) return(empty_message(view$say, "empty.live"))
  tags$ol(class = "ticker", lapply(seq_len(nrow(rows)), function(i) {
    what <- rows$product_name[[i]]
    if (is.na(what) || !nzchar(what)) what <- rows$page[[i]]
    tags$li(
      tags$time(class = "muted", format(rows$at[[i]], "%H:%M:%S", tz = zone)),
      tags$span(
        class = "name", tags$strong(rows$event_name[[i]]), if (!is.na(what)) tags$span(class = "muted", what)
      )
    )
  }))
}
