"""Model-based testing: random sequences of steps checked against a model."""
