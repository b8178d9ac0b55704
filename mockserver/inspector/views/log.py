"""The journal as the page shows it: newest first, with the reason of each error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from duologue.mockserver.control.journal import journal_view
from duologue.mockserver.inspector.views.avatars import Moment, moment

if TYPE_CHECKING:
    from duologue.mockserver.control.journal.journal import Entry

MOST = 60  # the page shows the newest; the rest is at /_mock/journal
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


class LogReader:
    """Reads the journal and caches its lines, because finding a reason is slow."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Any]] = {}

    def log(self, journal: Iterable[Entry], *, show: str, caller: str, now: int) -> Log:
        """Return the newest requests: all, errors only, or those of one caller."""
        wanted: dict[str, Callable[[Entry], bool]] = {
            "all": lambda _: True,
            "errors": lambda entry: entry.status >= 400,
            "mine": lambda entry: entry.caller == caller,
        }
        all_entries = list(journal)
        chosen = [entry for entry in all_entries if wanted[show](entry)][-MOST:]
        lines = tuple(line(self._entry(entry), now) for entry in reversed(chosen))
        return Log(lines, len(all_entries))

    def _entry(self, entry: Entry) -> dict[str, Any]:
        cached = self._entries.get(entry.id)
        if cached is None:
            if len(self._entries) > _KEPT:
                self._entries.clear()
            cached = self._entries[entry.id] = journal_view.entry(entry, bodies=False)
        return cached


def line(entry: dict[str, Any], now: int) -> LogLine:
    """Return the line of one journal entry."""
    dialect = entry["dialect"]
    dialects = () if dialect == "documented" else (f"dialect {dialect}",)
    return LogLine(
        id=entry["id"],
        method=entry["method"],
        path=f"{entry['path']}?{entry['query']}" if entry["query"] else entry["path"],
        caller=entry["caller"],
        status=entry["status"],
        at=moment(entry["at"], now),
        took=f"{entry['duration_ms']:.1f} ms",
        code=entry["code"] or "",
        reason=entry["reason"] or "",
        clause=entry["clause"] or "",
        departures=(*entry["faults"], *dialects),
    )
