"""``contracts accept``: write the list of known failures from what a run found."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from duologue.contracts.compare.results_file import read_results
from duologue.contracts.connection_options import errors_in_a_sentence
from duologue.contracts.errors import AcceptanceInvalid
from duologue.contracts.run.acceptance_file import DEFAULT_FILE, chosen, entries_of, extend


@click.command("accept")
@click.option(
    "--from",
    "source",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="results.json of a run, or its folder.",
)
@click.option(
    "--only",
    "names",
    multiple=True,
    metavar="CLAUSE|FINGERPRINT",
    help="A clause, a glob, or one finding; repeatable; default: all that failed.",
)
@click.option("--reason", required=True, metavar="TEXT", help="Why the break may stay.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The last day of the acceptance, as in 2027-01-31.",
)
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=DEFAULT_FILE,
    show_default=True,
    metavar="FILE",
    help="The list to write or extend.",
)
def accept_command(
    *,
    source: Path,
    names: tuple[str, ...],
    reason: str,
    until: datetime | None,
    path: Path,
) -> None:
    """Accept what a run found broken or did not reach: write a list for `contracts run --accept`.

    Each entry matches what came, and little else; another break of the clause stays one.
    Exit code 0: written, or nothing is broken; 2: not written.
    """
    with errors_in_a_sentence():
        document = read_results(source)
        last_day = until.date() if until else None
        if last_day and last_day < datetime.now(UTC).date():
            raise AcceptanceInvalid(f"--until {last_day} is past: name a day to come")
        if not reason.strip():
            raise AcceptanceInvalid("--reason is empty: say why the break may stay")
        results = chosen(document, names)
        day = document["started_at"][:10]
        commit = document["origin"]["commit"][:12]
        evidence = f"run {document['run_id']} of {day}" + (f", commit {commit}" if commit else "")
        entries = entries_of(results, reason=reason, evidence=evidence, until=last_day)
        replaced = extend(path, entries) if entries else []
    for each in entries:
        again = " (in place of an older entry)" if each["clause"] in replaced else ""
        click.echo(f"accepted {each['clause']}{again}")
    many = "1 entry" if len(entries) == 1 else f"{len(entries)} entries"
    click.echo(f"{many} written to {path}" if entries else "nothing is broken")
