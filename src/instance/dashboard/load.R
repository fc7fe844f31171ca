# Reads all parts into one environment and puts them together. Order does not matter: parts are functions.

PARTS <- c("logic", "cards", "tabs", "page")

#' @param folder of the dashboard
#' @param into environment that gets the functions
load_parts <- function(folder, into = parent.frame()) {
  for (part in PARTS) {
    for (file in list.files(file.path(folder, part), pattern = "\\.R$", full.names = TRUE)) {
      sys.source(file, envir = into, keep.source = FALSE)
    }
  }
}
load_parts(folder)

#' The dashboard as a Shiny app on the loopback address.
#'
#' @param folder with app.R, sql/, languages/, browser/
#' @param settings from read_settings()
#' @param warehouse from open_warehouse(); a test may give its own
#' @return a shiny.appobj
make_dashboard <- function(folder, settings, warehouse = NULL) {
  options(shiny.sanitize.errors = TRUE, shiny.maxRequestSize = 1024)
  if (is.null(warehouse)) {
    warehouse <- open_warehouse(open_database(), read_queries(file.path(folder, "sql")))
  }
  app <- list(
    settings = settings, texts = read_languages(file.path(folder, "languages")),
    assets = read_assets(file.path(folder, "browser")), warehouse = warehouse,
    watch = open_watch(warehouse, settings), tabs = all_tabs()
  )
  ui <- make_ui(list(
    page = function(state, language) page(app, state, language, early_numbers(app, state, language)),
    assets = app$assets, health = function() health_response(app)
  ))
  shiny::shinyApp(
    ui, make_server(app), uiPattern = "^/(sbw_dashboard(/.*)?)?$",
    options = list(host = "127.0.0.1", port = settings$port, launch.browser = FALSE)
  )
}

#' 200 when R answers and the warehouse too, else 503: for the host's readiness check.
health_response <- function(app) {
  answer <- tryCatch({
    app$watch$look()
    trouble <- shiny::isolate(app$watch$trouble())
    if (is.null(trouble)) "ok" else trouble
  }, error = problem_code)
  shiny::httpResponse(
    if (answer == "ok") 200L else 503L, "application/json", sprintf("{\"status\":\"%s\"}\n", answer),
    list("Cache-Control" = "no-store")
  )
}
