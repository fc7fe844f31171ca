test_that("no rows is a designed state in every card that can have none", {
  none <- lapply(CONTRACT, function(contract) {
    columns <- lapply(stats::setNames(nm = contract[[2]]), function(column) numeric())
    as.data.frame(columns)
  })
  # These have a row whatever happened; the cards below show it.
  full <- c("overview/kpis", "overview/days", "overview/hours", "live/live-now", "quality/checks")
  filled <- c("overview kpis", "overview trend", "funnel trend", "live counts", "quality checks")
  checks <- data.frame(
    check_name = "gaps", tone = "good", count = 0, total = 9, first_at = as.POSIXct(NA), last_at = as.POSIXct(NA),
    command = ""
  )
  warehouse <- fake_warehouse(c(none[setdiff(names(none), full)], list("quality/checks" = checks)))
  seen <- character()
  for (tab in all_tabs()) {
    shiny::testServer(tab$server, args = list(context = fake_context(warehouse)), {
      for (name in outputs_of(tab)) {
        card <- paste(tab$name, name)
        seen <<- c(seen, card)
        html <- html_of(output[[name]])
        expect_no_match(html, "data-tone=\"bad\"", fixed = TRUE, label = card)
        if (!card %in% filled) expect_match(html, "<div class=\"message\">", fixed = TRUE, label = card)
      }
    })
  }
  expect_true(all(filled %in% seen))
  expect_gt(length(seen), 20)
})

test_that("a question that fails is a message in its card, with what to do, in every card of every tab", {
  broken <- fake_warehouse()
  broken$ask <- broken$ask_anew <- function(...) problem("too_slow")
  for (tab in all_tabs()) {
    names <- outputs_of(tab)
    expect_gt(length(names), 1)
    shiny::testServer(tab$server, args = list(context = fake_context(broken)), {
      for (name in names) {
        html <- suppressMessages(html_of(output[[name]]))
        expect_match(html, "took too long", fixed = TRUE, label = paste(tab$name, name))
        expect_match(html, "Try again", fixed = TRUE, label = paste(tab$name, name))
      }
    })
  }
})

test_that("every tab's page has a place for each of its outputs", {
  for (tab in all_tabs()) {
    html <- as.character(tab$ui(tab$name, en$say))
    ids <- unlist(regmatches(html, gregexpr(paste0("id=\"", tab$name, "-[a-z_]+\""), html)))
    expect_equal(anyDuplicated(ids), 0L)
    expect_gt(length(ids), 2)
  }
})

test_that("each file holds the rows of its own table", {
  answers <- list("overview/events" = data.frame(event_name = "=bad()", events = 7))
  shiny::testServer(overview_server, args = list(context = fake_context(fake_warehouse(answers))), {
    expect_match(basename(output$events_csv), "events_2026-11-16_2026-11-22.csv", fixed = TRUE)
    expect_equal(readLines(output$events_csv, encoding = "UTF-8")[[2]], "'=bad(),7")
    expect_match(readLines(output$funnel_csv)[[1]], "median_seconds", fixed = TRUE)
  })
})

test_that("a file is named by what it holds and has what the card shows", {
  hours <- cbind(data.frame(hour = as.POSIXct("2026-11-23", tz = "UTC") + 3600 * (0:23)), kpi_rows()[rep(1, 24), ])
  context <- fake_context(fake_warehouse(list("overview/hours" = hours)), range = "today")
  shiny::testServer(overview_server, args = list(context = context), {
    expect_equal(basename(output$days_csv), "hours_2026-11-23_2026-11-23.csv")
    lines <- readLines(output$days_csv)
    expect_length(lines, 25)
    expect_match(lines[[12]], "^2026-11-23T10:00:00Z,700,")
    expect_equal(lines[[25]], "2026-11-23T23:00:00Z,,,,,,,,,,")
    context$set(range = "7")
    session$flushReact()
    expect_match(basename(output$days_csv), "days_2026-11-16_2026-11-22.csv", fixed = TRUE)
  })
  shiny::testServer(live_server, args = list(context = context), {
    expect_equal(basename(output$minutes_csv), "live-minutes_2026-11-23T10-30.csv")
    expect_equal(output$minutes_title, "The last loaded hour, up to 23 Nov 10:30")
  })
  shiny::testServer(quality_server, args = list(context = context), {
    expect_match(basename(output$missing_hours_csv), "^missing-hours_\\d{4}-\\d{2}-\\d{2}T\\d{2}-\\d{2}\\.csv$")
  })
})

test_that("the file of a search has what was found", {
  params <- c("2026-11-16", "2026-11-22", "", "", "", "off", "views", "2")
  two <- fake_warehouse()$ask("products/products", params)[c(1, 1), ]
  two$name <- c("Mouse", "Keyboard")
  context <- fake_context(fake_warehouse(list("products/products" = two)), find = "key")
  shiny::testServer(products_server, args = list(context = context), {
    expect_match(basename(output$products_csv), "products-found_", fixed = TRUE)
    expect_length(readLines(output$products_csv), 2)
  })
})

test_that("those who come back are followed for half a year at most, and the card says so", {
  warehouse <- fake_warehouse(status = fake_status(first = as.Date("2025-01-01")))
  context <- fake_context(warehouse, range = "custom", from = "2025-06-01", to = "2026-11-22")
  days <- shiny::isolate(retention_days(context$period()))
  expect_equal(days$from, as.Date("2026-05-25"))
  shiny::testServer(sessions_server, args = list(context = context), {
    expect_match(html_of(output$retention), "The last 26 weeks", fixed = TRUE)
    expect_match(basename(output$retention_csv), "retention_2026-05-25_2026-11-22.csv", fixed = TRUE)
    context$set(range = "90")
    session$flushReact()
    expect_no_match(html_of(output$retention), "The last 26 weeks", fixed = TRUE)
  })
})

test_that("a split says which filter it cannot heed, and nothing of those that it heeds", {
  ignores <- function(by, split) {
    context <- fake_context(fake_warehouse(), by = by, value = "x")
    !is.null(shiny::isolate(split_note(context, split)))
  }
  expect_false(ignores("category", "product"))
  expect_false(ignores("brand", "login"))
  expect_false(ignores("brand", "brand"))
  expect_true(ignores("brand", "category"))
  expect_true(ignores("product", "category"))
})

test_that("a screen reader hears each choice that changed, and only that", {
  context <- fake_context(fake_warehouse())
  speak <- make_choice_speaker(context)
  hear <- function(...) {
    context$set(...)
    shiny::isolate(speak())
  }
  expect_equal(hear(), "16 \u2013 22 Nov 2026")
  expect_equal(hear(login = "logged_in"), "Signed in")
  expect_equal(hear(login = "logged_in", compare = "off"), "Not compared")
  expect_equal(hear(compare = "off", by = "brand", value = "HP"), "Everyone. Brand: HP. Chart of: Sessions")
  expect_equal(hear(compare = "off"), "No filter. Chart of: Visitors")
  expect_equal(hear(compare = "off", sort = "at_risk", bots = "on"), "Bots are counted too. Products by: At risk")
  expect_equal(hear(range = "30"), paste(
    "24 Oct \u2013 22 Nov 2026. Compared with 24 Sep \u2013 23 Oct 2026. Bots are recognised and left out.",
    "Products by: Views"
  ))
})
