"""Live traffic: a proxy that judges what passes through it."""
