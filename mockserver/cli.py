"""The command line: ``serve``, ``ca``, ``worlds``, ``world``, ``faults``, ``variants``.

Exit codes: 0 after SIGINT or SIGTERM, 1 if a worker was lost, 2 if no mock could be started or
standard output cannot be written; 1 and 2 with one sentence. Slow imports belong to the command
that needs them: starting is part of every test run.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, NoReturn

import click

from duologue import openapi
from duologue.fixtures.errors import FixturesError
from duologue.mockserver import completion
from duologue.mockserver import settings as defaults
from duologue.mockserver.domain.errors import MockserverError
from duologue.mockserver.errors import WorkingDirectoryRemoved
from duologue.mockserver.serving import open_files
from duologue.mockserver.serving.start import (
    Print,
    and_open,
    and_stop_at_eof,
    print_json,
    print_text,
    start,
)
from duologue.mockserver.serving.terminal import (
    CheckedGroup,
    OutputLost,
    drop_untold,
    output,
    tell,
)
from duologue.mockserver.serving.watching import FileWatch
from duologue.mockserver.serving.workers import WorkerLost
from duologue.mockserver.settings import Addresses, Settings
from duologue.mockserver.store.lazy_world import lazy_world

if TYPE_CHECKING:
    from duologue.mockserver.store.world import WorldRows


class Stopped(BaseException):
    """A signal came while the mock was still starting; ``except Exception`` does not catch it."""


@click.group(cls=CheckedGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="duologue", message="%(prog)s %(version)s (%(package)s)")
def cli() -> None:
    """Run a stateful mock of the Conversations REST API."""
    try:
        Path.cwd()
    except FileNotFoundError as cause:
        raise WorkingDirectoryRemoved from cause


_as_text_or_json = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)


@cli.command()
@click.option("--host", default=defaults.LOOPBACK, show_default=True, help="Address to listen on.")
@click.option("--port", default=defaults.PORT, show_default=True, help="0 takes any free one.")
@click.option(
    "--print-url",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the one line on stdout says where the mock answers.",
)
@click.option("--seed", default=defaults.SEED, show_default=True, help="Same seed, same data.")
@click.option(
    "--world",
    default=defaults.WORLD,
    show_default=True,
    help="A name, see 'mockserver worlds'; or a file, see 'mockserver world'.",
    shell_complete=completion.worlds,
)
@click.option(
    "--times",
    type=click.Choice(defaults.TIMES),
    help="Whether the last thing in the world happened just now, or when its seed says."
    "  [default: today; fixed for files, sizes and 'examples']",
)
@click.option(
    "--api-key",
    "api_keys",
    multiple=True,
    default=[defaults.KEY],
    show_default=True,
    help="A key that is let in; repeatable. The key auth-only is known, but may do nothing here.",
)
@click.option(
    "--state",
    envvar=defaults.STATE_VARIABLE,
    help="File that keeps the state, or postgresql+psycopg://USER@HOST/DATABASE, which mocks on"
    f" several hosts can share. Also read from {defaults.STATE_VARIABLE}; a password is better kept"
    " there or in PGPASSWORD.  [default: gone with the process]",
)
@click.option(
    "--socket/--no-socket",
    default=True,
    show_default=True,
    help="Whether clients are told of events on a WebSocket; with --tls the vendor's SDK finds it.",
)
@click.option("--socket-port", default=0, show_default=True, help="Its port; 0 takes any free one.")
@click.option("--workers", default=1, show_default=True, help="Processes that share the work.")
@click.option(
    "--dialect",
    type=click.Choice(defaults.DIALECTS),
    default=defaults.DOCUMENTED,
    show_default=True,
    help="Answer as the documents say, or as the real service is seen to.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    help="Repeatable; see 'mockserver faults'.",
    shell_complete=completion.faults,
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    help="Repeatable; see 'mockserver variants'.",
    shell_complete=completion.variants,
)
@click.option(
    "--control-token-env",
    metavar="NAME",
    help="Variable with the token that /_mock asks for. Off loopback, /_mock is off without one.",
)
@click.option(
    "--usage",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write what clients used, for 'contracts diff --used-by'; the consumer has its name.",
)
@click.option(
    "--tls", is_flag=True, help="Answer https, by a local authority; see 'mockserver ca'."
)
@click.option(
    "--tls-cert",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Answer https with this certificate (PEM, with its chain) …",
)
@click.option(
    "--tls-key",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="… and this key.",
)
@click.option(
    "--document",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Follow this OpenAPI document, a changed copy of the contract.",
)
@click.option("--watch", is_flag=True, help="Load the world's file again whenever it changes.")
@click.option(
    "--allow-origin",
    "allow_origins",
    multiple=True,
    metavar="ORIGIN",
    help="A page of this origin (http://localhost:6006) may drive the mock; repeatable.",
)
@click.option("--open", "opens", is_flag=True, help="Open the inspector in a browser.")
@click.option(
    "--log/--quiet",
    default=None,
    help="Whether to print each request on stderr.  [default: if that is a terminal]",
)
@click.option(
    "--until-eof",
    is_flag=True,
    help="Stop when standard input ends: with the program that started the mock, however it ends.",
)
def serve(
    print_url: str, *, opens: bool, document: Path | None, until_eof: bool, **options: Any
) -> None:
    """Answer like the API until SIGINT or SIGTERM."""
    # Until it answers: collecting what imports leave is a tenth of the start, and finds nothing.
    gc.disable()
    click.get_current_context().call_on_close(gc.enable)
    if options["log"] is None:
        options["log"] = sys.stderr.isatty()
    options["host"] = {"*": "0.0.0.0"}.get(options["host"], options["host"])  # noqa: S104
    settings = Settings(**options)
    print_addresses: Print = print_json if print_url == "json" else print_text
    if opens:
        print_addresses = and_open(print_addresses)
    if until_eof:
        print_addresses = and_stop_at_eof(print_addresses)
    with _stopped_by_signals() as has_come, openapi.using(document):
        open_files.ensure()
        file_watch = FileWatch(Path(settings.world)) if settings.watch else None  # then it is read
        rows = _world(settings.world, settings.seed)
        announced = _Announcement(print_addresses, has_come)
        finished = start(settings, rows, announced.make, file_watch=file_watch)
    if announced.lost is not None:
        raise announced.lost
    if not finished:
        # A request is still being answered and would hold the interpreter up; the state is closed.
        os._exit(0)


@cli.command()
@click.option("--path", "only_path", is_flag=True, help="Print the path alone.")
def ca(only_path: bool) -> None:
    """Print where the authority of 'serve --tls' lies and how clients trust it."""
    from duologue.mockserver.serving.certificates import authority_path  # noqa: PLC0415
    from duologue.mockserver.serving.trust import advice  # noqa: PLC0415

    path = authority_path()
    with output():
        click.echo(path if only_path else advice(path))


@cli.command()
def worlds() -> None:
    """List the worlds that --world takes."""
    from duologue.fixtures.worlds import describe  # noqa: PLC0415

    with output():
        for name, sentence in describe().items():
            click.echo(f"{name:10} {sentence}")
        click.echo(f"{'users=N,messages=N[,groups=N][,conversations=N]':10}")


@cli.command()
@click.argument("name", default=defaults.WORLD, shell_complete=completion.worlds)
@click.option("--seed", default=defaults.SEED, show_default=True, help="Same seed, same data.")
@click.option(
    "--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True
)
def world(name: str, seed: int, form: str) -> None:
    """Print a world as a document to keep in a file, change, and name with --world."""
    from duologue.mockserver.control.world import file  # noqa: PLC0415

    defaults.check_seed(seed)
    # Bytes: the file that this becomes is UTF-8, whatever the console is.
    text = file.text(_world(name, seed), form).encode()
    with output():
        click.echo(text, nl=False)


@cli.command()
@_as_text_or_json
def faults(form: str) -> None:
    """List the faults that --fault takes, and the clause that each of them breaks."""
    from duologue.mockserver.faults import FAULTS  # noqa: PLC0415

    rows = [
        {"name": f.name, "clause": f.clause, "text": f.text}
        | ({"unseen": list(f.unseen), "is_slow": f.is_slow} if form == "json" else {})
        for f in FAULTS.values()
    ]
    _list(rows, form)


@cli.command()
@_as_text_or_json
def variants(form: str) -> None:
    """List the variants that --variant takes: other servers that satisfy the contract."""
    from duologue.mockserver.variants import VARIANTS  # noqa: PLC0415

    rows = [{"name": v.name, "reading": v.reading, "text": v.text} for v in VARIANTS.values()]
    _list(rows, form)


def main() -> NoReturn:
    """Run the command line and exit; print each known failure as one sentence on stderr."""
    try:
        code = _run()
    finally:
        # Else the interpreter looks for cycles in all that is kept: 0.9 s after 5,000 requests.
        gc.freeze()
        drop_untold()
    sys.exit(code)


def _run() -> int:
    """Run the command line and return its exit code."""
    try:
        code: int = cli.main(prog_name="mockserver", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = error.exit_code
    except click.ClickException as error:
        code = _say(error.format_message(), code=error.exit_code)
    except WorkerLost as error:
        code = _say(str(error), code=1)
    except OutputLost as error:
        code = _say(str(error), code=2) if error.has_reader else 2
    except (MockserverError, FixturesError, openapi.DocumentError) as error:
        code = _say(str(error), code=2)
    except (click.Abort, KeyboardInterrupt):
        code = 130
    return code


def _world(name: str, seed: int) -> WorldRows:
    """Return the world with this name, or the one in the file with this name."""
    if name.endswith(defaults.WORLD_FILES):
        from duologue.mockserver.control.world import file  # noqa: PLC0415

        return file.read(Path(name), note=tell)
    if "=" not in name:
        return lazy_world(name, seed, make=_make, package="duologue.fixtures")
    return _make(name, seed)


def _make(name: str, seed: int) -> WorldRows:
    from duologue.fixtures.worlds import make  # noqa: PLC0415  a start that finds a file needs none

    return make(name, seed)


def _list(rows: list[dict[str, Any]], form: str) -> None:
    with output():
        if form == "json":
            click.echo(json.dumps(rows, indent=2))
            return
        widths = [max(len(row[column]) for row in rows) for column in rows[0]][:-1]
        for row in rows:
            *names, sentence = row.values()
            cells = [name.ljust(width) for name, width in zip(names, widths, strict=True)]
            click.echo("  ".join([*cells, sentence]))


def _say(sentence: str, *, code: int) -> int:
    tell(f"mockserver: {sentence}")
    return code


@contextmanager
def _stopped_by_signals() -> Iterator[Callable[[], bool]]:
    """End the block properly on SIGINT or SIGTERM, so that all resources are released.

    The server replaces these handlers while it runs. Yield a function that returns whether a signal
    came before: Python ignores what is raised where an object ends, which imports do often.
    """
    came = False

    def stop(*_: object) -> NoReturn:
        nonlocal came
        came = True
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        yield lambda: came
    except Stopped:
        sys.exit(0)


class _Announcement:
    """What says where the mock answers; it stops a mock that nobody can learn the address of."""

    def __init__(self, show: Print, has_come: Callable[[], bool]) -> None:
        """Take what shows the addresses, and whether a signal came before the server hears it."""
        self._show = show
        self._has_come = has_come
        self.lost: OutputLost | None = None

    def make(self, where: Addresses, settings: Settings, first_user: str | None) -> None:
        """Show the addresses, or stop the mock."""
        if not self._has_come():
            try:
                self._show(where, settings, first_user)
            except OutputLost as lost:
                self.lost = lost
            else:
                return
        if self.lost is not None and current_thread() is main_thread():
            raise self.lost
        os.kill(os.getpid(), signal.SIGTERM)  # now the server hears it
