"""One line on the terminal for each request of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from duologue.mockserver.serving.terminal import tell

if TYPE_CHECKING:
    from duologue.mockserver.control.journal.journal import JournalEntry

_CONTROL = dict.fromkeys((*range(32), *range(127, 160)))  # nothing may move the cursor


def print_request(entry: JournalEntry) -> None:
    """Print a request and its answer on stderr, with the reason of a refusal."""
    tell(line(entry))


def line(entry: JournalEntry) -> str:
    """Return one request as a line: time, status, call, caller, duration, reason."""
    from duologue.mockserver.control.journal.refusal_reasons import reason_of  # noqa: PLC0415

    query = f"?{entry.query}" if entry.query else ""
    caller = f" as {entry.caller}" if entry.caller else ""
    reason = reason_of(entry)
    words = f"  {reason.text}" if reason else ""
    took = f"{entry.took_ns / 1e6:.1f} ms"
    at = datetime.fromtimestamp(min(entry.at, 253_402_300_799), UTC)
    text = f"{at:%H:%M:%S} {entry.status} {entry.method} {entry.path}{query}{caller} {took}{words}"
    return text.translate(_CONTROL)
