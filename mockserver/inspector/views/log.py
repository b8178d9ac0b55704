"""The journal as the page shows it: newest first, with the reason of each error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_plus

from duologue.mockserver.control.journal import journal_view
from duologue.mockserver.inspector.views.avatars import Moment, moment

if TYPE_CHECKING:
    from duologue.mockserver.control.journal.journal import JournalEntry

PER_PAGE = 60
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
    ignored: str  # parameters and fields that had no effect

    @property
    def is_error(self) -> bool:
        """Return whether the request was refused or failed."""
        return self.status >= 400


class Log(NamedTuple):
    """The lines of one page, and how many requests are kept in all."""

    lines: tuple[LogLine, ...]
    kept: int
    number: int  # of the page shown
    pages: int


class LogReader:
    """Reads the journal and caches its lines, because finding a reason is slow."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Any]] = {}

    def log(
        self,
        journal: Iterable[JournalEntry],
        *,
        show: str,
        caller: str,
        now: int,
        find: str = "",
        number: int = 1,
    ) -> Log:
        """Return a page of requests, newest first: all, errors only, or those of one caller.

        `find` selects those with all its words, see `fits`; a page beyond the last is the last.
        """
        wanted: dict[str, Callable[[JournalEntry], bool]] = {
            "all": lambda _: True,
            "errors": lambda entry: entry.status >= 400,
            "mine": lambda entry: entry.caller == caller,
        }
        all_entries = list(journal)
        chosen = [entry for entry in all_entries if wanted[show](entry) and fits(entry, find)]
        pages = max(1, -(-len(chosen) // PER_PAGE))
        shown = min(number, pages)
        newest_first = chosen[::-1][(shown - 1) * PER_PAGE : shown * PER_PAGE]
        lines = tuple(line(self._entry(entry), now) for entry in newest_first)
        return Log(lines, len(all_entries), shown, pages)

    def _entry(self, entry: JournalEntry) -> dict[str, Any]:
        cached = self._entries.get(entry.id)
        if cached is None:
            if len(self._entries) > _KEPT:
                self._entries.clear()
            cached = self._entries[entry.id] = journal_view.entry(entry, bodies=False)
        return cached


def fits(entry: JournalEntry, find: str) -> bool:
    """Return whether a request has all the words: in path, caller, status (or 4xx) or a body."""
    words = find.casefold().split()
    if not words:
        return True
    status = str(entry.status)
    text = " ".join(
        [
            f"{entry.method} {entry.path}?{unquote_plus(entry.query)}",
            f"{entry.caller or ''} {entry.operation_id or ''} {entry.id}",
            _text(entry.body),
            _text(entry.answer_body),
        ]
    ).casefold()
    return all(word in (status, f"{status[0]}xx") or word in text for word in words)


def _text(body: Any) -> str:
    if not isinstance(body, bytes | str):
        return ""
    return body if isinstance(body, str) else body.decode(errors="replace")


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
        ignored=entry["response"]["headers"].get("X-Mock-Ignored", ""),
        departures=(*entry["faults"], *dialects),
    )
