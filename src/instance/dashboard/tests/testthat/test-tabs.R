test_that("Overview shows the numbers of its days and compares them with the days before", {
  warehouse <- fake_warehouse(list(
    "overview/kpis" = function(params) if (params[[1]] == "2026-11-16") kpi_rows() else kpi_rows(visitors = 500),
    "funnel/funnel" = funnel_rows
  ))
  context <- fake_context(warehouse)
  shiny::testServer(overview_server, args = list(context = context), {
    expect_match(html_of(output$kpis), "data-kpi=\"visitors\" data-value=\"700\"", fixed = TRUE)
    expect_match(html_of(output$kpis), "data-kpi=\"conversion\" data-value=\"0.06\"", fixed = TRUE)
    expect_match(html_of(output$kpis), "40.0%", fixed = TRUE)
    expect_match(html_of(output$funnel), "data-step=\"cart\" data-value=\"200\"", fixed = TRUE)
    expect_equal(output$trend_title, "Visitors per day")
    context$set(metric = "bounce")
    session$flushReact()
    expect_equal(output$trend_title, "Bounce rate per day")
  })
  first <- Filter(function(question) question$name == "overview/kpis", warehouse$asked())[[1]]
  expect_equal(first$params, c("2026-11-16", "2026-11-22", "", "", "", "off"))
})

test_that("Overview without comparison asks for no days before", {
  warehouse <- fake_warehouse(list("funnel/funnel" = funnel_rows))
  shiny::testServer(overview_server, args = list(context = fake_context(warehouse, compare = "off")), {
    html_of(output$kpis)
    html_of(output$trend)
  })
  days <- vapply(warehouse$asked(), function(question) question$params[[1]], "")
  expect_setequal(days, "2026-11-16")
})

test_that("a day that is not over is compared with the same hours of the day before", {
  hours <- function(day, n) {
    at <- as.POSIXct(day, tz = "UTC") + 3600 * (0:23)
    cbind(data.frame(hour = at), kpi_rows(visitors = 5, sessions = n)[rep(1, 24), ])
  }
  warehouse <- fake_warehouse(list(
    "overview/kpis" = kpi_rows(), "overview/days" = cbind(data.frame(day = as.Date("2026-11-23")), kpi_rows()),
    "overview/hours" = function(params) hours(params[[1]], if (params[[1]] == "2026-11-23") 30 else 20)
  ))
  strip <- shiny::isolate(ask_headline(fake_context(warehouse, range = "today")))
  sessions <- Filter(function(metric) metric$key == "sessions", strip)[[1]]
  expect_equal(sessions$change, 0.5)
  expect_equal(sessions$before, 200)
  expect_true(is.na(Filter(function(metric) metric$key == "visitors", strip)[[1]]$change))
})

test_that("nothing is asked of days before when there are none to compare with, and the numbers say why", {
  warehouse <- fake_warehouse(list("overview/kpis" = kpi_rows(), "funnel/funnel" = funnel_rows))
  choices <- list(
    list(range = "90"), list(range = "today", by = "brand", value = "HP"),
    list(range = "custom", from = "2026-11-20", to = "2026-11-23")
  )
  for (choice in choices) {
    context <- do.call(fake_context, c(list(warehouse), choice))
    shiny::testServer(overview_server, args = list(context = context), {
      expect_no_match(html_of(output$kpis), "class=\"change\"", fixed = TRUE)
      expect_match(html_of(output$kpis), "Not compared: ", fixed = TRUE)
      html_of(output$trend)
    })
    shiny::testServer(funnel_server, args = list(context = context), html_of(output$steps))
  }
  days <- vapply(warehouse$asked(), function(question) question$params[[1]], "")
  expect_setequal(days, c("2026-08-25", "2026-11-23", "2026-11-20"))
})

test_that("days without data and days to come are gaps in the chart", {
  days <- seq(as.Date("2026-07-30"), as.Date("2026-08-02"), by = "day")
  rows <- cbind(data.frame(day = days), kpi_rows()[rep(1, 4), ])
  context <- fake_context(
    fake_warehouse(list("overview/days" = rows)), range = "custom", from = "2026-07-30", to = "2026-08-02"
  )
  trend <- shiny::isolate(ask_trend(context, "sessions"))
  expect_equal(trend$now, c(NA, NA, 1000, 1000))
})

