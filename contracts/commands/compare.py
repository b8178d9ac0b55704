"""``contracts compare``: what a change of the server broke and repaired."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from duologue.contracts.connection_options import errors_in_a_sentence

FORMATS = ("text", "markdown", "json", "github")


@click.command("compare")
@click.argument("base", metavar="BASE", type=click.Path(path_type=Path))
@click.argument("head", metavar="HEAD", type=click.Path(path_type=Path))
@click.option(
    "--accept",
    multiple=True,
    metavar="FILE|live",
    help="Breaks of HEAD to accept, as `contracts run --accept` does; repeatable.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
def compare_command(base: Path, head: Path, accept: tuple[str, ...], form: str) -> None:
    """Compare two results of `contracts run`: BASE before a change, HEAD after it.

    Each is a results.json or the folder of one. Exit code 0: nothing new speaks against HEAD; 1: a
    clause is newly broken or newly not reached; 2: not compared.
    """
    # Imported here: `contracts run` has no use for it.
    from duologue.contracts.compare.comparison import compare_results  # noqa: PLC0415
    from duologue.contracts.compare.formats import write  # noqa: PLC0415
    from duologue.contracts.compare.results_file import read_whole_results  # noqa: PLC0415
    from duologue.contracts.run.known_failures import load  # noqa: PLC0415
    from duologue.contracts.run.loading import accepted_again  # noqa: PLC0415

    with errors_in_a_sentence():
        before, after = read_whole_results(base), read_whole_results(head)
        today = datetime.now(UTC).date()
        after = accepted_again(after, load(accept), today=today)
        comparison = compare_results(before, after, names=(str(base), str(head)))
    click.echo(write(comparison, form), nl=False)
    sys.exit(1 if comparison.fails else 0)
