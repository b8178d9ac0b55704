"""``contracts run``: judge a target."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from duologue.contracts.clause import Basis, Clause, choose
from duologue.contracts.commands.document import document_in_use
from duologue.contracts.commands.interruption import Interruption, interruptible
from duologue.contracts.commands.reporting import (
    NOWHERE,
    report,
    report_options,
    reporting,
)
from duologue.contracts.connection_options import (
    Seconds,
    connection_options,
    connection_settings,
    errors_in_a_sentence,
    option_name,
    redactor_for,
    take_named_target,
)
from duologue.contracts.context.budget import DEFAULT, PHASES, Budget
from duologue.contracts.errors import INTERRUPTED, OptionInvalid
from duologue.contracts.fuzz.triage import DOCUMENT_CLAUSE
from duologue.contracts.reports.terminal import Terminal, wait_line
from duologue.contracts.run.footprint import Footprint, doubt
from duologue.contracts.run.origin import Origin, origin_of
from duologue.contracts.run.results import Run
from duologue.contracts.run.sharding import deal, parse
from duologue.contracts.session import (
    FROM_TARGET,
    RunSettings,
    Session,
    check_inputs,
    open_session,
)
from duologue.contracts.wording import counted

MOST_SEED = 2**63 - 1  # what the bundled mock's store can keep
GENERATION_SHARE = 0.5  # of --max-time, so that the clauses made by hand get theirs


def _take_name(context: click.Context, parameter: click.Parameter, name: str | None) -> None:
    """Take a named target's options; refuse an address, which --target is for."""
    address = take_named_target(context, parameter, name)
    if address is not None and address == name:
        raise click.UsageError("an address is given with --target")  # which may hold a secret


@click.command("run", context_settings={"auto_envvar_prefix": "CONTRACTS"})
@click.argument(
    "name",
    metavar="[NAME]",
    required=False,
    is_eager=True,
    expose_value=False,
    callback=_take_name,
)
@click.option(
    "--target", metavar="URL", help="Address with version path; default: the bundled mock."
)
@connection_options
@click.option(
    "--seed",
    default=42,
    show_default=True,
    type=click.IntRange(0, MOST_SEED),
    metavar="N",
    help="Of the bundled world and of the fuzzing.",
)
@report_options
@click.option(
    "--only", multiple=True, metavar="CLAUSE|OPERATION", help="A name or glob; repeatable."
)
@click.option(
    "--exclude", multiple=True, metavar="CLAUSE|OPERATION", help="A name or glob; repeatable."
)
@click.option("--basis", "bases", multiple=True, type=click.Choice([each.value for each in Basis]))
@click.option(
    "--deprecated",
    type=click.Choice(["yes", "no"]),
    default="yes",
    show_default=True,
    help="'no': call no deprecated operation.",
)
@click.option("--read-only", is_flag=True, help="Send nothing but GET.")
@click.option("--max-failures", type=click.IntRange(1), metavar="N", help="End the run there.")
@click.option("--dry-run", is_flag=True, help="Send nothing; say what a run makes and sends.")
@click.option("--shard", metavar="I/N", help="Play one of N parts of the clauses; see merge.")
@click.option("--keep", is_flag=True, help="Leave the test data of findings on the target.")
@click.option(
    "--allow-leftovers", is_flag=True, help="Judge a target that keeps what the run makes."
)
@click.option("--settle", default=5.0, show_default=True, type=Seconds(0), metavar="S")
@click.option(
    "--workers",
    default=16,
    show_default=True,
    type=click.IntRange(1, 64),
    metavar="N",
    help="Clauses side by side, and requests under way at once.",
)
@click.option(
    "--max-examples",
    default=DEFAULT.max_examples,
    show_default=True,
    type=click.IntRange(1),
    metavar="N",
    help="Of fuzzing for each operation, of chains and of walks.",
)
@click.option(
    "--max-time",
    type=Seconds(1),
    metavar="S",
    help="For the run; what is generated takes 120 s at most.",
)
@click.option(
    "--phases",
    multiple=True,
    type=click.Choice(PHASES),
    help="Of generation; may be given repeatedly; default: all.",
)
@click.option(
    "--cast", "existing_data", metavar="FILE|auto", help="Use existing conversations; make nothing."
)
@click.option(
    "--accept",
    multiple=True,
    metavar="FILE|live",
    help="Breaks to accept; 'live' lists those of the real service. May be given repeatedly.",
)
@click.option(
    "--strict-accept",
    is_flag=True,
    help="Fail for what is accepted and no longer occurs, or past its day.",
)
@click.option(
    "--document",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Judge by this OpenAPI document, a changed copy of the contract.",
)
def run_command(document: Path | None, **options: Any) -> None:
    """Run the suite; NAME is a target of contracts.toml.

    Exit code 0: all held; 1: not so; 2: the run was not made, or a check of this suite has a
    defect; 130: interrupted.
    """
    parameters = click.get_current_context().command.params
    given = {**options, "document": document}
    named = {option_name(each): given[each.name] for each in parameters if each.name in given}
    with (
        errors_in_a_sentence(redactor_for(options)),
        interruptible() as interruption,
        document_in_use(document),
    ):
        outcome = _run(interruption, origin_of(named, os.environ), **options)
    # Who is interrupted while the report of a whole run is written has it, and is told so.
    sys.exit(INTERRUPTED if interruption.times else outcome.exit_code)


