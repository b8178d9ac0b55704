"""The file of an SQLite state, which may be removed or replaced while the mock runs."""

from __future__ import annotations

import os
from pathlib import Path

from duologue.mockserver.errors import StateUnavailable


class StateFile:
    """A file that is there, and by what it is known again."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        made = path.stat()
        self._identity = made.st_dev, made.st_ino

    def check(self) -> None:
        """Raise StateUnavailable if the file is no longer the one that was opened.

        SQLite would write on into a file that has no name any more.
        """
        try:
            now = os.stat(self._path)  # noqa: PTH116  a Path takes 4 us more, for each write
        except FileNotFoundError:
            now = None
        if now is None or (now.st_dev, now.st_ino) != self._identity:
            done = "removed" if now is None else "replaced"
            raise StateUnavailable(
                f"the file {self._path} was {done} while the mock was running. What it held can"
                " still be read, GET /_mock/world saves it; then start the mock again"
            )
        if not now.st_size:  # SQLite would wait for the lock of somebody who creates it
            raise StateUnavailable(
                f"the file {self._path} was emptied while the mock was running; restore it from a"
                " copy, or start with another --state"
            )
