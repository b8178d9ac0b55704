"""The files of an SQLite state, which may be removed or replaced while the mock runs."""

from __future__ import annotations

import os
from pathlib import Path

from duologue.mockserver.errors import StateUnavailable

# Beside the file: what was written last, and where that is. SQLite removes both with its last
# connection alone, so they stay as long as a mock has the state.
_BESIDE = ("-wal", "-shm")


class StateFile:
    """The files of a state that is open, and by what they are known again."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        names = (self._path, *(self._path + end for end in _BESIDE))
        found = {name: _look(name) for name in names}
        self._opened = {name: _identity(look) for name, look in found.items() if look}

    def check(self) -> None:
        """Raise StateUnavailable if a file is no longer the one that was opened.

        SQLite would write on into a file that has no name any more.
        """
        for name, identity in self._opened.items():
            now = _look(name)
            if now is None or _identity(now) != identity:
                done = "removed" if now is None else "replaced"
                raise StateUnavailable(
                    f"the file {name} was {done} while the mock was running. What it held can"
                    " still be read, GET /_mock/world saves it; then start the mock again"
                )
            if not now.st_size and name == self._path:  # SQLite would wait for whoever creates it
                raise StateUnavailable(
                    f"the file {name} was emptied while the mock was running; restore it from a"
                    " copy, or start with another --state"
                )


def _look(name: str) -> os.stat_result | None:
    try:
        return os.stat(name)  # noqa: PTH116  a Path takes 4 us more, for each write
    except FileNotFoundError:
        return None


def _identity(look: os.stat_result) -> tuple[int, int]:
    return look.st_dev, look.st_ino