def _run(  # noqa: PLR0913 - one word for each option of the command
    interruption: Interruption,
    origin: Origin,
    *,
    target: str | None,
    seed: int,
    output: Path | None,
    report_names: tuple[str, ...],
    only: tuple[str, ...],
    exclude: tuple[str, ...],
    bases: tuple[str, ...],
    deprecated: str,
    read_only: bool,
    max_failures: int | None,
    dry_run: bool,
    shard: str | None,
    keep: bool,
    allow_leftovers: bool,
    settle: float,
    workers: int,
    max_examples: int,
    max_time: float | None,
    phases: tuple[str, ...],
    existing_data: str | None,
    accept: tuple[str, ...],
    strict_accept: bool,
    **connection: Any,
) -> Run:
    reports = NOWHERE if dry_run else reporting(report_names, output)
    redactor = redactor_for(connection)
    with reports.told_if_not_made(redactor):
        if keep and target is None:
            raise OptionInvalid("--keep", "the bundled mock ends with the run: give --target")
        clauses = choose(only, exclude=exclude, bases=bases, deprecated=deprecated == "yes")
        clauses, part = deal(clauses, *parse(shard)) if shard is not None else (clauses, None)
        most_s = DEFAULT.max_time_s
        generation_s = min(most_s, GENERATION_SHARE * (max_time or most_s * 2))
        settings = RunSettings(
            target=target,
            settle_s=settle,
            workers=workers,
            budget=Budget(seed, max_examples, generation_s, phases or PHASES),
            existing_data=existing_data,
            accept=accept,
            read_only=read_only,
            deprecated=deprecated == "yes",
            max_failures=max_failures,
            max_time_s=max_time,
            origin=origin,
            strict_accept=strict_accept,
            keep=keep,
            allow_leftovers=allow_leftovers,
            shard=part,
            generates=any(each.id == DOCUMENT_CLAUSE for each in clauses),
            **connection_settings(connection),
        )
        if dry_run:
            return _rehearse(settings, clauses, interruption)

        def watch(session: Session) -> None:
            session.transport.on_wait = wait_line(Console(highlight=False))
            interruption.report = lambda run: report(redactor.document(run.as_dict()), reports)
            interruption.watch(session)

        with open_session(settings, on_open=watch) as session:
            outcome = _run_with_progress(session, clauses)
    interruption.claim_report()
    interruption.report(outcome)
    return outcome


def _rehearse(settings: RunSettings, clauses: list[Clause], interruption: Interruption) -> Run:
    """Run on the bundled mock in the target's place, and say what that took."""
    check_inputs(settings)
    own = replace(
        settings,
        target=None,
        rate_per_s=None,
        max_time_s=None,
        max_failures=None,
        keep=False,
        existing_data=FROM_TARGET if settings.existing_data else None,
        accept=(),  # the bundled mock has none of the target's breaks
        strict_accept=False,
    )
    with open_session(own, on_open=interruption.watch) as session:
        outcome = session.run(clauses)
        footprint = Footprint(session.record.made, session.transport.counts())
    where = "to the target" if settings.target else "anywhere"
    click.echo(f"dry run: nothing was sent {where}; rehearsed on the bundled mock")
    for line in footprint.lines(settings.rate_per_s):
        click.echo(line)
    if sentence := doubt(outcome.results):
        click.echo(f"contracts: {sentence}", err=True)
    return outcome


def _run_with_progress(session: Session, clauses: list[Clause]) -> Run:
    console = Console(highlight=False)
    headline = f"{counted(len(clauses), 'clause')} against {session.target.url}"
    console.print(headline, markup=False, soft_wrap=True)
    with Terminal(console, len(clauses)) as terminal:
        session.transport.on_wait = terminal.waits
        return session.run(clauses, tell=terminal.tell)
