"""Other servers that answer the same requests, by name; see ``rivals.listed``."""
