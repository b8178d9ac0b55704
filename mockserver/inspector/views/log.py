"""The journal as the page shows it: newest first, with the reason of each error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from duologue.mockserver.control.journal import journal_view
from duologue.mockserver.inspector.views.avatars import Moment, moment

if TYPE_CHECKING:
    from duologue.mockserver.control.journal.journal import Entry

MOST = 60  # the page is for what happens now; all that is kept is at /_mock/journal
_KEPT = 1000


class LogLine(NamedTuple):
    """One request and its answer."""

    id: str
    method: str
    path: str
    caller: str | None
    status: int
    at: Moment | None
    took: str
    code: str
    reason: str
    clause: str
    departures: tuple[str, ...]  # faults, and a dialect other than the documented one

    @property
    def is_error(self) -> bool:
        """Return whether the request was refused or failed."""
        return self.status >= 400


class Log(NamedTuple):
    """The lines shown, and how many requests are kept in all."""

    lines: tuple[LogLine, ...]
    kept: int


class Reader:
    """Reads the journal and caches its lines, because finding a reason is slow."""

    def __init__(self) -> None:
        self._told: dict[str, dict[str, Any]] = {}

    def log(self, journal: Iterable[Entry], *, show: str, caller: str, now: int) -> Log:
        """Return the newest requests: all, errors only, or those of one caller."""
        wanted: dict[str, Callable[[Entry], bool]] = {
            "all": lambda _: True,
            "errors": lambda entry: entry.status >= 400,
            "mine": lambda entry: entry.caller == caller,
        }
        entries = list(journal)
        chosen = [entry for entry in entries if wanted[show](entry)][-MOST:]
        lines = tuple(line(self._tell(entry), now) for entry in reversed(chosen))
        return Log(lines, len(entries))

    def _tell(self, entry: Entry) -> dict[str, Any]:
        told = self._told.get(entry.id)
        if told is None:
            if len(self._told) > _KEPT:
                self._told.clear()
            told = self._told[entry.id] = journal_view.entry(entry, bodies=False)
        return told


def line(told: dict[str, Any], now: int) -> LogLine:
    """Return the line of one journal entry."""
    dialect = told["dialect"]
    spoken = () if dialect == "documented" else (f"dialect {dialect}",)
    return LogLine(
        id=told["id"],
        method=told["method"],
        path=f"{told['path']}?{told['query']}" if told["query"] else told["path"],
        caller=told["caller"],
        status=told["status"],
        at=moment(told["at"], now),
        took=f"{told['duration_ms']:.1f} ms",
        code=told["code"] or "",
        reason=told["reason"] or "",
        clause=told["clause"] or "",
        departures=(*told["faults"], *spoken),
    )
