# Funnel: where sessions leave on their way to a checkout, and for which products or visitors more so.

SPLIT_ROWS <- 12L

funnel_tab <- function() tab_of("funnel", funnel_ui, funnel_server)

funnel_ui <- function(id, say, early = NULL) {
  ns <- shiny::NS(id)
  tags$div(
    class = "grid",
    card(
      ns("steps"), say("funnel.title"), say("funnel.sub"), span = 6, height = 420,
      tools = csv_tool(ns, "funnel", say, say("funnel.title"))
    ),
    card(
      ns("split"), say("split.title"), say("split.sub"), span = 6, height = 420,
      tools = csv_tool(ns, "funnel_by", say, say("split.title")),
      before = tags$div(
        class = "switch group", role = "group", `aria-label` = say("split.title"),
        lapply(CHOICES$split, function(by) tags$button(!!!sets(list(split = by)), say(paste0("by.", by))))
      )
    ),
    card(
      ns("trend"), say("funnel.trend"), span = 12, height = 240,
      tools = tagList(table_tool(say), csv_tool(ns, "days", say, say("funnel.trend")))
    )
  )
}

funnel_server <- function(id, context) {
  shiny::moduleServer(id, function(input, output, session) {
    view <- context$view
    steps <- shiny::reactive(ask_range(context, "funnel/funnel"))
    split <- shiny::reactive(ask_range(context, "funnel/funnel-by", context$state()$split, SPLIT_ROWS))
    output$steps <- draw_card(context, function() {
      # The sessions of a part of a day have had less time to get far.
      before <- if (compares(context) && !context$period()$partial) ask_before(context, "funnel/funnel")
      draw_large_funnel(steps(), before, view)
    })
    output$trend <- draw_card(context, function() draw_trend(ask_trend(context, "conversion"), view, height = 220))
    output$split <- draw_card(context, function() {
      by <- context$state()$split
      tagList(split_note(context, by), draw_split(split(), by, view))
    })
    csv_downloads(output, list(
      funnel = steps, funnel_by = csv_file(split, function() paste0("funnel-by-", context$state()$split)),
      days = trend_file(context)
    ), context)
  })
}

draw_large_funnel <- function(steps, before, view) {
  if (nrow(steps) == 0 || steps$sessions[[1]] == 0) return(empty_message(view$say))
  worst <- worst_step(steps)
  tagList(
    funnel(steps, view, large = TRUE, before = before),
    if (!is.na(worst)) tags$p(class = "insight", view$say(
      "funnel.worst",
      from = view$say(paste0("step.", STEPS[[worst]])), to = view$say(paste0("step.", STEPS[[worst + 1]])),
      share = format_share(1 - steps$sessions[[worst + 1]] / steps$sessions[[worst]], view$language)
    ))
  )
}

#' A row for each product, category, brand or kind of visitor: the sessions that touched it, and which share of them
#' took each step. For a product that is how far those sessions got with anything.
draw_split <- function(rows, by, view) {
  say <- view$say
  if (nrow(rows) == 0) return(empty_message(say))
  taken <- paste0("step", 2:5)
  rows[taken] <- lapply(rows[taken], function(sessions) ifelse(rows$step1 > 0, sessions / rows$step1, NA_real_))
  first <- if (by == "login") login_names(rows$key, say) else filter_names(by, rows$key, rows$label, view)
  rows_table(
    rows, list(
      column("label", say(paste0("by.", by))), column("step1", say("col.sessions"), "bar"),
      column("step2", say("split.product"), "share"), column("step3", say("split.cart"), "share"),
      column("step4", say("split.checkout"), "share"), column("step5", say("split.done"), "share")
    ), view, caption = say("split.title"), first = first
  )
}

#' Visitors are split for the chosen item, products also for those of a category or brand; categories and brands do not
#' know each other.
split_note <- function(context, by) {
  if (!by %in% c("login", "product")) kind_note(context, by)
}

#' Signed in and anonymous as buttons that choose them.
login_names <- function(keys, say) {
  vapply(keys, function(key) {
    as.character(tags$button(class = "name", !!!sets(list(login = key), list(login = "")), say(paste0("login.", key))))
  }, "", USE.NAMES = FALSE)
}
