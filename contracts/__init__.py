"""The suite: what any target owes its users."""