test_that("a card whose question does not heed the filter says so", {
  context <- fake_context(fake_warehouse(), by = "product", value = "p-1")
  shiny::testServer(overview_server, args = list(context = context), {
    expect_match(html_of(output$events), "without the product filter", fixed = TRUE)
    expect_no_match(html_of(output$products), "without the", fixed = TRUE)
    expect_equal(output$trend_title, "Sessions per day")
  })
})

test_that("Funnel names the step where most leave, and its split", {
  split <- data.frame(key = "Mice", label = "Mice", step1 = 50, step2 = 40, step3 = 10, step4 = 6, step5 = 4)
  warehouse <- fake_warehouse(list("funnel/funnel" = funnel_rows, "funnel/funnel-by" = split))
  shiny::testServer(funnel_server, args = list(context = fake_context(warehouse, split = "category")), {
    expect_match(html_of(output$steps), "66.7%", fixed = TRUE)
    expect_match(html_of(output$steps), "\u201cViewed a product\u201d and \u201cAdded to cart\u201d", fixed = TRUE)
    expect_match(html_of(output$split), "80.0%</td>.*20.0%</td>.*12.0%</td>.*8.0%</td>")
  })
})

test_that("Products sorts by what is asked and offers the filter", {
  product <- data.frame(
    product_id = "p-1", name = "<b>Mouse</b>", category = "Mice", brand = "HP", price = 34.9, views = 40, adds = 12,
    removes = 2, sessions = 30, sessions_viewed = 30, sessions_added = 9, sessions_bought = 3, sold_value = 104.7,
    at_risk = 209.4, cart_rate = 0.3, conversion = 0.1
  )
  warehouse <- fake_warehouse(list("products/products" = product))
  shiny::testServer(products_server, args = list(context = fake_context(warehouse, sort = "at_risk")), {
    table <- html_of(output$table)
    expect_match(table, "&lt;b&gt;Mouse&lt;/b&gt;", fixed = TRUE)
    expect_match(table, "34.90", fixed = TRUE)
    expect_match(table, "aria-sort=\"descending\"", fixed = TRUE)
    expect_match(table, "At risk (VND)", fixed = TRUE)
  })
  asked <- Filter(function(question) question$name == "products/products", warehouse$asked())[[1]]
  expect_equal(asked$params[7:8], c("at_risk", as.character(TABLE_ROWS)))
})

test_that("the search looks through more products than are shown, and says when there is none", {
  many <- data.frame(
    product_id = paste0("p-", 1:50), name = paste("Mouse", 1:50), category = "Mice", brand = "HP", price = 1, views = 1,
    adds = 1, removes = 0, sessions = 1, sessions_viewed = 1, sessions_added = 1, sessions_bought = 0, sold_value = 0,
    at_risk = 1, cart_rate = 1, conversion = 0
  )
  warehouse <- fake_warehouse(list("products/products" = function(params) utils::head(many, as.integer(params[[8]]))))
  context <- fake_context(warehouse, find = "mouse 49")
  shiny::testServer(products_server, args = list(context = context), {
    expect_match(html_of(output$table), ">Mouse 49<", fixed = TRUE)
    expect_no_match(html_of(output$table), ">Mouse 4<", fixed = TRUE)
    context$set(find = "[(*")
    session$flushReact()
    expect_match(html_of(output$table), "No such product", fixed = TRUE)
  })
})

test_that("Time finds the busiest and the quietest hour", {
  grid <- expand.grid(hour = 0:23, weekday = 1:7)
  grid <- cbind(grid, sessions = 10, events = 1, conversions = 0)
  grid$sessions[grid$weekday == 6 & grid$hour == 21] <- 99
  grid$sessions[grid$weekday == 2 & grid$hour == 3] <- 1
  shiny::testServer(time_server, args = list(context = fake_context(fake_warehouse(list("time/heatmap" = grid)))), {
    expect_match(html_of(output$heatmap), "Busiest: Sat, 21:00. Quietest: Tue, 03:00", fixed = TRUE)
    expect_match(html_of(output$hours), "sbw-chart", fixed = TRUE)
    expect_match(html_of(output$weekdays), "sbw-chart", fixed = TRUE)
  })
})

