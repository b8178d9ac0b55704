"""The journal of requests and answers, its views, and the log of changes."""
