# One visitor's session: the state from the browser, the days it means, and the tabs that draw it.

#' @param app list(settings, texts, warehouse, watch, tabs)
#' @return a server function for shinyApp()
make_server <- function(app) {
  function(input, output, session) {
    if (!is_own_origin(session$request)) return(session$close())
    app$watch$join(session)
    context <- make_context(app, shiny::reactive(input$state))
    output$facts <- shiny::renderUI(facts(context, app$settings))
    output$chips <- shiny::renderUI(draw_chip(context))
    output$notice <- shiny::renderUI(draw_notice(app, context))
    for (tab in app$tabs) tab$server(tab$name, context)
  }
}

#' What the tabs get: no globals, no session.
#' @param sent reactive: what the browser sent
#' @return list of view (say, language), the reactives state, choice, status and period, ask(name, params), and
#'   honours(name, filter)
make_context <- function(app, sent) {
  state <- shiny::reactive(read_state(sent()))
  language <- shiny::isolate(state()$lang)
  if (!nzchar(language)) language <- "en"
  view <- list(say = make_say(app$texts, language), language = language)
  attempt <- distinct(shiny::reactive(sent()$attempt))
  source <- shiny::reactive(list(app$watch$source(), attempt()))
  status <- shiny::reactive({
    source()
    app$warehouse$status()
  })
  ask <- function(name, params = character()) {
    source()
    app$warehouse$ask(name, params)
  }
  # A click on another chart's switch must not draw the tables anew: what the questions depend on is kept apart.
  choice <- distinct(shiny::reactive(state()[c("range", "from", "to", "compare", "login", "by", "value", "bots")]))
  period <- shiny::reactive({
    bounds <- status()
    if (is.null(bounds) || is.na(bounds$last)) return(NULL)
    resolve_period(choice(), bounds)
  })
  list(view = view, state = state, choice = choice, status = status, period = period, ask = ask,
    honours = app$warehouse$honours)
}

#' The headline numbers at the time of the request: the first screen is there before the WebSocket is. The same code
#' draws them, over a context that stands still.
#' @return tags, or NULL when there is nothing to show early
early_numbers <- function(app, state, language) {
  if (state$tab != "overview") return(NULL)
  tryCatch({
    app$watch$look()
    status <- app$warehouse$status()
    if (is.null(status) || is.na(status$last)) return(NULL)
    context <- list(
      view = list(say = make_say(app$texts, language), language = language), choice = function() state,
      period = function() resolve_period(state, status), ask = app$warehouse$ask, status = function() status
    )
    draw_headline(context)
  }, error = function(e) {
    message("early numbers failed: ", conditionMessage(e))
    NULL
  })
}

#' A reactive that stays valid while its value is the same.
distinct <- function(value) {
  kept <- shiny::reactiveVal(shiny::isolate(value()))
  shiny::observe(kept(value()), priority = 50)
  kept
}

#' An output of a tab: the drawing, or a designed message. Without data every card says so.
#' @param draw function() giving tags
draw_card <- function(context, draw) {
  shiny::renderUI({
    say <- context$view$say
    drawn <- drawn_or_message(function() {
      if (is.null(context$status())) problem("not_reachable")
      if (is.null(context$period())) return(empty_message(say, "empty.warehouse"))
      draw()
    }, say)
    # As text at once: Shiny would walk the tree several times in search of scripts and styles that we do not have.
    HTML(htmltools::doRenderTags(drawn))
  })
}