test_that("an hour's mean is of the days in which it came", {
  grid <- expand.grid(hour = 0:23, weekday = 1:7)
  grid <- cbind(grid, sessions = 10, events = 1, conversions = 0)
  # Two Mondays, the newest of which is over up to ten o'clock, and one of every other day.
  status <- fake_status()
  period <- resolve_period(read_state(list(range = "custom", from = "2026-11-16", to = "2026-11-23")), status)
  times <- occurrences(period, status)
  expect_equal(times[1, ], rep(c(2, 1), c(11, 13)))
  expect_equal(times[2, ], rep(1, 24))
  cells <- cell_means(grid, times)
  expect_equal(cells$mean[cells$weekday == 1 & cells$hour == 9], 5)
  expect_equal(hour_means(grid, times)$sessions[c(1, 24)], c(70 / 8, 10))
  expect_equal(weekday_means(grid, times)$sessions[1:2], c(11 * 5 + 13 * 10, 240))
})

test_that("on a day that is not over, hours to come are gaps, also those of the day before", {
  grid <- expand.grid(hour = 0:23, weekday = 1:7)
  grid <- cbind(grid, sessions = 0, events = 1, conversions = 0)
  today <- grid
  today$sessions[today$weekday == 1 & today$hour <= 10] <- 4
  today$sessions[today$weekday == 1 & today$hour == 3] <- 2
  before <- grid
  before$sessions[before$weekday == 7] <- 6
  warehouse <- fake_warehouse(list(
    "time/heatmap" = function(params) if (params[[1]] == "2026-11-23") today else before
  ))
  shiny::testServer(time_server, args = list(context = fake_context(warehouse, range = "today")), {
    expect_match(html_of(output$heatmap), "Quietest: Mon, 03:00", fixed = TRUE)
    hours <- chart_in(output$hours)
    expect_equal(hours$series$values[[1]], c(4, 4, 4, 2, rep(4, 7), rep(NA, 13)))
    expect_equal(hours$series$values[[2]], rep(c(6, NA), c(11, 13)))
    weekdays <- chart_in(output$weekdays)
    expect_equal(weekdays$series$values[[2]], c(rep(NA, 6), 66))
    expect_equal(sum(is.na(chart_in(output$heatmap)$series$values[[1]])), 168 - 11)
  })
})

test_that("Sessions shows trails, pages and cohorts", {
  answers <- list(
    "sessions/trails" = data.frame(
      step1 = "home_view", step2 = "<i>x</i>", step3 = "", step4 = "", sessions = 5, conversions = 0
    ),
    "sessions/depth" = data.frame(events = 1:20, sessions = 20:1),
    "sessions/pages" = function(params) {
      if (params[[7]] == "entry") data.frame(page = "/start", sessions = 40, bounced = 10, conversions = 4) else
        data.frame(page = "/end", sessions = 30, bounced = 15, conversions = 0)
    },
    "sessions/returning" = data.frame(day = as.Date("2026-11-20"), new_visitors = 3, returning_visitors = 7),
    "sessions/retention" = data.frame(week = as.Date("2026-11-09"), week_offset = 0:2, visitors = c(50, 10, 5))
  )
  warehouse <- fake_warehouse(answers)
  shiny::testServer(sessions_server, args = list(context = fake_context(warehouse)), {
    expect_match(html_of(output$trails), "&lt;i&gt;x&lt;/i&gt;", fixed = TRUE)
    expect_match(html_of(output$depth), "20+", fixed = TRUE)
    expect_match(html_of(output$entry), ">/start</span>.*<span>40</span>.*>25.0%</td>.*>10.0%</td>")
    expect_match(html_of(output$exit), ">/end</span>.*<span>30</span>.*>50.0%</td>.*>0.0%</td>")
    expect_match(html_of(output$returning), "&quot;role&quot;:&quot;main&quot;,&quot;values&quot;:[7]", fixed = TRUE)
    expect_match(html_of(output$returning), "&quot;role&quot;:&quot;second&quot;,&quot;values&quot;:[3]", fixed = TRUE)
    # The week of the 23rd goes on: its share is said, but has no colour.
    expect_match(html_of(output$retention), paste0(
      "<td>9 Nov</td><td>50</td><td class=\"cell\" [^>]*title=\"10\">20%</td>",
      "<td class=\"cell open\" style=\"--w:0.000\" title=\"5[^\"]+\">10%</td></tr>"
    ))
  })
  retention <- Filter(function(question) question$name == "sessions/retention", warehouse$asked())[[1]]
  expect_equal(retention$params[[1]], "2026-09-28")
})

