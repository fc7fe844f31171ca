test_that("a dashboard without the library that draws its charts does not start, and says what makes it", {
  folder <- withr::local_tempdir()
  writeLines("", file.path(folder, "favicon.svg"))
  expect_error(read_assets(folder), "library/plot.js is missing: `npm run build` makes it", fixed = TRUE)
})
