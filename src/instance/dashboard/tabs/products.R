# Products: what is looked at, what is put into carts, what is bought, and what is left behind.

# The page shows the first; the file has more.
TABLE_ROWS <- 20L
FILE_ROWS <- 1000L
GROUP_ROWS <- 10L

products_tab <- function() tab_of("products", products_ui, products_server)

products_ui <- function(id, say, early = NULL) {
  ns <- shiny::NS(id)
  tags$div(
    class = "grid",
    card(
      ns("table"), say("products.all"), say("products.table.sub"), span = 9, height = 600,
      tools = tagList(
        tags$input(
          class = "search", type = "search", placeholder = say("products.search"), `data-search` = NA,
          `aria-label` = say("products.search")
        ),
        csv_tool(ns("products_csv"), say, say("products.all"))
      )
    ),
    tags$div(
      class = "span-3 stack",
      card(
        ns("categories"), say("products.categories"), say("products.by_views"), height = 280,
        tools = csv_tool(ns("categories_csv"), say, say("products.categories"))
      ),
      card(
        ns("brands"), say("products.brands"), say("products.by_views"), height = 280,
        tools = csv_tool(ns("brands_csv"), say, say("products.brands"))
      )
    )
  )
}

products_server <- function(id, context) {
  shiny::moduleServer(id, function(input, output, session) {
    view <- context$view
    output$table <- draw_card(context, function() {
      state <- context$state()
      rows <- ask_products(context, state$sort, state$find)
      if (nzchar(state$find) && nrow(rows) == 0) {
        return(empty_message(view$say, "empty.search", n = format_count(FILE_ROWS, view$language)))
      }
      draw_products(rows, state$sort, context$status()$currency, view)
    })
    groups <- function(kind, n = GROUP_ROWS) ask_range(context, "products/groups", kind, "views", n)
    output$categories <- draw_card(context, function() {
      tagList(kind_note(context, "category"), draw_keys(groups("category"), "category", view))
    })
    output$brands <- draw_card(context, function() {
      tagList(kind_note(context, "brand"), draw_keys(groups("brand"), "brand", view))
    })
    csv_downloads(output, list(
      products = function() ask_range(context, "products/products", context$state()$sort, FILE_ROWS),
      categories = function() groups("category", FILE_ROWS), brands = function() groups("brand", FILE_ROWS)
    ), context)
  })
}

#' The first products in an order, or the first of those whose name, category or brand has the text `find`.
ask_products <- function(context, sort, find) {
  if (!nzchar(find)) return(ask_range(context, "products/products", sort, TABLE_ROWS))
  rows <- ask_range(context, "products/products", sort, FILE_ROWS)
  texts <- tolower(paste(rows$name, rows$product_id, rows$category, rows$brand, sep = "\n"))
  utils::head(rows[grepl(tolower(find), texts, fixed = TRUE), ], TABLE_ROWS)
}

draw_products <- function(rows, sorted, currency, view) {
  say <- view$say
  if (nrow(rows) == 0) return(empty_message(say))
  money <- function(title) if (nzchar(currency)) paste0(title, " (", currency, ")") else title
  columns <- list(
    column("name", say("col.product")), column("category", say("col.category"), wide = TRUE),
    column("price", money(say("col.price")), "money", wide = TRUE),
    column("views", say("col.views"), "bar", sort = "views"),
    column("adds", say("col.adds"), "count", sort = "adds"),
    column("sessions_bought", say("col.purchases"), "count", sort = "sales"),
    column("cart_rate", say("col.cart_rate"), "share", sort = "cart_rate"),
    column("conversion", say("col.conversion"), "share", sort = "conversion"),
    column("at_risk", money(say("col.at_risk")), "money", sort = "at_risk")
  )
  tagList(
    rows_table(
      rows, columns, view, caption = say("products.all"), sorted = sorted,
      first = filter_names("product", rows$product_id, rows$name, view)
    ),
    tags$p(class = "insight", say("products.about"))
  )
}

#' Categories or brands by views, with the share of sessions that put one into the cart.
draw_keys <- function(rows, by, view, has_rate = TRUE) {
  if (nrow(rows) == 0) return(empty_message(view$say))
  bars <- data.frame(key = rows$key, label = rows$label, value = rows$views)
  bar_list(bars, view, by = by, rate = if (has_rate) rows$cart_rate)
}
