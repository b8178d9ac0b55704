"""Helpers of the clauses: sample conversations, large groups, list fixtures."""
