"""Load a world's file again whenever it changes (``serve --world FILE --watch``)."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from duologue.mockserver.control.controls import Controls

EVERY_S = 0.3


def watch(path: Path, controls: Controls) -> None:
    """Begin to watch a file, in a thread that ends with the process."""
    watching = FileWatch(path, controls)
    threading.Thread(target=watching.run, name="world file", daemon=True).start()


class FileWatch:
    """What is known of a world's file, and the mock that it is loaded into."""

    def __init__(self, path: Path, controls: Controls) -> None:
        self._path = path
        self._controls = controls
        self._seen = _stamp(path)

    def run(self) -> None:
        """Look at the file again and again."""
        pause = threading.Event()
        while not pause.wait(EVERY_S):
            self.look()

    def look(self) -> bool:
        """Load the file if it has changed; return whether it has.

        A file that is no world leaves the old one; the reason is printed, and the inspector
        shows it.
        """
        now = _stamp(self._path)
        if now is None or now == self._seen:  # an editor replaces a file in two steps
            return False
        self._seen = now
        self._load()
        return True

    def _load(self) -> None:
        from duologue.mockserver.control.world import file  # noqa: PLC0415  a start needs it rarely

        try:
            self._controls.begin_with(file.read(self._path, note=partial(click.echo, err=True)))
        except file.WorldFileBroken as problem:
            self._controls.note_world_problem(str(problem))
            click.echo(f"{problem}\nThe world is as it was.", err=True)
        else:
            click.echo(f"{self._path} was loaded again.", err=True)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
