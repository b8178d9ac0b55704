"""The command line: ``contracts run``, ``list``, ``show`` and ``drill``."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import click
from rich.console import Console

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue.contracts import config_file
from duologue.contracts.clause import REGISTRY, Basis, Clause, choose
from duologue.contracts.clean_command import clean_command
from duologue.contracts.connection_options import (
    connection_options,
    connection_settings,
    errors_in_a_sentence,
    redactor_for,
    run_option_names,
    take_named_target,
)
from duologue.contracts.context.budget import DEFAULT, PHASES, Budget
from duologue.contracts.diff.command import diff_command
from duologue.contracts.errors import OutputNotWritable, UnknownClause
from duologue.contracts.http.target import check_address
from duologue.contracts.reports.clause_page import page
from duologue.contracts.reports.registry import remove_reports, write_reports
from duologue.contracts.reports.terminal import Terminal, summarize
from duologue.contracts.run.footprint import Footprint
from duologue.contracts.run.results import Run
from duologue.contracts.session import FROM_TARGET, RunSettings, Session, open_session

STDERR = 2
GENERATION_SHARE = 0.5  # of --max-time, so that the clauses made by hand get theirs
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    package_name="duologue", prog_name="contracts", message="%(prog)s %(version)s (%(package)s)"
)
def main() -> None:
    """Judge a server by the contract of the CometChat Conversations REST API."""


def _take_name(context: click.Context, parameter: click.Parameter, name: str | None) -> None:
    """Take a named target's options; refuse an address, which --target is for."""
    address = take_named_target(context, parameter, name)
    if address is not None and address == name:
        raise click.UsageError("an address is given with --target")  # which may hold a secret


main.add_command(clean_command)


@main.command("run", context_settings={"auto_envvar_prefix": "CONTRACTS"})
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
    "--seed", default=42, show_default=True, help="Of the bundled world and of the fuzzing."
)
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option(
    "--only", multiple=True, metavar="CLAUSE|OPERATION", help="A name or glob; repeatable."
)
@click.option(
    "--exclude", multiple=True, metavar="CLAUSE|OPERATION", help="A name or glob; repeatable."
)
@click.option("--basis", "bases", multiple=True, type=click.Choice([each.value for each in Basis]))
@click.option("--deprecated", type=click.Choice(["yes", "no"]), default="yes", show_default=True)
@click.option("--read-only", is_flag=True, help="Send nothing but GET.")
@click.option("--max-failures", type=click.IntRange(1), metavar="N", help="End the run there.")
@click.option("--dry-run", is_flag=True, help="Send nothing; say what a run makes and sends.")
@click.option("--settle", default=5.0, show_default=True, type=click.FloatRange(0), metavar="S")
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
    type=click.FloatRange(1),
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
def run_command(**options: Any) -> None:
    """Run the suite; NAME is a target of contracts.toml.

    Exit code 0: all held; 1: not so; 2: the run was not made, or a check of this suite has a
    defect; 130: interrupted.
    """
    with errors_in_a_sentence(redactor_for(options)), _interruptible() as interruption:
        outcome = _run(interruption, **options)
    sys.exit(outcome.exit_code)


@main.command("targets")
def targets_command() -> None:
    """Print the named targets of contracts.toml, each with its address."""
    with errors_in_a_sentence():
        path = config_file.find(Path.cwd())
        names = run_option_names(click.get_current_context())
        if path is None:
            click.echo(f"no {config_file.FILE} here or above")
            return
        for name, options in config_file.targets(path, names).items():
            address = str(options.get("target", "the bundled mock"))
            if "target" in options:
                check_address(address)
            click.echo(f"{name:<20} {address}")


def _run(  # noqa: PLR0913 - one word for each option of the command
    interruption: Interruption,
    *,
    target: str | None,
    seed: int,
    output: Path | None,
    only: tuple[str, ...],
    exclude: tuple[str, ...],
    bases: tuple[str, ...],
    deprecated: str,
    read_only: bool,
    max_failures: int | None,
    dry_run: bool,
    settle: float,
    workers: int,
    max_examples: int,
    max_time: float | None,
    phases: tuple[str, ...],
    existing_data: str | None,
    accept: tuple[str, ...],
    **connection: Any,
) -> Run:
    folder = None if dry_run else writable(output)
    clauses = choose(only, exclude=exclude, bases=bases, deprecated=deprecated == "yes")
    generation_s = min(DEFAULT.max_time_s, GENERATION_SHARE * (max_time or DEFAULT.max_time_s * 2))
    settings = RunSettings(
        target=target,
        settle_s=settle,
        workers=workers,
        budget=Budget(seed, max_examples, generation_s, phases or PHASES),
        existing_data=existing_data,
        accept=accept,
        read_only=read_only,
        max_failures=max_failures,
        max_time_s=max_time,
        **connection_settings(connection),
    )
    if dry_run:
        return _rehearse(settings, clauses)
    with open_session(settings) as session:
        interruption.session = session
        interruption.report = lambda run: _report(settings.redactor.document(run.as_dict()), folder)
        outcome = _run_with_progress(session, clauses)
    interruption.claim_report()
    interruption.report(outcome)
    return outcome


