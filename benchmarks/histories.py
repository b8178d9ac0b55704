"""Linearisability under load: ``python -m benchmarks.histories``.

In each history 8 clients send, read, mark, tag and delete at once on one conversation, in turn a
group of eight and a 1-on-1 with four clients for each side; ``support.histories`` looks for an
order of all requests that explains every answer. The exit code is 1 if a history has none.

    python -m benchmarks.histories --count 200                      SQLite, two processes on a port
    python -m benchmarks.histories --count 200 --engine postgresql  two mocks on one PostgreSQL
"""

from __future__ import annotations

import argparse
import itertools
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from benchmarks.load import Mocks, state_for
from benchmarks.support.calls import Address, Call, Line, ask
from benchmarks.support.options import at_least_one
from benchmarks.support.processes import NotStarted, interruptible
from support.histories import Request, Undecided, record, requests_to, unexplained

CLIENTS = 8
SHOWN = 3  # histories without an order


class Api:
    """Sends requests, each thread on connections of its own, to one address after the other."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses
        self._mine = threading.local()

    def send(self, caller: str, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Return status and data of an answer, or its whole body."""
        if not hasattr(self._mine, "lines"):
            self._mine.lines = itertools.cycle([Line(each) for each in self._addresses])
        answer = next(self._mine.lines).send(Call(method, path, caller, body))
        return answer.status, answer.data if answer.data is not None else answer.body


def main() -> int:
    """Record and judge the histories; print the figures and return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.histories", description=__doc__)
    parser.add_argument("--count", type=at_least_one, default=200)
    parser.add_argument("--steps", type=at_least_one, default=6, help="requests of each client")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument(
        "--workers", type=at_least_one, default=2, help="processes on the SQLite state"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--private", action="store_true", help="a state of the workers alone")
    options = parser.parse_args()
    processes, workers = (1, options.workers) if options.engine == "sqlite" else (2, 1)
    with interruptible(), ExitStack() as stack:
        state = "" if options.private else stack.enter_context(state_for(options.engine))
        mocks = Mocks(state, count=processes, workers=workers)
        stack.callback(mocks.stop)
        mocks.start()
        found = _judged(mocks.addresses, options)
    seconds = f"recorded in {found.pop('recording s')} s, judged in {found.pop('judging s')} s"
    print(f"{options.engine}, {processes} x {workers} processes: {dict(found)}; {seconds}")
    return int(found["without an order"] > 0)


def _judged(addresses: Sequence[Address], options: argparse.Namespace) -> Counter[str]:
    found: Counter[str] = Counter({"explained": 0, "undecided": 0, "without an order": 0})
    api, recording_s, judging_s = Api(addresses), 0.0, 0.0
    for number in range(options.count):
        began = time.monotonic()
        history = list(_history(api, addresses[0], number=number, options=options))
        recorded = time.monotonic()
        found[_verdict(history, is_shown=found["without an order"] < SHOWN)] += 1
        found["requests"] += len(history)
        recording_s += recorded - began
        judging_s += time.monotonic() - recorded
    found.update({"recording s": round(recording_s), "judging s": round(judging_s)})
    return found


def _verdict(history: Sequence[Request], *, is_shown: bool) -> str:
    try:
        wrong = unexplained(history)
    except Undecided:
        return "undecided"
    if wrong is None:
        return "explained"
    if is_shown:
        print("no order explains", wrong, "in", *history, sep="\n  ", file=sys.stderr)
    return "without an order"


def _history(
    api: Api, at: Address, *, number: int, options: argparse.Namespace
) -> Iterator[Request]:
    """Yield the requests of a history on a conversation of its own."""
    uids = [f"h{options.seed}-{number}-{client}" for client in range(CLIENTS)]
    of_group = number % 2 == 0
    for uid in uids if of_group else uids[:2]:
        _made(at, Call("POST", "/users", body={"uid": uid, "name": uid}))
    seed = options.seed * 1_000_000 + number
    if of_group:
        guid = f"g{options.seed}-{number}"
        _made(at, Call("POST", "/groups", body={"guid": guid, "name": guid, "type": "public"}))
        _made(at, Call("POST", f"/groups/{guid}/members", body={"participants": uids}))
        request = requests_to(api.send, dict.fromkeys(uids, ("group", guid)))
        yield from record(request, uids, steps=options.steps, seed=seed)
        return
    one, other = uids[:2]
    request = requests_to(api.send, {one: ("user", other), other: ("user", one)})
    yield Request(one, "send", (), 0, 1, request(one, "send", ()))
    yield from record(request, [one, other] * 4, steps=max(2, options.steps // 2), seed=seed)


def _made(at: Address, call: Call) -> None:
    answer = ask(at, call)
    if not answer.ok:
        raise SystemExit(f"{call.path} was answered {answer.status}: {answer.body}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NotStarted as cause:
        raise SystemExit(f"benchmarks.histories: {cause}") from cause
