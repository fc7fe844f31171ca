# Scripts and styles, named by their content so that a browser asks for each version once. Shiny's own are served the
# same way. httpuv compresses what is served from here, not what it serves from a www folder by itself: through a
# tunnel of 0.66 MB/s every hundred kilobytes are felt.

MIME <- c(
  js = "text/javascript; charset=utf-8", css = "text/css; charset=utf-8", svg = "image/svg+xml",
  txt = "text/plain; charset=utf-8"
)

#' What draws the charts is made from npm packages and is not among the sources.
CHART_LIBRARY <- "library/plot.js"

#' @param folder the dashboard's browser/ folder
#' @return list(version, files = named list of list(type, bytes)); names are paths under assets/<version>/
read_assets <- function(folder) {
  own <- list.files(folder, recursive = TRUE)
  if (!CHART_LIBRARY %in% own) {
    stop(file.path(folder, CHART_LIBRARY), " is missing: `npm run build` makes it", call. = FALSE)
  }
  shared <- system.file("www", "shared", package = "shiny")
  paths <- c(
    stats::setNames(file.path(folder, own), own),
    "shiny/jquery.min.js" = file.path(shared, "jquery.min.js"),
    "shiny/shiny.min.js" = file.path(shared, "shiny.min.js"),
    "shiny/shiny.min.css" = file.path(shared, "shiny.min.css")
  )
  files <- lapply(paths, function(path) {
    list(type = MIME[[tools::file_ext(path)]], bytes = readBin(path, "raw", file.size(path)))
  })
  sums <- unname(tools::md5sum(paths))
  list(version = substr(md5_of_text(paste(names(paths), sums, collapse = "\n")), 1, 12), files = files)
}

md5_of_text <- function(text) {
  file <- tempfile()
  on.exit(unlink(file))
  writeLines(text, file)
  unname(tools::md5sum(file))
}

#' The answer to a request for an asset; an old version's name gets the present content, uncached.
#' @param path below assets/, as "<version>/script/main.js"
serve_asset <- function(assets, path) {
  version <- sub("/.*", "", path)
  file <- assets$files[[sub("^[^/]*/", "", path)]]
  if (is.null(file)) return(plain_response(404L, "not found"))
  is_present <- version == assets$version
  shiny::httpResponse(200L, file$type, file$bytes, list(
    "Cache-Control" = if (is_present) "public, max-age=31536000, immutable" else "no-cache",
    "X-Content-Type-Options" = "nosniff"
  ))
}

plain_response <- function(status, text, headers = list()) {
  shiny::httpResponse(status, "text/plain; charset=utf-8", text, headers)
}
