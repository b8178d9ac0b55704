"""The state: one SQL model, SQLite by default, PostgreSQL by its URL."""
