"""The cost of a large world: ``python -m benchmarks.growth``.

One mock holds 1,000 conversations, another 1,000,000 (100,000 users, 5,000,000 messages); both
run at the same time and get the same requests in turn. Ratios are within a round: of the large
world to the small one, of a message to a group of 300 to one to a single user, of deep pages to
the first.

The caller is user 0, whose own list has 1,000 conversations in the small world and 2,050 in the
large one; the conversations that are read, tagged and written to are 900 different ones.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.support import ours, wrk
from benchmarks.support.calls import Call, Line, is_answered
from benchmarks.support.figures import median, publish, ratio, shown, table, tell
from benchmarks.support.options import at_least_one, seconds
from benchmarks.support.processes import free_port, interruptible, started
from benchmarks.support.questions import TAGS
from benchmarks.support.race import Lane, against, race
from duologue.fixtures import worlds
from duologue.fixtures.sized import GROUP_SIZES, GROUPS_OF_USER_0

SMALL = "users=1000,messages=5000,groups=50,conversations=950"
FRESH_PAGES = 15
LARGE = "users=100000,messages=5000000,groups=1000,conversations=999000"
FIRST = "fresh page 1"
PEERS = 900
LOAD_WITHIN_S = 3600.0
ROW = '"unreadMessageCount"'
MESSAGE = '"sentAt"'

SCALED = ("list", "one", "tags", "send-user", "send-group", "fresh page 1")
"""Requests whose cost must not grow with the world."""

PAGES = {"fresh page 1": 1, "fresh page 10": 10, "fresh page 40": 40, "fresh page 80": 80}
"""Pages that are each requested after a message, so that no answer comes from a cache."""


@dataclass(frozen=True)
class World:
    """A world: its size, its name in the table, and its start time."""

    name: str
    spec: str


def main() -> None:
    """Run the measurement that the options name."""
    options = _options()
    if not wrk.is_installed():
        raise SystemExit("benchmarks.growth: wrk is not installed (apt-get install wrk)")
    known = [World("1,000", options.small), World("1,000,000", options.large)]
    with interruptible(), ExitStack() as stack:
        small, large = (_lane(world, stack) for world in known)
        race([small, large], rounds=options.rounds, seconds=options.seconds)
        app = _whole_app(large)
    document = {
        "worlds": {world.name: world.spec for world in known},
        "rounds": options.rounds,
        "seconds": options.seconds,
        "cpu_us": {lane.name: _figures(lane) for lane in (small, large)},
        "large_to_small": {name: _ratio(large, small, name) for name in SCALED},
        "group_of_300_to_user": _groups(small, large),
        "deep_to_first_page": {name: ratio(_us(large, name), _us(large, FIRST)) for name in PAGES},
        "whole_app_ms": app,
        "invalid": small.complaints[:1] + large.complaints[:1],
    }
    publish("Growth", document, tables=_tables(small, large, app), output=options.output)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.growth", description=__doc__)
    parser.add_argument("--rounds", type=at_least_one, default=5)
    parser.add_argument("--seconds", type=seconds, default=3, help="of each question in a round")
    parser.add_argument("--small", default=SMALL, metavar="SIZES", help="default: %(default)s")
    parser.add_argument("--large", default=LARGE, metavar="SIZES", help="default: %(default)s")
    parser.add_argument("--output", type=Path, metavar="DIR", help="for the table and the JSON")
    return parser.parse_args()


def _lane(world: World, stack: ExitStack) -> Lane:
    port, before = free_port(), time.monotonic()
    server = stack.enter_context(started(ours.program(port, world=world.spec, name=world.name)))
    address = ours.address(port)
    server.wait_until(lambda: is_answered(address, ours.READY), within_s=LOAD_WITHIN_S)
    tell(f"the world of {world.name} is up after {time.monotonic() - before:.1f} s")
    return Lane(world.name, server, address, _loads(world))


def _loads(world: World) -> dict[str, wrk.Load]:
    """Return all requests to a world; deep pages only if the list is long enough."""
    me, peers = ours.uid(0), [ours.uid(1 + index) for index in range(PEERS)]
    to_user = [_say(me, uid, "user") for uid in peers]
    to_group = [_say(me, guid, "group") for guid in _groups_of_300(world)]
    first = _list(me, 1)
    loads = {
        "list": wrk.Load([first], ROW, 25),
        "one": wrk.Load([Call("GET", _of(uid), me) for uid in peers], ROW, 1),
        "tags": wrk.Load([_tag(me, uid, turn) for turn in (0, 1) for uid in peers], ROW, 1),
        "send-user": wrk.Load(to_user, MESSAGE, wrk.ANY),
        "send-group": wrk.Load(to_group, MESSAGE, wrk.ANY),
    }
    for name, page in PAGES.items():
        if page == 1 or world.name == "1,000,000":
            pairs = [call for say in to_user for call in (say, _list(me, page))]
            loads[name] = wrk.Load(pairs, ROW, wrk.ANY)
    return loads


def _groups_of_300(world: World) -> list[str]:
    """Return the groups that user 0 is in."""
    groups = islice(worlds.make(world.spec, ours.SEED).groups, GROUPS_OF_USER_0)
    found = [group.guid for group in groups if len(group.members) == max(GROUP_SIZES)]
    if not found:
        raise SystemExit(f"{world.spec} has no group of {max(GROUP_SIZES)} members")
    return found


def _list(me: str | None, page: int) -> Call:
    return Call("GET", f"/conversations?perPage=25&page={page}", me)


def _of(uid: str) -> str:
    return f"/users/{uid}/conversation"


def _tag(me: str, uid: str, turn: int) -> Call:
    return Call("PUT", _of(uid), me, {"tags": list(TAGS[turn : turn + 3])})


def _say(me: str, receiver: str, kind: str) -> Call:
    body = {
        "receiver": receiver,
        "receiverType": kind,
        "category": "message",
        "type": "text",
        "data": {"text": "One more word on the same subject."},
    }
    return Call("POST", "/messages", me, body)


def _whole_app(lane: Lane) -> dict[str, float]:
    """Return milliseconds for pages of the whole app's list, each requested after a message."""
    pages = {"page 1": 1, "page 40": 40, "page 1000": 1000, "page 80000": 80_000}
    line, say = Line(lane.address), lane.loads["send-user"].calls[0]
    took = {
        name: statistics.median(_fresh_ms(lane, line, say=say, page=page))
        for name, page in pages.items()
    }
    line.close()
    return took


