"""The API's document, and the one reader of it."""
