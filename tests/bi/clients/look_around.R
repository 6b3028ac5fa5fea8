# What an analyst does in R: lists the views, reads one, counts by county. Run by test_r.py.
suppressMessages(library(RPostgreSQL))
connection <- dbConnect(
  PostgreSQL(),
  host = Sys.getenv("PGHOST"), port = as.integer(Sys.getenv("PGPORT")), dbname = Sys.getenv("PGDATABASE"),
  user = Sys.getenv("PGUSER"), password = Sys.getenv("PGPASSWORD")
)
say <- function(...) cat(paste(..., sep = "\t"), "\n", sep = "")
say("version", as.character(packageVersion("RPostgreSQL")), paste(R.version$major, R.version$minor, sep = "."))
input <- file("stdin")
queries <- readLines(input)
close(input)
for (line in queries) {
  query <- strsplit(line, "\t", fixed = TRUE)[[1]]
  rows <- suppressWarnings(try(dbGetQuery(connection, query[2]), silent = TRUE))
  refusal <- dbGetException(connection)$errorMsg
  if (inherits(rows, "try-error") || is.null(rows)) {
    say("refused", query[1], gsub("[\t\r\n]", " ", refusal))
  } else {
    say("rows", query[1], nrow(rows), paste(sapply(rows, function(column) class(column)[1]), collapse = ","))
    if (query[1] == "chart") {
      for (number in seq_len(nrow(rows))) say("bar", rows[number, 1], rows[number, 2], rows[number, 3])
    }
  }
}
invisible(dbDisconnect(connection))
