# The whole HTML page. It is made here and not by Shiny's own page functions: no Bootstrap, no fonts, no widgets.

# Later ones win over earlier ones.
STYLES <- c("base", "frame", "filters", "cards", "headline", "tables", "bars", "states", "charts")

#' @param app list(settings, assets, texts, tabs)
#' @param early tags that are known at the request already: the headline numbers, so that they are there at once
page <- function(app, state, language, early = NULL) {
  say <- make_say(app$texts, language)
  asset <- function(path) paste0("sbw_dashboard/assets/", app$assets$version, "/", path)
  # Not the charts: what draws them is large, and would take the line from what comes first.
  modules <- grep("^script/.*\\.js$", names(app$assets$files), value = TRUE)
  modules <- setdiff(modules, c("script/theme.js", "script/quirks.js", "script/main.js"))
  head <- tags$head(
    tags$meta(charset = "utf-8"),
    tags$meta(name = "viewport", content = "width=device-width, initial-scale=1"),
    tags$title(app$settings$title),
    tags$link(rel = "icon", type = "image/svg+xml", href = asset("favicon.svg")),
    tags$script(src = asset("script/theme.js")),
    lapply(c("shiny/shiny.min.css", sprintf("styles/%s.css", STYLES)), function(path) {
      tags$link(rel = "stylesheet", href = asset(path))
    }),
    lapply(modules, function(path) tags$link(rel = "modulepreload", href = asset(path))),
    lapply(c("shiny/jquery.min.js", "script/quirks.js", "shiny/shiny.min.js"), function(path) {
      tags$script(src = asset(path), defer = NA)
    }),
    tags$script(src = asset("script/main.js"), type = "module")
  )
  body <- tags$body(
    tags$a(class = "skip", href = "#main", say("skip")),
    page_header(app, say, language),
    tags$div(
      class = "frame",
      filter_bar(say),
      lost_notice(say),
      tags$div(id = "notice", class = "shiny-html-output", `aria-live` = "polite"),
      tags$main(
        id = "main", tabindex = "-1", lapply(app$tabs, tab_panel, chosen = state$tab, say = say, early = early)
      ),
      page_footer(say)
    ),
    tags$div(id = "said", class = "unseen shiny-text-output", role = "status"),
    tags$div(id = "state", class = "unseen", `aria-hidden` = "true"),
    tags$script(id = "words", type = "application/json", HTML(age_words(say)))
  )
  paste0("<!DOCTYPE html>\n", htmltools::doRenderTags(tags$html(lang = language, head, body)))
}

#' For script/age.js. Our own texts, but `<` is escaped as in any script.
age_words <- function(say) {
  keys <- c("now", "minutes", "hours", "days")
  words <- stats::setNames(lapply(keys, function(key) say(paste0("age.", key))), keys)
  gsub("<", "\\u003c", as_json(words), fixed = TRUE)
}

page_header <- function(app, say, language) {
  other <- setdiff(LANGUAGES, language)[[1]]
  tags$header(
    class = "top",
    tags$h1(class = "brand", logo(), tags$span(app$settings$title)),
    tags$nav(class = "tabs", role = "tablist", `aria-label` = say("tabs"), lapply(app$tabs, function(tab) {
      tags$button(
        role = "tab", id = paste0("tab-", tab$name), `aria-controls` = paste0("panel-", tab$name),
        `aria-selected` = "false", !!!sets(list(tab = tab$name), is_choice = FALSE),
        say(paste0("tab.", tab$name))
      )
    })),
    tags$div(
      class = "tools",
      tags$button(
        class = "tool", !!!sets(list(lang = other), is_choice = FALSE), lang = other,
        if (other == "vi") "Ti\u1ebfng Vi\u1ec7t" else "English"
      ),
      tags$button(
        class = "tool", type = "button", `data-do` = "theme", title = say("theme"), `aria-label` = say("theme"), moon()
      )
    )
  )
}

tab_panel <- function(tab, chosen, say, early) {
  tags$section(
    class = "panel", role = "tabpanel", id = paste0("panel-", tab$name), `aria-labelledby` = paste0("tab-", tab$name),
    hidden = if (tab$name != chosen) NA, tab$ui(tab$name, say, early)
  )
}

page_footer <- function(say) {
  tags$footer(
    class = "foot", tags$span(say("foot.visitors")), tags$span(say("foot.bots")),
    tags$button(class = "toggle small", !!!sets(list(bots = "on"), list(bots = "off")), say("foot.with_bots"))
  )
}

lost_notice <- function(say) {
  tags$div(
    id = "lost", class = "notice", `data-tone` = "bad", role = "alert", hidden = NA,
    tags$strong(say("lost.title")), tags$span(say("lost.text")),
    # Instead, when the page could not stay connected.
    tags$span(hidden = NA, say("lost.stopped")),
    tags$button(type = "button", class = "plain-button", `data-do` = "reload", say("again"))
  )
}

logo <- function() {
  tags$svg(
    width = 24, height = 24, viewBox = "0 0 32 32", `aria-hidden` = "true",
    tag("rect", list(width = 32, height = 32, rx = 8, fill = "var(--accent)")),
    tag("path", list(
      d = "M7 21.5l6-7 4.5 4 7.5-9", fill = "none", stroke = "var(--on-accent)", `stroke-width` = 3,
      `stroke-linecap` = "round", `stroke-linejoin` = "round"
    ))
  )
}

moon <- function() {
  tags$svg(
    width = 17, height = 17, viewBox = "0 0 20 20", `aria-hidden` = "true",
    tag("path", list(d = "M10 2a8 8 0 0 0 0 16z", fill = "currentColor")),
    tag("circle", list(cx = 10, cy = 10, r = 8, fill = "none", stroke = "currentColor", `stroke-width` = 2))
  )
}
