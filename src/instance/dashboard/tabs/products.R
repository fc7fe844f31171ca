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
        csv_tool(ns, "products", say, say("products.all"))
      )
    ),
    tags$div(
      class = "span-3 stack",
      card(
        ns("categories"), say("products.categories"), say("products.by_views"), height = 280,
        tools = csv_tool(ns, "categories", say, say("products.categories"))
      ),
      card(
        ns("brands"), say("products.brands"), say("products.by_views"), height = 280,
        tools = csv_tool(ns, "brands", say, say("products.brands"))
      )
    )
  )
}

products_server <- function(id, context) {
  shiny::moduleServer(id, function(input, output, session) {
    view <- context$view
    output$table <- draw_card(context, function() {
      state <- context$state()
      rows <- ask_products(context, TABLE_ROWS)
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
      products = csv_file(function() ask_products(context, FILE_ROWS), function() {
        if (nzchar(context$state()$find)) "products-found" else "products"
      }),
      categories = function() groups("category", FILE_ROWS), brands = function() groups("brand", FILE_ROWS)
    ), context)
  })
}

#' The first products in the chosen order, or of those whose name, category or brand has the text searched for.
ask_products <- function(context, n) {
  state <- context$state()
  if (!nzchar(state$find)) return(ask_range(context, "products/products", state$sort, n))
  rows <- ask_range(context, "products/products", state$sort, FILE_ROWS)
  texts <- tolower(paste(rows$name, rows$product_id, rows$category, rows$brand, sep = "\n"))
  utils::head(rows[grepl(tolower(state$find), texts, fixed = TRUE), ], n)
}

#' What a table can be sorted by: value of the state -> key of the heading.
SORT_TITLES <- c(
  views = "col.views", adds = "col.adds", sales = "col.purchases", cart_rate = "col.cart_rate",
  conversion = "col.conversion", at_risk = "col.at_risk"
)

draw_products <- function(rows, sorted, currency, view) {
  say <- view$say
  if (nrow(rows) == 0) return(empty_message(say))
  money <- function(title) if (nzchar(currency)) paste0(title, " (", currency, ")") else title
  sorted_by <- function(sort, kind, key = sort) {
    title <- say(SORT_TITLES[[sort]])
    column(key, if (kind == "money") money(title) else title, kind, sort = sort)
  }
  columns <- list(
    column("name", say("col.product")), column("category", say("col.category"), wide = TRUE),
    column("price", money(say("col.price")), "money", wide = TRUE),
    sorted_by("views", "bar"), sorted_by("adds", "count"), sorted_by("sales", "count", key = "sessions_bought"),
    sorted_by("cart_rate", "share"), sorted_by("conversion", "share"), sorted_by("at_risk", "money")
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
