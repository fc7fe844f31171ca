# English and Vietnamese. One JSON file a language, the same keys in each (a test says so).

LANGUAGES <- c("en", "vi")

#' @param folder with en.json and vi.json
#' @return list of language -> named list of texts
read_languages <- function(folder) {
  texts <- lapply(LANGUAGES, function(code) {
    jsonlite::fromJSON(file.path(folder, paste0(code, ".json")), simplifyVector = FALSE)
  })
  names(texts) <- LANGUAGES
  texts
}

#' A translator: say("kpi.visitors"), say("age.minutes", n = 3). An unknown key is shown as it is: a gap is seen.
#' @return function(key, ...) -> string
make_say <- function(texts, language) {
  own <- texts[[language]]
  function(key, ...) {
    text <- own[[key]]
    if (is.null(text)) return(key)
    values <- list(...)
    for (name in names(values)) text <- gsub(paste0("{", name, "}"), values[[name]], text, fixed = TRUE)
    text
  }
}

#' How a visitor is spoken to.
#' @param platform where sbw runs: aws or local; commands differ
#' @return list(say, language, platform)
make_view <- function(texts, language, platform = "aws") {
  list(say = make_say(texts, language), language = language, platform = platform)
}

#' The language we have that an Accept-Language header wants most; "en" otherwise.
language_of_header <- function(header) {
  if (is.null(header) || !nzchar(header)) return("en")
  parts <- strsplit(tolower(trimws(strsplit(header, ",", fixed = TRUE)[[1]])), "\\s*;\\s*q\\s*=\\s*")
  codes <- vapply(parts, function(part) sub("-.*", "", c(part, "")[[1]]), "")
  weights <- vapply(parts, function(part) if (length(part) > 1) suppressWarnings(as.numeric(part[[2]])) else 1, 0)
  wanted <- codes[order(-weights)][seq_len(sum(weights > 0, na.rm = TRUE))]
  known <- wanted[wanted %in% LANGUAGES]
  if (length(known) > 0) known[[1]] else "en"
}
