# The rows of quality/checks as sentences.

#' @param rows data.frame(check_name, tone, count, total, first_at, last_at, command)
#' @return list for check_list(), what needs somebody first
quality_findings <- function(rows, zone, view) {
  rows <- rows[order(match(rows$tone, c("bad", "warn", "good"))), ]
  lapply(seq_len(nrow(rows)), function(i) finding(rows[i, ], zone, view))
}

#' The words of a check are finding.<name>.<good|warn>.title and .text; .none where "0 of 0" would be said, .empty where
#' what is wrong has no time. A check that we have no words for (a newer warehouse) is shown by its name.
finding <- function(row, zone, view) {
  say <- view$say
  words <- function(kind) paste("finding", row$check_name, kind, sep = ".")
  has <- function(kind) say(paste0(words(kind), ".title")) != paste0(words(kind), ".title")
  kind <- if (row$tone != "good") {
    if (is.na(row$first_at) && has("empty")) "empty" else "warn"
  } else {
    if (row$count == 0 && has("none")) "none" else "good"
  }
  known <- words(kind)
  moment <- function(at) if (is.na(at)) DASH else format_moment(at, zone, view$language)
  fill <- function(key) {
    say(
      key, n = format_count(row$count, view$language), total = format_count(row$total, view$language),
      share = format_share(if (isTRUE(row$total > 0)) row$count / row$total else 0, view$language),
      first = moment(row$first_at), last = moment(row$last_at)
    )
  }
  title <- fill(paste0(known, ".title"))
  is_known <- !startsWith(title, "finding.")
  list(
    tone = row$tone, title = if (is_known) title else row$check_name,
    text = if (is_known) fill(paste0(known, ".text")),
    command = if (!is.na(row$command) && nzchar(row$command)) row$command
  )
}
