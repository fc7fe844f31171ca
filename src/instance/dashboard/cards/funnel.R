# Sessions step by step, in order.

STEPS <- c("page", "product", "cart", "checkout", "done")

#' @param steps data.frame(sessions, median_seconds) in order of STEPS
#' @param before the same of the previous period, or NULL
funnel <- function(steps, view, large = FALSE, before = NULL) {
  first <- max(1, steps$sessions[[1]])
  tags$ol(class = paste("funnel", if (large) "large"), lapply(seq_len(nrow(steps)), function(i) {
    n <- steps$sessions[[i]]
    tags$li(
      tags$div(
        class = "step",
        tags$span(view$say(paste0("step.", STEPS[[i]]))),
        tags$span(
          tags$span(
            class = "value", `data-step` = STEPS[[i]], `data-value` = plain_number(n), format_count(n, view$language)
          ),
          tags$span(class = "muted", format_share(n / first, view$language)),
          if (i > 1 && !is.null(before)) step_change(n / first, before, i, view)
        ),
        tags$div(class = "step-bar", `aria-hidden` = "true", tags$i(style = sprintf("--w:%.4f", n / first)))
      ),
      if (i < nrow(steps)) funnel_loss(steps, i, view)
    )
  }))
}

#' How much the share of a step differs from that of the previous period, in points.
step_change <- function(share, before, i, view) {
  was <- if (before$sessions[[1]] > 0) before$sessions[[i]] / before$sessions[[1]] else NA_real_
  change <- change_of(share, was, "share")
  change_mark(list(unit = "share", change = change, tone = tone_of(change, 1), before = was), view)
}

#' How many did not take the next step, and how long those took who did.
funnel_loss <- function(steps, i, view) {
  n <- steps$sessions[[i]]
  lost <- n - steps$sessions[[i + 1]]
  seconds <- steps$median_seconds[[i + 1]]
  tags$div(
    class = "lost",
    if (lost > 0) tags$span(tags$b(paste0("\u2212", format_share(lost / n, view$language))), view$say("funnel.left")),
    if (is.finite(seconds)) tags$span(view$say("funnel.time", time = format_duration(seconds, view$language)))
  )
}

#' Index of the step after which the largest share is lost, or NA when nobody entered.
worst_step <- function(steps) {
  n <- steps$sessions
  kept <- n[-1] / n[-length(n)]
  kept[!is.finite(kept)] <- NA
  if (all(is.na(kept))) NA_integer_ else which.min(kept)
}
