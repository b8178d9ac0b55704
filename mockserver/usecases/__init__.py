"""Use cases: check, change, return an outcome. No HTTP here."""
