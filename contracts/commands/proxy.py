"""``contracts proxy``: judge the traffic between a client and a target."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from duologue.contracts.commands.reporting import report_options, reporting
from duologue.contracts.connection_options import (
    PEM_FILE,
    Seconds,
    errors_in_a_sentence,
    rate_per_s,
)
from duologue.contracts.errors import OptionInvalid, OutputNotWritable
from duologue.contracts.escaping import printable
from duologue.contracts.http.connection import Network
from duologue.contracts.http.target import (
    check_address,
    check_proxy,
    gateway_headers,
    redactor_of,
    variables_in,
)
from duologue.contracts.reports.terminal import moves_cursor, summarize
from duologue.contracts.run import known_failures as known
from duologue.contracts.run.origin import origin_of
from duologue.contracts.run.results import Run
from duologue.openapi.whole_file import write_whole

POLL_S = 0.5
RESERVED = ("connection", "content-length", "host", "transfer-encoding")
REFRESH_PER_S = 4


@click.command("proxy")
@click.option("--target", required=True, metavar="URL", help="Address with version path.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8081, show_default=True, type=click.IntRange(0, 65535), help="0: a free one."
)
@report_options
@click.option(
    "--usage",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write what the client used, for `contracts diff --used-by`.",
)
@click.option("--consumer", default="client", show_default=True, help="Its name in that file.")
@click.option("--accept", multiple=True, metavar="FILE|live", help="As of `contracts run`.")
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="NAME=VARIABLE",
    help="Header to send with every request, value from an environment variable; repeatable.",
)
@click.option("--cookie", "cookies", multiple=True, metavar="NAME=VARIABLE", help="The same.")
@click.option("--rate", metavar="N/s|m|h", help="At most so many requests, as in 300/m.")
@click.option("--ca", type=PEM_FILE, metavar="FILE", help="Authorities to trust (PEM).")
@click.option("--client-cert", type=PEM_FILE, metavar="FILE", help="Certificate and key (PEM).")
@click.option("--insecure", is_flag=True, help="Do not check the target's certificate.")
@click.option("--timeout", default=10.0, show_default=True, type=Seconds(0.1), metavar="S")
@click.option(
    "--workers",
    default=16,
    show_default=True,
    type=click.IntRange(1, 256),
    metavar="N",
    help="Requests under way at once.",
)
def proxy_command(**options: Any) -> None:
    """Pass requests on to a target until Ctrl-C, and judge them by the clauses that one shows.

    Exit code 0: nothing is broken; 1: something is, or nothing was seen; 2: not made.
    """
    variables = variables_in([*options["headers"], *options["cookies"]])
    with errors_in_a_sentence(redactor_of(variables)):
        outcome = _proxy(**options)
    sys.exit(outcome.exit_code)


def _proxy(  # noqa: PLR0913 - one word for each option of the command
    *,
    target: str,
    host: str,
    port: int,
    output: Path | None,
    report_names: tuple[str, ...],
    usage: Path | None,
    consumer: str,
    accept: tuple[str, ...],
    headers: tuple[str, ...],
    cookies: tuple[str, ...],
    rate: str | None,
    ca: str | None,
    client_cert: str | None,
    insecure: bool,
    timeout: float,
    workers: int,
) -> Run:
    # Imported here: `contracts run` has no use for them.
    from duologue.contracts.proxy.forwarding import Forwarder  # noqa: PLC0415
    from duologue.contracts.proxy.record import Record  # noqa: PLC0415
    from duologue.contracts.proxy.server import ProxyServer  # noqa: PLC0415

    check_address(target)
    reports = reporting(report_names, output)
    _must_be_writable(usage)
    failures = known.load(accept)
    console = Console(highlight=False)
    record = Record(on_finding=lambda clause, title: _tell(console, clause, title))
    own = gateway_headers(headers, cookies, reserved=RESERVED)
    network = Network(ca_file=ca, client_cert=client_cert, insecure=insecure)
    check_proxy(network, target)
    try:
        forwarder = Forwarder(
            target.rstrip("/"),
            record,
            timeout_s=timeout,
            network=network,
            connections=workers,
            headers=own,
            rate_per_s=rate_per_s(rate),
        )
    except OSError as cause:  # ssl.SSLError is one
        raise OptionInvalid("--ca, --client-cert", f"no such PEM file ({cause})") from cause
    started = datetime.now(UTC).isoformat(timespec="seconds")
    begin_s = time.monotonic()
    with (
        _end_of_signals() as ended,
        closing(forwarder),
        ProxyServer(forwarder, host, port=port, threads=workers) as server,
    ):
        base = urlsplit(target).path.rstrip("/")
        click.echo(f"{server.origin}{base} passes requests on to {target}; Ctrl-C ends it")
        with _counting(console, record):
            while not ended.wait(POLL_S):
                pass
    results, statuses = known.accept(record.results(), failures, today=datetime.now(UTC).date())
    outcome = Run(
        target=target,
        seed=0,
        started_at=started,
        duration_s=time.monotonic() - begin_s,
        results=results,
        operations=record.statuses(),
        insecure=insecure,
        defect=record.defect,
        known_failures=tuple(failure.as_dict(status) for failure, status in statuses),
        origin=origin_of({}, {}),
    )
    secrets = {each.partition("=")[2]: "" for each in (*headers, *cookies)}
    secrets = {name: os.environ[name].strip() for name in secrets}
    document = record.redactor(secrets).document(outcome.as_dict())
    summarize(document, console)
    click.echo(_totals(record))
    reports.write(document)
    if usage is not None:
        _write_usage(usage, record.usage.as_dict(consumer=consumer, recorded_at=_now()))
    return outcome


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _tell(console: Console, clause_id: str, title: str) -> None:
    console.print(Text(f"broken      {clause_id}: {printable(title)}"), soft_wrap=True)


def _totals(record: Any) -> str:
    failed = f", {record.failed} without an answer" if record.failed else ""
    requests = "1 request" if record.passed == 1 else f"{record.passed} requests"
    findings = "1 finding" if record.found == 1 else f"{record.found} findings"
    return f"{requests}{failed}, {record.judged} of them of the document's operations; {findings}"


@contextmanager
def _counting(console: Console, record: Any) -> Iterator[None]:
    """Show a live count on a terminal; nothing elsewhere."""
    if not moves_cursor(console):
        yield
        return
    with Live(
        get_renderable=lambda: Text(_totals(record)),
        console=console,
        refresh_per_second=REFRESH_PER_S,
        transient=True,
    ):
        yield


@contextmanager
def _end_of_signals() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C and SIGTERM set; a second one ends the process at once."""
    ended = threading.Event()

    def end(_signum: int, _frame: FrameType | None) -> None:
        ended.set()
        for each in before:
            signal.signal(each, signal.SIG_DFL)

    before = {each: signal.signal(each, end) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ended
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _must_be_writable(usage: Path | None) -> None:
    """Raise OutputNotWritable before anything passes: what was used cannot be recorded again."""
    if usage is None:
        return
    is_new = not usage.exists()
    try:
        with usage.open("a", encoding="utf-8"):
            pass
        if is_new:
            usage.unlink()
    except OSError as cause:
        raise OutputNotWritable(usage, cause.strerror or str(cause), option="--usage") from cause


def _write_usage(path: Path, content: dict[str, Any]) -> None:
    try:
        write_whole(path, json.dumps(content, indent=2) + "\n")
    except OSError as cause:
        raise OutputNotWritable(path, cause.strerror or str(cause), option="--usage") from cause
    click.echo(f"usage: {path}")
