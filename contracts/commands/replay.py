"""``contracts replay``: do again what decided a finding."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from duologue.contracts.commands.document import document_in_use
from duologue.contracts.commands.interruption import Interruption, interruptible
from duologue.contracts.compare.replay import Replayed, chosen, clauses_of, replayed
from duologue.contracts.compare.results_file import read_results
from duologue.contracts.connection_options import (
    connection_options,
    connection_settings,
    errors_in_a_sentence,
    redactor_for,
    take_named_target,
)
from duologue.contracts.context.budget import DEFAULT, PHASES, Budget
from duologue.contracts.errors import ReplayInvalid
from duologue.contracts.escaping import printable
from duologue.contracts.session import RunSettings, open_session
from duologue.contracts.wording import counted


@click.command("replay")
@click.argument("source", metavar="RESULTS", type=click.Path(path_type=Path))
@click.argument("names", metavar="[FINGERPRINT|CLAUSE]...", nargs=-1)
@click.option(
    "--target",
    metavar="URL|NAME",
    is_eager=True,
    callback=take_named_target,
    help="Any target; default: that of the results.",
)
@connection_options
@click.option(
    "--allow-leftovers", is_flag=True, help="Use a target that keeps what the replay makes."
)
@click.option(
    "--document",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Judge by this OpenAPI document; default: that of the results.",
)
def replay_command(document: Path | None, **options: Any) -> None:
    """Do the deciding calls of findings again, with their set-up, and say broken or held.

    RESULTS is a results.json or its folder; without a FINGERPRINT, all its findings are replayed,
    with the seed and the options of its run. Exit code 0: all held; 1: not so; 2: not made.
    """
    with errors_in_a_sentence(redactor_for(options)), interruptible() as interruption:
        results = read_results(options.pop("source"))
        with document_in_use(document or _document_of(results)):
            outcome = _replay(interruption, results, **options)
    for each in outcome:
        for line in _lines(each):
            click.echo(line)
    held = sum(each.verdict == "held" for each in outcome)
    click.echo(f"{held} of {len(outcome)} held")
    sys.exit(2 if any(each.verdict == "error" for each in outcome) else int(held < len(outcome)))


def _document_of(results: dict[str, Any]) -> Path | None:
    """Return the document that a run was told to judge by; raise ReplayInvalid if it is gone."""
    named = results["origin"]["options"].get("document")
    if named is not None and not Path(named).is_file():
        raise ReplayInvalid(
            f"the run was judged by {named}, which is not here: give it with --document FILE"
        )
    return Path(named) if named is not None else None


def _replay(
    interruption: Interruption,
    document: dict[str, Any],
    *,
    names: tuple[str, ...],
    target: str | None,
    allow_leftovers: bool,
    **connection: Any,
) -> list[Replayed]:
    findings = chosen(document, names)
    options = document["origin"]["options"]
    url = target or document["target"]
    settings = RunSettings(
        target=url,
        settle_s=options.get("settle", 5.0),
        workers=options.get("workers", 16),
        budget=Budget(
            document["seed"],
            options.get("max-examples", DEFAULT.max_examples),
            DEFAULT.max_time_s,
            tuple(options.get("phases", PHASES)),
        ),
        existing_data=options.get("cast"),
        read_only=options.get("read-only", False),
        deprecated=options.get("deprecated", "yes") == "yes",
        allow_leftovers=allow_leftovers or options.get("allow-leftovers", False),
        **connection_settings(connection),
    )
    clauses = clauses_of(findings)
    with open_session(settings, on_open=interruption.watch) as session:
        some = f"{counted(len(findings), 'finding')} of {counted(len(clauses), 'clause')}"
        click.echo(f"replaying {some} against {url}")
        outcome = settings.redactor.document(session.run(clauses).as_dict())
    if outcome["interrupted"]:
        raise KeyboardInterrupt
    if outcome["defect"]:
        raise ReplayInvalid(f"a defect of the suite ended the replay: {outcome['defect']}")
    return replayed(findings, outcome)


def _lines(one: Replayed) -> list[str]:
    name = f"{one.clause} [{one.fingerprint}]" if one.fingerprint else one.clause
    lines = [
        f"{one.verdict.replace('_', ' '):<16} {printable(name)} {printable(one.title)}".rstrip()
    ]
    if one.why:
        lines.append(f"  why: {printable(one.why)}")
    for finding in one.findings:
        lines.append(f"  - {printable(finding['title'])} [{finding['fingerprint']}]")
        lines.append(f"    expected: {printable(finding['expected'])}")
        lines.append(f"    got:      {printable(finding['actual'])}")
        lines += [f"    {printable(call)}" for call in finding["calls"]]
    return lines