def _rehearse(settings: RunSettings, clauses: list[Clause]) -> Run:
    """Run on the bundled mock in the target's place, and say what that took."""
    own = replace(
        settings,
        target=None,
        rate_per_s=None,
        max_time_s=None,
        max_failures=None,
        existing_data=FROM_TARGET if settings.existing_data else None,
    )
    with open_session(own) as session:
        outcome = session.run(clauses)
        footprint = Footprint(session.record.made, session.transport.counts())
    where = "to the target" if settings.target else "anywhere"
    click.echo(f"dry run: nothing was sent {where}; rehearsed on the bundled mock")
    for line in footprint.lines(settings.rate_per_s):
        click.echo(line)
    return outcome


def _run_with_progress(session: Session, clauses: list[Clause]) -> Run:
    console = Console(highlight=False)
    headline = f"{len(clauses)} clauses against {session.target.url}"
    console.print(headline, markup=False, soft_wrap=True)
    with Terminal(console, len(clauses)) as terminal:
        session.transport.on_wait = terminal.waits
        return session.run(clauses, tell=terminal.tell)


def _report(document: dict[str, Any], folder: Path | None) -> None:
    summarize(document, Console(highlight=False))
    if folder is None:
        return
    try:
        written = write_reports(document, folder)
    except OSError as cause:
        raise OutputNotWritable(folder, cause.strerror or str(cause)) from cause
    click.echo(f"reports: {', '.join(str(path) for path in written)}")


def writable(folder: Path | None) -> Path | None:
    """Return the report folder once it is made, tried, and without reports of an earlier run.

    Raises OutputNotWritable.
    """
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".contracts-probe"
        probe.write_text("")
        probe.unlink()
        remove_reports(folder)
    except OSError as cause:
        raise OutputNotWritable(folder, cause.strerror or str(cause)) from cause
    return folder


def ignore_run(run: Run) -> None:
    """Do nothing: there is no report before a run."""
    del run


class Interruption:
    """What Ctrl-C and SIGTERM do: the first removes, the second stops that, the third ends now."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.report: Callable[[Run], None] = ignore_run
        self.times = 0
        self._reporting = threading.Lock()

    def signalled(self, _signum: int, _frame: FrameType | None) -> None:
        """Take one signal; raise KeyboardInterrupt for the first, and for others before a run."""
        self.times += 1
        if self.times > 3:
            return  # the report is being written
        # Straight to the file: a handler may come in the middle of a buffered write.
        os.write(STDERR, f"contracts: {self._told()}\n".encode())
        if self.times == 2 and self.session is not None:
            self.session.transport.stopping.set()
            self.session.transport.given_up.set()
            return
        if self.times == 3 and self.session is not None:
            # In a thread: an exception could be lost wherever the main thread stands by now.
            threading.Thread(target=self._end_now, args=(self.session,), daemon=True).start()
            return
        raise KeyboardInterrupt

    def claim_report(self) -> None:
        """Let the caller alone write the report; who comes second waits until the process ends."""
        self._reporting.acquire()

    def _end_now(self, session: Session) -> None:
        self.claim_report()
        session.progress.interrupted = True
        outcome = session.outcome()
        self.report(outcome)
        sys.stdout.flush()
        os._exit(outcome.exit_code)  # calls may still be under way

    def _told(self) -> str:
        present = [*self.session.record.present] if self.session else []
        kinds = Counter(kind for kind, _ in present)
        left = ", ".join(f"{n} {kind}s" for kind, n in sorted(kinds.items())) or "nothing"
        if self.times == 1:
            return f"interrupted: cleaning up, {left} to remove; once more leaves behind the rest"
        if self.times == 2:
            return f"no more is removed, {left} left behind; once more ends now"
        return f"ended, {left} left behind"


@contextlib.contextmanager
def _interruptible() -> Iterator[Interruption]:
    """Let Ctrl-C and SIGTERM end a run, in three steps."""
    interruption = Interruption()
    # A shell's background job ignores Ctrl-C, and goes on doing so.
    heard = [each for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, interruption.signalled) for each in heard}
    try:
        yield interruption
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@main.command("list")
def list_command() -> None:
    """Print each clause's id, basis and statement."""
    for clause in choose(()):
        first = clause.statement.splitlines()[0]
        click.echo(f"{clause.id:<55} {clause.basis.value:<10} {first}")


@main.command("show")
@click.argument("name", metavar="CLAUSE")
def show_command(name: str) -> None:
    """Print one clause: its statement, source, operations, and how it is checked."""
    with errors_in_a_sentence():
        if name not in REGISTRY:
            choose([name])
            raise UnknownClause(name, [each.id for each in choose([name])])
        click.echo(page(REGISTRY[name]))


@main.command("drill")
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


main.add_command(diff_command)

if __name__ == "__main__":
    main()
