"""``contracts drill``: run the suite under every fault of the bundled mock."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from duologue.contracts.commands.output import writable
from duologue.contracts.connection_options import errors_in_a_sentence


@click.command("drill")
@click.option("--fault", "names", multiple=True, help="One of 'mockserver faults'; repeatable.")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option(
    "--workers",
    default=os.cpu_count() or 1,
    show_default="one a core",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Mocks side by side.",
)
@click.option(
    "--max-collateral",
    "--most-strays",  # its former name
    "max_collateral",
    default=5,
    show_default=True,
    type=click.IntRange(0),
    metavar="N",
    help="Faults of other clauses under which a clause may break.",
)
def drill_command(
    names: tuple[str, ...], output: Path | None, workers: int, max_collateral: int
) -> None:
    """Run the suite under every fault of the bundled mock: each has to be found by its own clause.

    Exit code 0 all killed, 1 not so, 2 not made, 130 interrupted.
    """
    from duologue.contracts.drill.command import run_drill  # noqa: PLC0415 - runs have no use for it

    with errors_in_a_sentence():
        folder = writable(output)
        code = run_drill(names=names, folder=folder, workers=workers, max_collateral=max_collateral)
    sys.exit(code)
