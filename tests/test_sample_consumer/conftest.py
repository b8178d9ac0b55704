"""The project is somebody else's: it is run in a process of its own, never collected here."""

collect_ignore = ["project"]
