"""Servers: granian for the command line, waitress in a thread for tests, workers, sockets."""
