"""The mock: what the API does."""
