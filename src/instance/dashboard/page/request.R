# What a request may be, and the headers of the answer.

PATH <- "/sbw_dashboard"

#' The dashboard has no login of its own: whoever reaches the loopback port may look. A web page from elsewhere in the
#' same browser must not: neither by a name that resolves to 127.0.0.1 (Host), nor by a cross-site WebSocket (Origin).
is_own_host <- function(request) {
  host <- request$HTTP_HOST
  is.character(host) && grepl("^(localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]+)?$", host)
}

#' For the WebSocket: the page that opens it was served by this host. Programs send no Origin.
is_own_origin <- function(request) {
  origin <- request$HTTP_ORIGIN
  is_own_host(request) && (is.null(origin) || identical(sub("^https?://", "", origin), request$HTTP_HOST))
}

PAGE_HEADERS <- list(
  # Bars get their width by a style attribute; scripts come from here only.
  "Content-Security-Policy" = paste(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;",
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
  ),
  "X-Content-Type-Options" = "nosniff",
  "Referrer-Policy" = "no-referrer",
  "Cache-Control" = "no-store"
)

#' @param parts list(page = function(state, language), assets, health = function())
#' @return a UI function for shinyApp(): path -> redirect, page, asset, health, 404
make_ui <- function(parts) {
  function(request) {
    if (!is_own_host(request)) return(plain_response(403L, "Open it as http://localhost:3838/sbw_dashboard"))
    path <- request$PATH_INFO
    if (path %in% c("/", paste0(PATH, "/"))) {
      return(plain_response(302L, "", list(Location = paste0(PATH, request$QUERY_STRING))))
    }
    if (path == PATH) return(page_response(parts, request))
    if (path == paste0(PATH, "/health")) return(parts$health())
    asset <- paste0(PATH, "/assets/")
    if (startsWith(path, asset)) return(serve_asset(parts$assets, substring(path, nchar(asset) + 1)))
    plain_response(404L, "not found")
  }
}

#' R's texts hold no NUL; what is no query otherwise is none.
read_query <- function(text) {
  tryCatch(shiny::parseQueryString(gsub("%00", "", text, fixed = TRUE)), error = function(e) list())
}

page_response <- function(parts, request) {
  state <- read_state(read_query(request$QUERY_STRING %||% ""))
  language <- if (nzchar(state$lang)) state$lang else language_of_header(request$HTTP_ACCEPT_LANGUAGE)
  html <- enc2utf8(as.character(parts$page(state, language)))
  shiny::httpResponse(200L, "text/html; charset=utf-8", html, PAGE_HEADERS)
}
