# Numbers, times and days as people read them. All return text; NA gives a dash.

DASH <- "\u2013"

MARKS <- list(
  en = list(big = ",", point = ".", million = "M"),
  vi = list(big = ".", point = ",", million = " Tr")
)

with_marks <- function(x, decimals, language) {
  marks <- MARKS[[language]]
  out <- formatC(x, format = "f", digits = decimals, big.mark = marks$big, decimal.mark = marks$point)
  ifelse(is.finite(x), out, DASH)
}

#' 1234567 -> "1,234,567"
format_count <- function(x, language = "en") with_marks(as.numeric(x), 0, language)

#' For headlines: millions are shortened. 12345678 -> "12.35 M"
format_short <- function(x, language = "en") {
  x <- as.numeric(x)
  short <- paste0(with_marks(x / 1e6, 2, language), MARKS[[language]]$million)
  ifelse(is.finite(x) & abs(x) >= 1e6, short, format_count(x, language))
}

#' 0.1234 -> "12.3%"
format_share <- function(x, language = "en", decimals = 1) {
  ifelse(is.finite(x), paste0(with_marks(100 * x, decimals, language), "%"), DASH)
}

#' Money without a sign: the events do not say which currency. 34.9 -> "34.90", 490000 -> "490,000"
format_money <- function(x, language = "en") {
  x <- as.numeric(x)
  small <- is.finite(x) & abs(x) < 1000 & x != round(x)
  ifelse(small, with_marks(x, 2, language), with_marks(x, 0, language))
}

#' Seconds -> "1m 58s", "2h 05m"
format_duration <- function(seconds, language = "en") {
  unit <- if (language == "vi") c(" gi\u1edd", " ph", " gi") else c("h", "m", "s")
  one <- function(s) {
    if (!is.finite(s)) return(DASH)
    s <- round(s)
    if (s >= 3600) return(sprintf("%d%s %02d%s", s %/% 3600, unit[1], (s %% 3600) %/% 60, unit[2]))
    if (s >= 60) return(sprintf("%d%s %02d%s", s %/% 60, unit[2], s %% 60, unit[3]))
    sprintf("%d%s", s, unit[3])
  }
  vapply(as.numeric(seconds), one, "")
}

#' A value by the unit that metrics.R names.
format_value <- function(x, unit, language = "en") {
  switch(unit,
    count = format_count(x, language),
    share = format_share(x, language),
    seconds = format_duration(x, language),
    money = format_money(x, language)
  )
}

MONTHS <- c("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#' Date -> "15 Nov" or "15/11"; with its year "15 Nov 2026" or "15/11/2026"
format_day <- function(day, language = "en", has_year = FALSE) {
  day <- as.Date(day)
  if (language == "vi") return(format(day, if (has_year) "%d/%m/%Y" else "%d/%m"))
  text <- paste(as.integer(format(day, "%d")), MONTHS[as.integer(format(day, "%m"))])
  if (has_year) paste(text, format(day, "%Y")) else text
}

#' Whether days lie in more than one year: then each says its own.
span_years <- function(days) length(unique(format(as.Date(days), "%Y"))) > 1

#' Days of one chart or table.
format_each_day <- function(days, language = "en") format_day(days, language, span_years(days))

#' Two dates -> "15 - 21 Nov 2026"
format_days <- function(from, to, language = "en") {
  year <- format(to, "%Y")
  if (language == "vi") {
    if (from == to) return(format_day(to, language, TRUE))
    return(paste(format_day(from, language, format(from, "%Y") != year), DASH, format_day(to, language, TRUE)))
  }
  if (from == to) return(format_day(to, language, TRUE))
  first <- if (format(from, "%Y") != year) {
    format_day(from, language, TRUE)
  } else if (format(from, "%m") == format(to, "%m")) {
    as.character(as.integer(format(from, "%d")))
  } else {
    format_day(from)
  }
  paste(first, DASH, format_day(to, language, TRUE))
}

#' Weekday names, Monday first.
weekday_names <- function(language = "en") {
  if (language == "vi") return(c("T2", "T3", "T4", "T5", "T6", "T7", "CN"))
  c("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
}

#' An instant for programs: "2026-11-21T14:01:00Z"
format_instant <- function(at) format(as.POSIXct(at), "%Y-%m-%dT%H:%M:%SZ", tz = "UTC")

#' "14:01" of an instant in a time zone.
format_clock <- function(at, zone) format(as.POSIXct(at), "%H:%M", tz = zone)

#' An instant as "21 Nov 14:01" in a time zone; with its year when it lies far before `now`.
format_moment <- function(at, zone, language = "en", now = at) {
  at <- as.POSIXct(at)
  day <- as.Date(format(at, "%Y-%m-%d", tz = zone))
  is_old <- as.numeric(difftime(now, at, units = "days")) > 300
  shown <- if (isTRUE(is_old)) format_days(day, day, language) else format_day(day, language)
  paste(shown, format_clock(at, zone))
}

#' Two instants -> "21 Nov 14:00 - 16:00", "21 Nov 23:00 - 22 Nov 01:00"
format_moments <- function(from, to, zone, language = "en") {
  is_one_day <- format(from, "%F", tz = zone) == format(to, "%F", tz = zone)
  end <- if (is_one_day) format_clock(to, zone) else format_moment(to, zone, language)
  paste(format_moment(from, zone, language), DASH, end)
}

#' Dates of one chart or table -> "Sat 21 Nov"
format_weekday <- function(days, language = "en") {
  days <- as.Date(days)
  paste(weekday_names(language)[as.integer(format(days, "%u"))], format_each_day(days, language))
}
