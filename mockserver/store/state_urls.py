"""The URL of an SQLite file, in the form of the database layer."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from duologue.mockserver.errors import StateUnusable


def file_url(path: Path) -> str:
    """Return the URL of a file: a `?` or `%` in its name is part of it.

    Raise StateUnusable for a path that is not UTF-8, which no URL of the database layer can name.
    """
    absolute = os.path.realpath(path)  # Path.resolve raises RuntimeError for a loop of links
    try:
        return f"sqlite:///{quote(absolute)}"
    except UnicodeEncodeError as cause:
        shown = os.fsencode(absolute).decode("utf-8", "backslashreplace")
        raise StateUnusable(shown, "the path is not UTF-8; choose another place") from cause
