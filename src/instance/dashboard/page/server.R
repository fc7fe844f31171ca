# One visitor's session: the state from the browser, the days it means, and the tabs that draw it.

#' @param app list(settings, texts, warehouse, watch, tabs)
#' @return a server function for shinyApp()
make_server <- function(app) {
  function(input, output, session) {
    if (!is_own_origin(session$request)) return(session$close())
    app$watch$join(session)
    context <- make_context(app, shiny::reactive(input$state))
    speak_choice <- make_choice_speaker(context)
    output$facts <- shiny::renderUI(facts(context, app$settings))
    output$chips <- shiny::renderUI(draw_chip(context))
    output$said <- shiny::renderText(speak_choice())
    output$notice <- shiny::renderUI(draw_notice(app, context))
    for (tab in app$tabs) tab$server(tab$name, context)
  }
}

#' What the tabs get: no globals, no session.
#' @param state,choice,status functions or reactives; choice: the part of the state that questions depend on
#' @param heed,heed_looks functions that make a reactive depend on other data, and on every look
#' @return list of view, state, choice, status, stale_minutes, period(), ask(name, params), ask_anew(name, params),
#'   heed_looks() and honours(name, filter)
context_of <- function(app, view, state, choice, status, heed = function() NULL, heed_looks = heed) {
  list(
    view = view, state = state, choice = choice, status = status, stale_minutes = app$settings$stale_minutes,
    period = function() {
      bounds <- status()
      if (!is.null(bounds) && !is.na(bounds$last)) resolve_period(choice(), bounds)
    },
    ask = function(name, params = character()) {
      heed()
      app$warehouse$ask(name, params)
    },
    ask_anew = app$warehouse$ask_anew, heed_looks = heed_looks, honours = app$warehouse$honours
  )
}

#' The context of one visitor's session.
#' @param sent reactive: what the browser sent
make_context <- function(app, sent) {
  state <- shiny::reactive(read_state(sent()))
  language <- shiny::isolate(state()$lang)
  if (!nzchar(language)) language <- "en"
  # How often the visitor asked for everything once more.
  attempt <- distinct(shiny::reactive(one_string(sent()$attempt)))
  shiny::observe(if (!attempt() %in% c("", "0")) app$watch$look(anew = TRUE), priority = 60)
  heed <- function() list(app$watch$changes(), attempt())
  context_of(
    app, make_view(app$texts, language, app$settings$platform), state,
    # A click on another chart's switch must not draw the tables anew.
    choice = distinct(shiny::reactive(state()[c("range", "from", "to", "compare", "login", "by", "value", "bots")])),
    status = shiny::reactive({
      heed()
      app$warehouse$status()
    }),
    heed = heed, heed_looks = function() list(app$watch$looks(), attempt())
  )
}

#' The headline numbers at the time of the request: the first screen is there before the WebSocket is. The same code
#' draws them, over a context that stands still.
#' @return tags, or NULL when there is nothing to show early
early_numbers <- function(app, state, language) {
  if (state$tab != "overview") return(NULL)
  tryCatch({
    app$watch$look()
    chosen <- function() state
    view <- make_view(app$texts, language, app$settings$platform)
    context <- context_of(app, view, chosen, chosen, app$warehouse$status)
    if (!is.null(context$period())) draw_headline(context)
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
#' @param needs_data FALSE: it has something to say before there are numbers
draw_card <- function(context, draw, needs_data = TRUE) shiny::renderUI(drawn_card(context, draw, needs_data))

#' A card whose question changes without other data. It is asked anew with every look while somebody sees the card, and
#' drawn anew only when it would look different.
#' @param name of the output
draw_watched_card <- function(context, name, draw, needs_data = TRUE) {
  session <- shiny::getDefaultReactiveDomain()
  is_hidden <- paste0("output_", session$ns(name), "_hidden")
  kept <- shiny::reactiveVal()
  # Before the outputs of the same moment.
  shiny::observe({
    if (!isFALSE(session$clientData[[is_hidden]])) return()
    context$heed_looks()
    kept(drawn_card(context, draw, needs_data))
  }, priority = 20)
  shiny::renderUI(shiny::req(kept()))
}

#' As text at once: Shiny would walk the tree several times in search of scripts and styles that we do not have.
drawn_card <- function(context, draw, needs_data) {
  HTML(htmltools::doRenderTags(drawn_or_message(function() {
    if (is.null(context$status())) problem("not_reachable")
    if (needs_data && is.null(context$period())) return(empty_message(context$view$say, "empty.warehouse"))
    draw()
  }, context$view)))
}
