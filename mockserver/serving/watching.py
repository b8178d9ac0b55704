"""Load a world's file again whenever it changes (``serve --world FILE --watch``)."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from duologue.mockserver.serving.terminal import tell

if TYPE_CHECKING:
    from duologue.mockserver.control.controls import Controls

EVERY_S = 0.3
AWAY_AFTER_LOOKS = 3


class FileWatch:
    """What was seen of a world's file.

    Make it before the file is read for the first time: what is saved later is a change.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = _stamp(path)
        self._missed = 0  # looks in a row that found no file

    def begin(self, controls: Controls) -> None:
        """Begin to look at the file again and again, in a thread that ends with the process."""
        look = partial(self._run, controls)
        threading.Thread(target=look, name="world file", daemon=True).start()

    def _run(self, controls: Controls) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY_S):
            self.look(controls)

    def look(self, controls: Controls) -> bool:
        """Load the file if it has changed; return whether it has.

        A file that is no world leaves the old one, and so does a state that cannot be written;
        the reason is printed, and the inspector shows it.
        """
        now = _stamp(self._path)
        if now is None:
            self._note_away(controls)
            return False
        self._missed = 0
        if now == self._seen:
            return False
        self._seen = now
        self._load(controls)
        return True

    def _note_away(self, controls: Controls) -> None:
        """Tell once that the file is away; not at once, since editors replace it in two steps."""
        self._missed += 1
        if self._missed == AWAY_AFTER_LOOKS:
            self._seen = None  # it is loaded again when it is back
            _note(controls, f"{self._path} is away: it was removed or has another name now.")

    def _load(self, controls: Controls) -> None:
        from duologue.mockserver.control.world import file  # noqa: PLC0415  a start needs it rarely

        try:
            controls.begin_with(file.read(self._path, note=tell))
        except file.WorldFileBroken as problem:
            _note(controls, str(problem))
        except Exception as error:
            unavailable = controls.state.unavailable(error)
            if unavailable is None:
                raise
            _note(controls, f"{self._path} was not loaded: {unavailable} Save it again.")
        else:
            tell(f"{self._path} was loaded again.")


def _note(controls: Controls, problem: str) -> None:
    controls.note_world_problem(problem)
    tell(f"{problem}\nThe world is as it was.")


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
