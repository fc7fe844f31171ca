# A warehouse that answers from memory, for tests of the tabs. It is strict: it refuses a question that docs/rollups.md
# does not have, a wrong number of parameters, and a parameter outside of its values. A test in test/dashboard holds its
# columns against those of the real SQL.

RANGE <- c("from_day", "to_day", "login", "by", "value", "bots")
SUMS <- c("sessions", "page_views", "events", "carts", "checkouts", "conversions", "bounced", "duration_seconds")
PRODUCT_SUMS <- c(
  "views", "adds", "removes", "sessions", "sessions_viewed", "sessions_added", "sessions_bought", "sold_value",
  "at_risk",
  "cart_rate", "conversion"
)

#' Question -> list(params, columns)
CONTRACT <- list(
  "overview/kpis" = list(RANGE, c("visitors", "new_visitors", SUMS)),
  "overview/days" = list(RANGE, c("day", "visitors", "new_visitors", SUMS)),
  "overview/hours" = list(RANGE, c("hour", "visitors", SUMS)),
  "overview/events" = list(RANGE, c("event_name", "events")),
  "funnel/funnel" = list(RANGE, c("step", "name", "sessions", "median_seconds")),
  "funnel/funnel-by" = list(c(RANGE, "kind", "rows"), c("key", "label", paste0("step", 1:5))),
  "products/products" = list(
    c(RANGE, "sort", "rows"), c("product_id", "name", "category", "brand", "price", PRODUCT_SUMS)
  ),
  "products/groups" = list(c(RANGE, "kind", "sort", "rows"), c("key", "label", PRODUCT_SUMS)),
  "time/heatmap" = list(RANGE, c("weekday", "hour", "sessions", "events", "conversions")),
  "sessions/pages" = list(c(RANGE, "ends", "rows"), c("page", "sessions", "bounced", "conversions")),
  "sessions/trails" = list(c(RANGE, "rows"), c(paste0("step", 1:4), "sessions", "conversions")),
  "sessions/depth" = list(RANGE, c("events", "sessions")),
  "sessions/returning" = list(RANGE, c("day", "new_visitors", "returning_visitors")),
  "sessions/retention" = list(RANGE, c("week", "week_offset", "visitors")),
  "live/live-now" = list(
    "bots", c("up_to", "visitors", "sessions", "events", "carts", "conversions", "active_visitors")
  ),
  "live/live-minutes" = list("bots", c("minute", "events", "visitors")),
  "live/live-events" = list(c("bots", "rows"), c("at", "event_name", "product_name", "page", "is_logged_in")),
  "quality/checks" = list(
    "stale_minutes", c("check_name", "tone", "count", "total", "first_at", "last_at", "command")
  ),
  "quality/reasons" = list(
    character(), c("reason", "field", "events", "first_seen_at", "last_seen_at", "command")
  ),
  "quality/loads" = list(
    c("from_day", "to_day"), c("day", "events_read", "loaded", "duplicates", "quarantined", "filtered")
  ),
  "quality/missing-hours" = list("rows", c("hour", "hours", "command"))
)

PATTERNS <- c(
  from_day = "^\\d{4}-\\d{2}-\\d{2}$", to_day = "^\\d{4}-\\d{2}-\\d{2}$", login = "^(|logged_in|anonymous)$",
  by = "^(|product|category|brand)$", value = "", bots = "^(on|off)$", kind = "^(login|category|brand|product)$",
  ends = "^(entry|exit)$", sort = "^(views|adds|sales|cart_rate|conversion|at_risk)$", rows = "^[1-9]\\d*$",
  stale_minutes = "^[1-9]\\d*$"
)
TEXTS <- c(
  "event_name", "name", "key", "label", "product_id", "category", "brand", "page", paste0("step", 1:4),
  "check_name", "tone", "command", "reason", "field", "product_name"
)

#' @param answers question -> data.frame or function(params); others get a row of ones
#' @return as open_warehouse(), and asked(): the questions so far
fake_warehouse <- function(answers = list(), status = fake_status()) {
  asked <- list()
  ask <- function(name, params = character()) {
    contract <- CONTRACT[[name]]
    if (is.null(contract)) stop("the contract has no question ", name)
    if (length(params) != length(contract[[1]])) stop(name, " takes ", length(contract[[1]]), " parameters")
    for (i in seq_along(params)) {
      if (is.na(params[[i]]) || !grepl(PATTERNS[[contract[[1]][[i]]]], params[[i]])) {
        stop(name, ": ", contract[[1]][[i]], " is ", params[[i]])
      }
    }
    asked[[length(asked) + 1]] <<- list(name = name, params = params)
    answer <- answers[[name]]
    if (is.function(answer)) answer <- answer(params)
    if (is.null(answer)) answer <- row_of_ones(name, contract[[2]], params)
    missing <- setdiff(contract[[2]], names(answer))
    if (length(missing) > 0) stop(name, " gives no ", paste(missing, collapse = ", "))
    answer
  }
  list(
    ask = ask, ask_anew = ask, take_misses = function() FALSE, check = function() status, status = function() status,
    asked = function() asked,
    honours = function(name, filter) {
      filter != "item" || grepl("^(overview/(kpis|days)|funnel/|products/)", name)
    }
  )
}

fake_status <- function(...) {
  status <- list(
    version = "1", first = as.Date("2026-08-01"), last = as.Date("2026-11-23"),
    up_to = as.POSIXct("2026-11-23 10:30:00", tz = "UTC"), loaded_at = as.POSIXct("2026-11-23 11:00:00", tz = "UTC"),
    now = as.POSIXct("2026-11-23 11:05:00", tz = "UTC"), zone = "UTC", currency = "VND",
    behind = 0
  )
  utils::modifyList(status, list(...))
}

row_of_ones <- function(name, columns, params) {
  at <- as.POSIXct("2026-11-23 10:00:00", tz = "UTC")
  row <- lapply(stats::setNames(nm = columns), function(column) {
    if (column %in% c("day", "week")) return(as.Date("2026-11-22"))
    is_hour <- column == "hour" && name %in% c("overview/hours", "quality/missing-hours")
    if (is_hour || grepl("(_at|^at|^minute|^up_to)$", column)) return(at)
    if (column %in% TEXTS) return("x")
    if (column == "week_offset") return(0)
    1
  })
  if (name == "funnel/funnel-by") row[paste0("step", 1:4)] <- 1
  as.data.frame(row)
}

#' A context for a tab's server function, without a browser.
#' @param looks reactive value that changes with every look
fake_context <- function(warehouse, ..., language = "en", looks = shiny::reactiveVal(0)) {
  state <- shiny::reactiveVal(read_state(list(...)))
  app <- list(warehouse = warehouse, settings = list(stale_minutes = 120L))
  context <- context_of(
    app, make_view(texts, language), state, function() state(), warehouse$status, heed_looks = function() looks()
  )
  context$set <- function(...) state(read_state(list(...)))
  context
}
