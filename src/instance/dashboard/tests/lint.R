# Style of the R files: lintr's defaults with lines of at most 120. Exit code 1 when something is found.

given <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
folder <- normalizePath(file.path(dirname(given), ".."))
rules <- lintr::linters_with_defaults(
  line_length_linter = lintr::line_length_linter(120),
  # Constants in capitals, as in the rest of the project.
  object_name_linter = lintr::object_name_linter(c("snake_case", "SNAKE_CASE"), regexes = c(CAPITALS = "^[A-Z_]+$")),
  # Parts are read into one environment; lintr sees one file at a time.
  object_usage_linter = NULL,
  # Indentation follows the formatter of the editor; the brackets say enough.
  indentation_linter = NULL,
  return_linter = NULL,
  commented_code_linter = NULL
)
found <- lintr::lint_dir(folder, linters = rules, parse_settings = FALSE, show_progress = FALSE)
for (lint in found) cat(sprintf("%s:%d: %s\n", sub(folder, "", lint$filename), lint$line_number, lint$message))
quit(status = if (length(found) > 0) 1 else 0)
