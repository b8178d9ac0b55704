"""Traffic: bounds, the rate limit, answer slots, known routes, and the response cache."""
