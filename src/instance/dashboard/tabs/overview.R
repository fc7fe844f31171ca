# Overview: the morning's first look. Headline numbers, one big chart of the chosen one, funnel, products, events.

OVERVIEW_ROWS <- 10L

overview_tab <- function() tab_of("overview", overview_ui, overview_server)

overview_ui <- function(id, say, early = NULL) {
  ns <- shiny::NS(id)
  tags$div(
    class = "grid",
    slot_for(ns("kpis"), 104, class = "span-12", early = early),
    card(
      ns("trend"), shiny::textOutput(ns("trend_title"), inline = TRUE), span = 8, height = 300,
      tools = tagList(table_tool(say), csv_tool(ns, "days", say, say("day")))
    ),
    card(
      ns("funnel"), say("funnel.title"), say("funnel.sub"), span = 4, height = 300,
      tools = csv_tool(ns, "funnel", say, say("funnel.title"))
    ),
    card(
      ns("products"), say("products.top"), say("products.sub"), span = 6, height = 330,
      tools = csv_tool(ns, "products", say, say("products.top"))
    ),
    card(
      ns("categories"), say("products.categories"), say("products.by_views"), span = 3, height = 330,
      tools = csv_tool(ns, "categories", say, say("products.categories"))
    ),
    card(
      ns("events"), say("events.title"), say("events.sub"), span = 3, height = 330,
      tools = csv_tool(ns, "events", say, say("events.title"))
    )
  )
}

overview_server <- function(id, context) {
  shiny::moduleServer(id, function(input, output, session) {
    view <- context$view
    rows <- list(
      funnel = function() ask_range(context, "funnel/funnel"),
      products = function() ask_range(context, "products/products", "views", OVERVIEW_ROWS),
      categories = function() ask_range(context, "products/groups", "category", "views", OVERVIEW_ROWS),
      events = function() ask_range(context, "overview/events")
    )

    output$kpis <- draw_card(context, function() draw_headline(context))
    output$trend_title <- shiny::renderText({
      if (is.null(context$period())) "" else trend_title(trend_kind(context), view)
    })
    output$trend <- draw_card(context, function() draw_trend(ask_trend(context), view))
    output$funnel <- draw_card(context, function() draw_funnel(rows$funnel(), view))
    output$products <- draw_card(context, function() draw_top_products(rows$products(), view))
    output$categories <- draw_card(context, function() {
      tagList(kind_note(context, "category"), draw_keys(rows$categories(), "category", view, has_rate = FALSE))
    })
    output$events <- draw_card(context, function() {
      tagList(filter_note(context, "overview/events"), draw_events(rows$events(), view))
    })
    csv_downloads(output, c(rows, list(days = trend_file(context))), context)
  })
}

draw_headline <- function(context) {
  kpi_strip(ask_headline(context), context$view, say_uncompared(context))
}

draw_funnel <- function(steps, view) {
  if (nrow(steps) == 0 || steps$sessions[[1]] == 0) return(empty_message(view$say))
  funnel(steps, view)
}

draw_events <- function(rows, view) {
  rows <- utils::head(rows, OVERVIEW_ROWS)
  if (nrow(rows) == 0) return(empty_message(view$say))
  bar_list(data.frame(key = "", label = rows$event_name, value = rows$events), view)
}

draw_top_products <- function(rows, view) {
  say <- view$say
  if (nrow(rows) == 0) return(empty_message(say))
  rows_table(
    rows, list(
      column("name", say("col.product")), column("views", say("col.views"), "bar"),
      column("adds", say("col.adds"), "count"), column("cart_rate", say("col.cart_rate"), "share")
    ), view, caption = say("products.top"),
    first = filter_names("product", rows$product_id, rows$name, view)
  )
}
