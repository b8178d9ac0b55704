"""``contracts merge``: put the results of all shards together."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from duologue.contracts.commands.reporting import report, report_options, reporting
from duologue.contracts.compare.merging import merge
from duologue.contracts.compare.results_file import read_results
from duologue.contracts.connection_options import errors_in_a_sentence


@click.command("merge")
@click.argument(
    "sources", metavar="DIR...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@report_options
def merge_command(
    sources: tuple[Path, ...], output: Path | None, report_names: tuple[str, ...]
) -> None:
    """Put the results of all shards together, as if one run had judged all clauses.

    Each DIR holds the results.json of a `contracts run --shard I/N`. Exit code as of that run: 0
    all held; 1 not so; 2 not merged, or a check has a defect; 130 a shard was interrupted.
    """
    with errors_in_a_sentence():
        documents = [read_results(each) for each in sources]  # before the folder is cleared
        outcome = merge(documents, today=datetime.now(UTC).date())
        report(outcome.as_dict(), reporting(report_names, output))
    sys.exit(outcome.exit_code)
