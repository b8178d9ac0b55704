"""The socket of the vendor's clients: events as they happen, receipts, typing and presence."""
