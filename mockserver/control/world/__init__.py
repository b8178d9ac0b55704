"""The whole state as one plain document that people can read and write."""
