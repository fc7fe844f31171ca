request <- function(host = "localhost:3838", path = "/sbw_dashboard", ...) {
  c(list(HTTP_HOST = host, PATH_INFO = path, QUERY_STRING = ""), list(...))
}
ui <- make_ui(list(
  page = function(state, language) paste("page", state$range, language),
  assets = list(version = "v1", files = list("a.js" = list(type = "text/javascript", bytes = charToRaw("1")))),
  health = function() plain_response(200L, "ok")
))

test_that("only names of this machine are answered", {
  for (host in c("localhost:3838", "127.0.0.1", "[::1]:3838")) {
    expect_equal(ui(request(host))$status, 200L, label = host)
  }
  for (host in list("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", NULL)) {
    expect_equal(ui(request(host))$status, 403L)
  }
})

test_that("a WebSocket from another page is refused", {
  expect_true(is_own_origin(request(HTTP_ORIGIN = "http://localhost:3838")))
  expect_true(is_own_origin(request()))
  for (origin in c("https://evil.example", "http://localhost:9", "null")) {
    expect_false(is_own_origin(request(HTTP_ORIGIN = origin)), label = origin)
  }
})

test_that("short forms of the address lead to the page and keep the state", {
  for (path in c("/", "/sbw_dashboard/")) {
    answer <- ui(utils::modifyList(request(path = path), list(QUERY_STRING = "?range=30")))
    expect_equal(answer$status, 302L)
    expect_equal(answer$headers$Location, "/sbw_dashboard?range=30")
  }
  expect_equal(ui(request(path = "/sbw_dashboard/none"))$status, 404L)
  expect_equal(ui(request(path = "/sbw_dashboard/assets/v1/../load.R"))$status, 404L)
})

test_that("the page takes its state from the URL and its language from the browser", {
  answer <- ui(utils::modifyList(request(HTTP_ACCEPT_LANGUAGE = "vi"), list(QUERY_STRING = "?range=30&lang=en")))
  expect_equal(answer$content, "page 30 en")
  expect_match(answer$headers[["Content-Security-Policy"]], "default-src 'none'", fixed = TRUE)
})

test_that("a query that R cannot hold is no fault", {
  for (query in c("?find=%00&range=30", "?range=30&by=%00%00")) {
    answer <- ui(utils::modifyList(request(), list(QUERY_STRING = query)))
    expect_equal(answer$content, "page 30 en", label = query)
  }
  expect_equal(ui(utils::modifyList(request(), list(QUERY_STRING = "?find=%ff&%=")))$status, 200L)
})

test_that("a present asset is kept for ever, an old one not at all", {
  present <- ui(request(path = "/sbw_dashboard/assets/v1/a.js"))
  expect_match(present$headers[["Cache-Control"]], "immutable")
  expect_equal(ui(request(path = "/sbw_dashboard/assets/v0/a.js"))$headers[["Cache-Control"]], "no-cache")
})
