# Asks the real warehouse every question of the fake one and holds the columns against each other. libpq's environment
# says where it is.

given <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
folder <- normalizePath(file.path(dirname(given), ".."))
library(shiny)
source(file.path(folder, "load.R"))
source(file.path(folder, "tests", "fake-warehouse.R"))

warehouse <- open_warehouse(open_database(), read_queries(file.path(folder, "sql")))
status <- warehouse$check()
period <- resolve_period(read_state(list()), status)
usual <- c(
  from_day = format(period$from), to_day = format(period$to), login = "", by = "", value = "", bots = "off",
  kind = "category", ends = "entry", sort = "views", rows = "5", stale_minutes = "120"
)
faults <- character()
for (name in names(CONTRACT)) {
  rows <- warehouse$ask(name, unname(usual[CONTRACT[[name]][[1]]]))
  missing <- setdiff(CONTRACT[[name]][[2]], names(rows))
  if (length(missing) > 0) faults <- c(faults, paste(name, "gives no", paste(missing, collapse = ", ")))
  types <- vapply(rows, function(column) class(column)[[1]], "")
  if (any(types == "list")) faults <- c(faults, paste(name, "gives a type that the driver does not know"))
  if (fake_warehouse()$honours(name, "item") != warehouse$honours(name, "item")) {
    faults <- c(faults, paste(name, "heeds other filters than the fake says"))
  }
}
cat(faults, sprintf("%d questions answered", length(CONTRACT)), sep = "\n")
quit(status = if (length(faults) > 0) 1 else 0)
