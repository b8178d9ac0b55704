"""``contracts clean``: remove what runs left on a target, and nothing else."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from duologue.contracts.connection_options import (
    connection_options,
    connection_settings,
    errors_in_a_sentence,
    redactor_for,
    take_named_target,
)
from duologue.contracts.errors import CleaningInvalid, NotReached
from duologue.contracts.http.client import Client
from duologue.contracts.http.target import from_environment
from duologue.contracts.http.transport import Transport
from duologue.contracts.reports.json_report import FILE
from duologue.contracts.run import cleanup
from duologue.contracts.run.preflight import ping


@click.command("clean")
@click.argument("target", metavar="URL|NAME", is_eager=True, callback=take_named_target)
@connection_options
@click.option("--run", "run_id", metavar="ID", help="Only of this run: run_id in results.json.")
@click.option(
    "--from",
    "report",
    type=click.Path(path_type=Path, exists=True),
    metavar="FILE",
    help="Only what this results.json, or that of a folder, says was left behind.",
)
@click.option("--older-than", metavar="AGE", help="Only what is older, as in 30m, 1h or 2d.")
@click.option("--dry-run", is_flag=True, help="List only.")
def clean_command(**options: Any) -> None:
    """Remove users and groups that runs left on a target: their ids begin with "duo-".

    Without --run, --from or --older-than, those of a run under way, too.
    Exit code 0: nothing is left; 1: something could not be removed; 2: not made.
    """
    redactor = redactor_for(options)
    with errors_in_a_sentence(redactor):
        problems = _clean(**options)
    for problem in problems:
        click.echo(redactor.text(f"left behind: {problem}"))
    sys.exit(1 if problems else 0)


def _clean(
    *,
    target: str,
    run_id: str | None,
    report: Path | None,
    older_than: str | None,
    dry_run: bool,
    **connection: Any,
) -> list[str]:
    settings = connection_settings(connection)
    rate_per_s = settings.pop("rate_per_s")
    reached = from_environment(target, **settings)
    transport = Transport(
        timeout_s=reached.timeout_s, network=reached.network, rate_per_s=rate_per_s
    )
    client = Client(reached, transport)
    ping(client)
    found = _found(client, run_id=run_id, report=report, older_than=older_than)
    for each in found:
        click.echo(str(each))
    click.echo(f"{len(found)} to remove" if dry_run else f"removing {len(found)}")
    return [] if dry_run else cleanup.remove_all(client, found)


def _found(
    client: Client, *, run_id: str | None, report: Path | None, older_than: str | None
) -> list[cleanup.Leftover]:
    if report is not None:
        if run_id is not None or older_than is not None:
            raise CleaningInvalid("--from names each thing: leave out --run and --older-than")
        return cleanup.named_in(report / FILE if report.is_dir() else report)
    older_than_s = cleanup.seconds_in(older_than) if older_than is not None else None
    try:
        return cleanup.listed(client, run_id=run_id, older_than_s=older_than_s, now=time.time())
    except NotReached as cause:
        raise CleaningInvalid(f"the target does not list what is there ({cause})") from cause
