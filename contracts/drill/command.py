"""``contracts drill``: choose the faults, run them, report the matrix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from duologue.contracts.drill.drill import drill
from duologue.contracts.drill.driven_mock import FaultInfo, faults
from duologue.contracts.drill.errors import FaultNotFound
from duologue.contracts.errors import OutputNotWritable
from duologue.contracts.reports import matrix


def run_drill(
    *, names: tuple[str, ...], folder: Path | None, workers: int, max_collateral: int
) -> int:
    """Run a drill and return its exit code: 0 if every fault was killed by its own clause.

    Raises RunNotMade.
    """
    known = faults()
    chosen = choose(known, names)
    console = Console(highlight=False)
    console.print(f"{len(chosen)} faults, {workers} workers")
    with matrix.DrillProgress(console, chosen) as progress:
        found = drill(
            chosen,
            workers=workers,
            max_collateral=max_collateral,
            is_complete=not names,
            on_result=progress.show,
        )
    document = found.as_dict()
    matrix.summarize(document, console)
    if folder is not None:
        _write(document, folder)
    return found.exit_code


def choose(known: tuple[FaultInfo, ...], names: tuple[str, ...]) -> tuple[FaultInfo, ...]:
    """Return the faults of these names, or all; raise FaultNotFound."""
    by_name = {fault.name: fault for fault in known}
    for name in names:
        if name not in by_name:
            raise FaultNotFound(name, by_name)
    return tuple(by_name[name] for name in dict.fromkeys(names)) if names else known


def _write(document: dict[str, Any], folder: Path) -> None:
    try:
        written = matrix.write(document, folder)
    except OSError as cause:
        raise OutputNotWritable(folder, cause.strerror or str(cause)) from cause
    click.echo(f"reports: {', '.join(str(path) for path in written)}")
