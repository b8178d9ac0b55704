"""What benchmarks share: servers under measurement, load, the logs of clients, tables."""
