# The tabs in their order. Each is list(name, ui = function(id, say, early), server = function(id, context)).

all_tabs <- function() {
  list(overview_tab(), funnel_tab(), products_tab(), time_tab(), sessions_tab(), live_tab(), quality_tab())
}

tab_of <- function(name, ui, server) list(name = name, ui = ui, server = server)
