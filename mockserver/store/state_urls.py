"""The URL of an SQLite file, in the form of the database layer."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote


def file_url(path: Path) -> str:
    """Return the URL of a file: a `?` or `%` in its name is part of it."""
    return f"sqlite:///{quote(str(path.resolve()))}"
