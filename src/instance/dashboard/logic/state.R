# What the visitor chose. The browser keeps it in the URL and sends it whole; nothing of it is believed.

METRICS <- c("visitors", "sessions", "page_views", "conversion", "bounce", "duration")
TABS <- c("overview", "funnel", "products", "time", "sessions", "live", "quality")
# As many as a name in the warehouse may have.
MAX_VALUE_CHARS <- 512L
MAX_FIND_CHARS <- 100L

# Years that a day may be in: beyond, a typing error and not every program's date.
YEARS <- c(1900L, 2100L)

# Held against script/state.js by a test: the browser must not show as chosen what we take for something else.
CHOICES <- list(
  tab = TABS,
  range = c("7", "today", "30", "90", "custom"),
  compare = c("on", "off"),
  login = c("", "logged_in", "anonymous"),
  by = c("", "product", "category", "brand"),
  metric = METRICS,
  sort = c("views", "adds", "sales", "cart_rate", "conversion", "at_risk"),
  split = c("category", "brand", "product", "login"),
  bots = c("off", "on"),
  lang = c("", "en", "vi")
)

#' A valid state from anything: a parsed query string or what the browser sent. The first choice is the default.
#'
#' @param raw list or NULL
#' @return named list: the members of CHOICES, from and to (Date or NULL), value and find (string)
read_state <- function(raw) {
  raw <- if (is.list(raw)) raw else list()
  state <- lapply(stats::setNames(nm = names(CHOICES)), function(name) {
    given <- one_string(raw[[name]])
    if (given %in% CHOICES[[name]]) given else CHOICES[[name]][[1]]
  })
  state$from <- read_day(raw$from)
  state$to <- read_day(raw$to)
  state$value <- substr(one_string(raw$value), 1, MAX_VALUE_CHARS)
  state$find <- substr(trimws(one_string(raw$find)), 1, MAX_FIND_CHARS)
  if (state$by == "" || state$value == "") state[c("by", "value")] <- list("", "")
  if (state$range == "custom" && (is.null(state$from) || is.null(state$to))) state$range <- CHOICES$range[[1]]
  state
}

#' The string that a value is, or "" when it is anything else (a list, a number, text with NUL or invalid UTF-8).
one_string <- function(x) {
  if (!is.character(x) || length(x) != 1 || is.na(x)) return("")
  if (!validUTF8(x)) return("")
  x
}

read_day <- function(x) {
  text <- one_string(x)
  if (!grepl("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", text)) return(NULL)
  day <- as.Date(text, optional = TRUE)
  is_known <- !is.na(day) && as.integer(substr(text, 1, 4)) %in% YEARS[[1]]:YEARS[[2]]
  if (is_known) day
}