def _fresh_ms(lane: Lane, line: Line, *, say: Call, page: int) -> Iterator[float]:
    """Yield the milliseconds that a page took, again and again."""
    for _ in range(FRESH_PAGES):
        line.send(say)
        began = time.perf_counter()
        got = line.send(_list(None, page))
        yield 1e3 * (time.perf_counter() - began)
        if not got.ok:
            lane.note(f"page {page} of the whole app's list: {got.status} {str(got.body)[:160]}")


def _us(lane: Lane, name: str) -> float | None:
    """Return CPU microseconds; for a fresh page those of the pair less those of the message."""
    if name not in PAGES:
        return lane.cpu_us(name)
    pairs = zip(lane.rounds.get(name, ()), lane.rounds["send-user"], strict=False)
    return median(2 * mean.cpu_us - send.cpu_us for mean, send in pairs)


def _ratio(large: Lane, small: Lane, name: str) -> float | None:
    if name in PAGES:
        return ratio(_us(large, name), _us(small, name))
    return against(large, small, name)


def _figures(lane: Lane) -> dict[str, Any]:
    return {
        name: {"cpu_us": _us(lane, name), "median_ms": lane.median_ms(name)} for name in lane.rounds
    }


def _groups(small: Lane, large: Lane) -> dict[str, float | None]:
    """Return the ratio of a message to a group of 300 to one to a user."""
    return {lane.name: against(lane, lane, "send-group", of="send-user") for lane in (small, large)}


def _tables(small: Lane, large: Lane, app: Mapping[str, float]) -> str:
    head = ["CPU µs a request", small.name, large.name, "ratio", "of page 1"]
    rows = [
        [
            name,
            shown(_us(small, name)),
            shown(_us(large, name)),
            shown(_ratio(large, small, name), 2),
            shown(ratio(_us(large, name), _us(large, FIRST)) if name in PAGES else None, 2),
        ]
        for name in large.loads
    ]
    sends = ", ".join(
        f"{shown(value, 2)} at {name}" for name, value in _groups(small, large).items()
    )
    everybody = ", ".join(f"{name} {shown(took, 1)} ms" for name, took in app.items())
    bad = "".join(f"\n\nINVALID: {text}" for text in (small.complaints + large.complaints)[:2])
    return (
        f"{table(head, rows)}\n\nA message to a group of 300, of one to a user: {sends}.\n"
        f"The whole app's list at {large.name}, one at a time: {everybody}.{bad}"
    )


if __name__ == "__main__":
    main()
