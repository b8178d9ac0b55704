"""Schemas: one form for all spellings, their differences, and values that show a difference."""
