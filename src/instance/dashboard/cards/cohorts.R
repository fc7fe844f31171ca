# Of the visitors who first came in a week, how many came again in the weeks after.

#' @param rows data.frame(week (Date), week_offset (0..), visitors)
#' @param last the newest day with data: the week it lies in is not over, and its shares would look like a loss
cohort_table <- function(rows, last, view, caption) {
  weeks <- sort(unique(rows$week))
  width <- max(rows$week_offset)
  head <- tags$tr(
    tags$th(scope = "col", view$say("cohort.week")), tags$th(scope = "col", view$say("kpi.visitors")),
    lapply(seq_len(width), function(n) tags$th(scope = "col", view$say("cohort.after", n = n)))
  )
  body <- lapply(seq_along(weeks), function(i) {
    own <- rows[rows$week == weeks[[i]], ]
    size <- own$visitors[own$week_offset == 0]
    size <- if (length(size) == 1) size else 0
    tags$tr(
      tags$td(format_day(weeks[[i]], view$language)), tags$td(format_count(size, view$language)),
      lapply(seq_len(width), function(n) {
        is_open <- weeks[[i]] + 7 * n + 6 >= last
        cohort_cell(own$visitors[own$week_offset == n], size, is_open, view)
      })
    )
  })
  tags$div(class = "scroll", tags$table(
    class = "rows cohorts", tags$caption(class = "unseen", caption), tags$thead(head), tags$tbody(body)
  ))
}

cohort_cell <- function(visitors, size, is_open, view) {
  if (length(visitors) != 1 || size == 0) return(tags$td())
  share <- visitors / size
  shown <- format_share(share, view$language, 0)
  if (is_open) {
    title <- view$say("cohort.open", n = format_count(visitors, view$language))
    return(tags$td(class = "cell open", style = "--w:0", title = title, shown))
  }
  # Few come back: half of them is full colour.
  depth <- min(1, share * 2) * 0.85
  tags$td(
    class = paste("cell", if (depth > 0.45) "strong"), style = sprintf("--w:%.3f", depth),
    title = format_count(visitors, view$language), shown
  )
}
