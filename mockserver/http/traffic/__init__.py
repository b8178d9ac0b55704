"""Traffic: bounds on requests, the rate limit, answer slots, and the response cache."""
