"""Two results of the suite: what a change of the server broke and repaired."""
