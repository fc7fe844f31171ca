# All tests: Rscript tests/run.R, in the dashboard's folder or from anywhere. Exit code 1 when one fails.

library(testthat)
library(shiny)
given <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
here <- normalizePath(file.path(dirname(given), ".."))
parts <- new.env(parent = globalenv())
parts$folder <- here
sys.source(file.path(here, "load.R"), envir = parts)
for (part in c("fake-warehouse.R", "drawn.R")) sys.source(file.path(here, "tests", part), envir = parts)
parts$texts <- parts$read_languages(file.path(here, "languages"))
parts$en <- parts$make_view(parts$texts, "en")
parts$vi <- parts$make_view(parts$texts, "vi")

results <- test_dir(
  file.path(here, "tests", "testthat"),
  env = parts, reporter = "summary", stop_on_failure = FALSE, load_package = "none"
)
counts <- as.data.frame(results)
cat(sprintf("%d tests, %d failed\n", nrow(counts), sum(counts$failed > 0 | counts$error)))
quit(status = if (any(counts$failed > 0 | counts$error | counts$skipped)) 1 else 0)
