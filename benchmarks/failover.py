"""Failover of the database: ``python -m benchmarks.failover [--by hosts|address]``.

Eight clients send messages without a pause to a mock with two workers, whose state is on a
PostgreSQL server with a synchronous standby. The server is stopped as a crash would stop it, and
the standby promoted two seconds later; the mock goes on. It knows both by name (``hosts``), or one
address that leads to the other server from then on (``address``).

The table tells what was answered before, between and afterwards, and how many acknowledged
messages are missing in the end: must be 0, else the exit code is 1.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from benchmarks.support import ours
from benchmarks.support.calls import Address, Call, Line, ask, is_answered
from benchmarks.support.figures import publish, table
from benchmarks.support.options import seconds
from benchmarks.support.postgres_pair import Forwarder, Pair, pair
from benchmarks.support.processes import free_port, interruptible, started

CLIENTS = 8
AWAY_S = 2.0
SENDER, RECEIVER = "ana", "bo"  # of the world `examples`
URL = "postgresql+psycopg://postgres@"
PHASES = ("before", "between", "afterwards")


@dataclass
class Log:
    """What was answered: counts by phase and status (0: no answer), and what was acknowledged."""

    phase: str = PHASES[0]
    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    texts: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    again_at: float | None = None  # the first acknowledged message after the loss
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, text: str, status: int, *, took_s: float, phase: str) -> None:
        """Note one answer to a message that was sent in `phase`."""
        with self.lock:
            self.counts[phase, status] += 1
            self.slowest_s = max(self.slowest_s, took_s)
            if status == 200:
                self.texts.append(text)
                if phase != PHASES[0] and self.again_at is None:
                    self.again_at = time.monotonic()


def main() -> None:
    """Run the measurement that the options name; exit with 1 if a message is missing."""
    options = _options()
    with interruptible(), ExitStack() as stack:
        servers = stack.enter_context(pair())
        forwarder = Forwarder(servers.first.port)
        stack.callback(forwarder.close)
        url = _url(options.by, servers, forwarder)
        address = ours.address(free_port())
        more = ["--state", url, "--workers", "2"]
        mock = stack.enter_context(
            started(ours.program(address.port, world="examples", options=more))
        )
        mock.wait_until(lambda: is_answered(address, ours.READY))
        log = Log()
        promoted_at = _run(log, address, servers=servers, forwarder=forwarder, options=options)
        missing = _missing(log, address)
    rows = [_row(phase, log) for phase in PHASES]
    head = ["messages sent", "acknowledged", "503", "other answers", "no answer"]
    again_s = (log.again_at or float("inf")) - promoted_at
    text = table(head, rows)
    text += f"\n\nacknowledged {len(log.texts):,}, of which missing in the end: {len(missing)};"
    text += f" first message {again_s:+.2f} s from the end of the promotion,"
    text += f" slowest answer {log.slowest_s:.2f} s\n"
    document = {"by": options.by, "acknowledged": len(log.texts), "missing": missing}
    title = f"Failover by {options.by}"
    publish(title, document, tables=text, output=options.output)
    sys.exit(1 if missing or log.again_at is None else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.failover", description=__doc__)
    parser.add_argument("--by", choices=["hosts", "address"], default="hosts")
    parser.add_argument("--seconds", type=seconds, default=4, help="before and afterwards")
    parser.add_argument("--output", type=Path, metavar="DIR", help="for the table and the JSON")
    return parser.parse_args()


def _url(by: str, servers: Pair, forwarder: Forwarder) -> str:
    if by == "address":
        return f"{URL}127.0.0.1:{forwarder.own_port}/mock"
    hosts = "&".join(f"host=127.0.0.1:{server.port}" for server in (servers.first, servers.second))
    return f"{URL}/mock?{hosts}&target_session_attrs=read-write"


def _run(
    log: Log, address: Address, *, servers: Pair, forwarder: Forwarder, options: argparse.Namespace
) -> float:
    """Send messages through the loss; return when the standby was promoted (monotonic, s)."""
    clients = [
        threading.Thread(target=_send, args=(log, address, number)) for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    try:
        time.sleep(options.seconds)
        log.phase = PHASES[1]
        servers.first.stop()
        time.sleep(AWAY_S)
        servers.promote()
        forwarder.port = servers.second.port
        promoted_at = time.monotonic()
        log.phase = PHASES[2]
        time.sleep(options.seconds)
    finally:
        log.stop.set()
        for client in clients:
            client.join()
    return promoted_at


def _send(log: Log, address: Address, client: int) -> None:
    """Send one message after the other until the log says stop."""
    line = Line(address)
    for number in itertools.count():
        if log.stop.is_set():
            break
        text = f"failover {client} {number}"
        body = {"receiver": RECEIVER, "receiverType": "user", "data": {"text": text}}
        began, phase = time.monotonic(), log.phase
        try:
            status = line.send(Call("POST", "/messages", SENDER, body)).status
        except (OSError, HTTPException):
            status, line = 0, Line(address)
        log.note(text, status, took_s=time.monotonic() - began, phase=phase)
    line.close()


def _missing(log: Log, address: Address) -> list[str]:
    """Return the acknowledged texts that the world does not show."""
    world = ask(Address(address.port, "/_mock"), Call("GET", "/world"))
    there = {message.get("text") for message in _messages(world.data)}
    return sorted(set(log.texts) - there)


def _messages(value: object) -> list[dict[str, object]]:
    """Return every object that has a text, however deep."""
    if isinstance(value, dict):
        own = [value] if "text" in value else []
        return own + [each for inner in value.values() for each in _messages(inner)]
    if isinstance(value, list):
        return [each for inner in value for each in _messages(inner)]
    return []


def _row(phase: str, log: Log) -> list[str]:
    counts = {status: count for (when, status), count in log.counts.items() if when == phase}
    other = sum(count for status, count in counts.items() if status not in (0, 200, 503))
    known = [counts.get(200, 0), counts.get(503, 0), other, counts.get(0, 0)]
    return [phase, *(f"{count:,}" for count in known)]


if __name__ == "__main__":
    main()
