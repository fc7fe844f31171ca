test_that("both languages have the same keys and the same places to fill", {
  expect_setequal(names(texts$en), names(texts$vi))
  places <- function(text) sort(unlist(regmatches(text, gregexpr("\\{[a-z_]+\\}", text))))
  for (key in names(texts$en)) expect_equal(places(texts$vi[[key]]), places(texts$en[[key]]), label = key)
})

test_that("every text is translated, but for commands and the name of a file format", {
  commands <- grep("\\.command$", names(texts$en), value = TRUE)
  same <- names(texts$en)[vapply(names(texts$en), function(key) texts$en[[key]] == texts$vi[[key]], NA)]
  expect_setequal(same, c("card.csv", commands))
  expect_true(all(startsWith(as.character(unlist(texts$en[commands])), "sbw ")))
})

test_that("every key that the code names is there", {
  files <- list.files(file.path(folder, c("cards", "tabs", "page", "logic")), "\\.R$", full.names = TRUE)
  code <- unlist(lapply(files, readLines))
  found <- unlist(regmatches(code, gregexpr("say\\(\\s*\"[a-z0-9_.]+\"", code)))
  keys <- unique(sub(".*\"([a-z0-9_.]+)\"", "\\1", found))
  expect_gt(length(keys), 60)
  expect_equal(setdiff(keys, c(names(texts$en), "no.such.key")), character())
})

test_that("every problem says what to do", {
  for (code in c(
    "not_reachable", "busy", "no_database", "no_rollups", "not_allowed", "too_slow", "query_failed", "bug"
  )) for (part in c("title", "text")) expect_true(paste("problem", code, part, sep = ".") %in% names(texts$en))
})

test_that("places are filled with text as it is", {
  expect_equal(en$say("age.minutes", n = 3), "3 min ago")
  expect_equal(en$say("age.minutes", n = "\\1 {n}"), "\\1 {n} min ago")
  expect_equal(en$say("no.such.key"), "no.such.key")
})

test_that("the browser's language is taken when we have it", {
  expect_equal(language_of_header("vi-VN,vi;q=0.9,en;q=0.8"), "vi")
  expect_equal(language_of_header("fr,de;q=0.8"), "en")
  expect_equal(language_of_header(NULL), "en")
  expect_equal(language_of_header("en;q=0.3, vi;q=0.9"), "vi")
  expect_equal(language_of_header("en;q=0, vi ; q=0.1"), "vi")
  expect_equal(language_of_header("vi;q=x,en"), "en")
  expect_equal(language_of_header(",;q=,"), "en")
})
