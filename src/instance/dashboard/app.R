# sbw_dashboard: what the shop's visitors do, from the warehouse's rollups. Start: Rscript app.R, or runApp() on this
# folder. Then open http://localhost:3838/sbw_dashboard. What each part is: docs/dashboard.md.

library(shiny)

local_folder <- function() {
  given <- grep("^--file=", commandArgs(FALSE), value = TRUE)
  is_script <- length(given) == 1 && basename(given) == "app.R"
  if (is_script) dirname(normalizePath(sub("^--file=", "", given))) else getwd()
}
folder <- local_folder()
source(file.path(folder, "load.R"), local = TRUE)
dashboard <- make_dashboard(folder, read_settings())

if (sys.nframe() == 0L) runApp(dashboard) else dashboard