test_that("Live shows the last hour of the data", {
  shiny::testServer(live_server, args = list(context = fake_context(fake_warehouse())), {
    expect_match(html_of(output$counts), "data-live=\"active_visitors\" data-value=\"1\"", fixed = TRUE)
    expect_match(html_of(output$minutes), "10:00", fixed = TRUE)
    expect_match(html_of(output$latest), "10:00:00", fixed = TRUE)
  })
})

test_that("Data quality puts what needs somebody first, with the command", {
  checks <- data.frame(
    check_name = c("fresh", "quarantine", "a_newer_check"), tone = c("good", "warn", "bad"), count = c(0, 37, 1),
    total = 0,
    first_at = as.POSIXct(NA), last_at = as.POSIXct("2026-11-23 10:00:00", tz = "UTC"),
    command = c("", "sbw data quarantine list", "")
  )
  warehouse <- fake_warehouse(list("quality/checks" = checks))
  shiny::testServer(quality_server, args = list(context = fake_context(warehouse)), {
    html <- html_of(output$checks)
    said <- c("a_newer_check", "Events in quarantine: 37", "last load 23 Nov 10:00")
    order <- vapply(said, regexpr, 0L, html, fixed = TRUE)
    expect_true(all(order > 0) && !is.unsorted(order))
    expect_match(html, "<code>sbw data quarantine list</code>", fixed = TRUE)
  })
})

test_that("Data quality is asked anew with every look, and its cards are drawn anew only when they differ", {
  events <- 5
  warehouse <- fake_warehouse(list("quality/reasons" = function(params) {
    at <- as.POSIXct("2026-11-23 10:00:00", tz = "UTC")
    data.frame(reason = "x", field = "", events = events, first_seen_at = at, last_seen_at = at, command = "sbw x")
  }))
  looks <- shiny::reactiveVal(0)
  look <- function(session) {
    looks(shiny::isolate(looks()) + 1)
    session$flushReact()
  }
  asked <- function() sum(vapply(warehouse$asked(), function(question) question$name == "quality/reasons", NA))
  shiny::testServer(quality_server, args = list(context = fake_context(warehouse, looks = looks)), {
    expect_match(html_of(output$reasons), "Events: 5", fixed = TRUE)
    before <- asked()
    first <- output$reasons
    look(session)
    expect_equal(asked(), before + 1)
    expect_identical(output$reasons, first)
    events <<- 6
    look(session)
    expect_match(html_of(output$reasons), "Events: 6", fixed = TRUE)
    count <- length(warehouse$asked())
    session$flushReact()
    expect_length(warehouse$asked(), count)
  })
})

test_that("without any event nothing is called old, and one hour is neither the busiest nor the quietest", {
  row <- data.frame(
    check_name = "fresh", tone = "bad", count = 0, total = NA, first_at = as.POSIXct(NA),
    last_at = as.POSIXct("2026-11-23 10:00:00", tz = "UTC"), command = "sbw etl run"
  )
  found <- quality_findings(row, "UTC", en)[[1]]
  expect_equal(found$title, "There is no data yet")
  expect_match(found$text, "Last load 23 Nov 10:00", fixed = TRUE)
  grid <- cbind(expand.grid(hour = 0:23, weekday = 1:7), sessions = 0, events = 1, conversions = 0)
  grid$sessions[[1]] <- 4
  once <- matrix(0, 7, 24)
  once[1, 1] <- 1
  expect_no_match(as.character(draw_heatmap(grid, once, "UTC", en)), "Busiest", fixed = TRUE)
})

test_that("Data quality is there before the first event is accepted", {
  warehouse <- fake_warehouse(status = fake_status(first = as.Date(NA), last = as.Date(NA)))
  shiny::testServer(quality_server, args = list(context = fake_context(warehouse)), {
    for (name in c("checks", "reasons", "gaps", "loads")) {
      expect_no_match(html_of(output[[name]]), "No events yet", fixed = TRUE, label = name)
    }
  })
  loads <- Filter(function(question) question$name == "quality/loads", warehouse$asked())[[1]]
  expect_equal(loads$params, c("2026-11-14", "2026-11-23"))
})
