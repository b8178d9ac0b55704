"""A progress bar on stderr, on terminals only."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from operator import length_hint
from typing import Any


def watched(rows: Iterable[Any], *, text: str) -> Iterable[Any]:
    """Return the same rows, with a bar that advances as they pass if stderr is a terminal."""
    if not sys.stderr.isatty():
        return rows
    from rich.console import Console  # noqa: PLC0415  few starts show a bar
    from rich.progress import track  # noqa: PLC0415

    total = length_hint(rows)
    return track(rows, text, total=total, console=Console(stderr=True), transient=True)
