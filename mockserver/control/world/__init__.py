"""The whole state as one plain document, as people read and write it."""
