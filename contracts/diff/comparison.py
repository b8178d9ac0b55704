"""One comparison: two sides read, compared, known differences and consumers marked."""

from __future__ import annotations

import datetime as dt
import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from duologue.contracts.diff.document import Document
from duologue.contracts.diff.errors import SideUnreadable
from duologue.contracts.diff.findings import Difference, DiffFinding, Severity
from duologue.contracts.diff.ignores import apply_ignores, read_ignores
from duologue.contracts.diff.rules.operations import compare
from duologue.contracts.diff.sources import open_source
from duologue.contracts.diff.usage import mark, read_usages

ORDER = tuple(Severity)


def compare_sides(
    old: str,
    new: str,
    *,
    today: dt.date,
    ignore_files: Sequence[Path] = (),
    usage_files: Sequence[Path] = (),
    stdin: BinaryIO | None = None,
) -> Difference:
    """Return how NEW differs from OLD; raise RunNotMade if that cannot be told."""
    if old == new == "-":
        raise SideUnreadable("-", "is standard input, which can be only one of the two sides")
    entries, usages = read_ignores(ignore_files), read_usages(usage_files)
    stream = stdin or sys.stdin.buffer
    with _no_garbage_collection():
        before, after = (Document(open_source(side, stream)) for side in (old, new))
        found = _compared(before, after, today)
    marked, unused = apply_ignores(mark(found, usages), entries, today)
    return Difference(before.name, after.name, tuple(sorted(marked, key=_rank)), unused)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Collect no garbage in the block: large documents make none, and are walked each time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _compared(before: Document, after: Document, today: dt.date) -> list[DiffFinding]:
    try:
        return compare(before, after, today)
    except RecursionError:
        raise SideUnreadable(f"{before.name} or {after.name}", "is nested too deeply") from None
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        # Python would exit with 1, which says that a difference was found.
        words = f"holds a part that OpenAPI does not know, or this command has a defect ({problem})"
        raise SideUnreadable(f"{before.name} or {after.name}", words) from problem


def _rank(finding: DiffFinding) -> tuple[int, str, int, str, str]:
    place = finding.where
    severity = ORDER.index(finding.severity)
    return (severity, place.file, place.line, finding.operation, finding.rule)
