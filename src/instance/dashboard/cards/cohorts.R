# Of the visitors who first came in a week, how many came again in the weeks after. Up to a hundred cells and more: made
# as text at once, as in rows.R.

# How much of the accent a cell may have for its text to be read on it, in light and dark; a test computes it.
MAX_DEPTH <- 0.6

#' @param rows data.frame(week (Date), week_offset (0..), visitors)
#' @param last the newest day with data: the week it lies in is not over, and its shares would look like a loss
cohort_table <- function(rows, last, view, caption) {
  weeks <- sort(unique(rows$week))
  width <- max(rows$week_offset)
  head <- tags$tr(
    tags$th(scope = "col", view$say("cohort.week")), tags$th(scope = "col", view$say("kpi.visitors")),
    lapply(seq_len(width), function(n) tags$th(scope = "col", view$say("cohort.after", n = n)))
  )
  known <- matrix(NA_real_, length(weeks), width + 1)
  known[cbind(match(rows$week, weeks), rows$week_offset + 1)] <- rows$visitors
  sizes <- ifelse(is.na(known[, 1]), 0, known[, 1])
  cells <- lapply(seq_len(width), function(n) {
    cohort_cells(known[, n + 1], sizes, is_open = weeks + 7 * n + 6 >= last, view)
  })
  first <- paste0("<td>", html_text(format_each_day(weeks, view$language)), "</td>")
  second <- paste0("<td>", html_text(format_count(sizes, view$language)), "</td>")
  body <- paste0("<tr>", first, second, do.call(paste0, cells), "</tr>", collapse = "\n")
  tags$div(class = "scroll", tags$table(
    class = "rows cohorts", tags$caption(class = "unseen", caption), tags$thead(head), tags$tbody(HTML(body))
  ))
}

#' A column of the table: those who came again so many weeks later.
#' @param visitors NA: not known, or the week is still to come
#' @param is_open whether that week is not over
#' @return HTML, one <td> a week
cohort_cells <- function(visitors, sizes, is_open, view) {
  share <- visitors / sizes
  # Few come back: half of them is full colour.
  depth <- ifelse(is_open, 0, pmin(1, share * 2) * MAX_DEPTH)
  count <- format_count(visitors, view$language)
  title <- count
  said <- is_open & !is.na(visitors)
  title[said] <- vapply(count[said], function(n) view$say("cohort.open", n = n), "")
  class <- ifelse(is_open, "cell open", "cell")
  cells <- sprintf(
    "<td class=\"%s\" style=\"--w:%.3f\" title=\"%s\">%s</td>", class, depth, html_attribute(title),
    html_text(format_share(share, view$language, 0))
  )
  ifelse(is.na(visitors) | sizes == 0, "<td></td>", cells)
}
