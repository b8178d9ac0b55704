"""A progress bar on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from operator import length_hint
from typing import Any


def with_progress(rows: Iterable[Any], *, text: str) -> Iterable[Any]:
    """Yield the rows and show a bar on stderr; return them unchanged if stderr is no terminal."""
    if not sys.stderr.isatty():
        return rows
    from rich.console import Console  # noqa: PLC0415  most starts show no bar
    from rich.progress import track  # noqa: PLC0415

    total = length_hint(rows)
    return track(rows, text, total=total, console=Console(stderr=True), transient=True)
