"""What the mock knows: values and rules, without clock, randomness, network or database."""
