"""Messages that the mock sends by itself, now or later."""
