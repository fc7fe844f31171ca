test_that("a dashboard without the library that draws its charts does not start, and says what makes it", {
  folder <- withr::local_tempdir()
  writeLines("", file.path(folder, "favicon.svg"))
  expect_error(read_assets(folder), "library/plot.js is missing: `npm run build` makes it", fixed = TRUE)
})

test_that("the page asks for its scripts at once, and for the charts later", {
  app <- list(
    settings = list(title = "Shop"), assets = read_assets(file.path(folder, "browser")), texts = texts, tabs = list()
  )
  html <- page(app, list(tab = "overview"), "en")
  links <- xml2::xml_find_all(xml2::read_html(html), "//link[@rel='modulepreload']")
  paths <- sub(".*/assets/[^/]*/", "", xml2::xml_attr(links, "href"))
  expect_true("script/store.js" %in% paths)
  expect_true(all(startsWith(paths, "script/")))
  expect_false("script/main.js" %in% paths)
})
