"""The cost of ``contracts proxy``: ``python -m benchmarks.proxy``.

Sends the same calls to a mock directly and through the proxy, on a connection that is kept open, in
turn. The figure is the CPU time of the proxy's process for one request: all that it adds, since
client and mock do the same work either way. Exit code 1 if a request adds more than 1 ms.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.support import ours
from benchmarks.support.calls import Address, Call, Line, ask, is_answered
from benchmarks.support.figures import median, publish, shown, table
from benchmarks.support.options import at_least_one
from benchmarks.support.processes import Program, Running, free_port, interruptible, started

WORLD, CALLER = "inbox", "ana"  # who has more conversations than a page shows
MOST_ADDED_US = 1_000.0
WARM = 200
QUESTIONS: dict[str, Callable[[int], Call]] = {
    "list of 25": lambda _: Call("GET", "/conversations?perPage=25", CALLER),
    "one conversation": lambda _: Call("GET", "/conversations?perPage=1", CALLER),
    "a refusal": lambda n: Call("GET", f"/users/nobody-{n}/conversation", CALLER),
}


def main() -> None:
    """Measure, print the table, and exit."""
    options = _options()
    mock_port, proxy_port = free_port(), free_port()
    mock, front = ours.address(mock_port), Address(proxy_port)
    words = [sys.executable, "-m", "duologue.contracts", "proxy", "--target", mock.url]
    program = Program("proxy", [*words, "--port", str(proxy_port)])
    with interruptible(), started(ours.program(mock_port, world=WORLD)) as server:
        server.wait_until(lambda: is_answered(mock, ours.READY))
        with started(program) as proxy:
            proxy.wait_until(lambda: is_answered(front, ours.READY))
            page = ask(front, QUESTIONS["list of 25"](0))
            if len(page.data or ()) != 25:
                sys.exit(f"the list was answered {page.status} with {page.data!r:.200}")
            rows = {
                name: [
                    _round(call, mock, front, proxy=proxy, requests=options.requests)
                    for _ in range(options.rounds)
                ]
                for name, call in QUESTIONS.items()
            }
    added = {name: median(each[0] for each in rounds) or 0.0 for name, rounds in rows.items()}
    cells = [
        (name, shown(added[name]), *(shown(median(each[n] for each in rounds)) for n in (1, 2)))
        for name, rounds in rows.items()
    ]
    head = ("calls", "CPU µs added", "µs directly", "µs through the proxy")
    document = {"rounds": rows, "requests": options.requests}
    publish("Proxy", document, tables=table(head, cells), output=options.output)
    sys.exit(1 if max(added.values()) > MOST_ADDED_US else 0)


def _round(
    call_of: Callable[[int], Call], mock: Address, front: Address, *, proxy: Running, requests: int
) -> tuple[float, float, float]:
    """Return CPU µs of the proxy a request, and wall µs directly and through it."""
    directly_us, _ = _send(call_of, mock, proxy=proxy, requests=requests)
    through_us, cpu_us = _send(call_of, front, proxy=proxy, requests=requests)
    return cpu_us, directly_us, through_us


def _send(
    call_of: Callable[[int], Call], address: Address, *, proxy: Running, requests: int
) -> tuple[float, float]:
    line = Line(address)
    try:
        for number in range(WARM):
            line.send(call_of(number))
        before_s, begin_s = proxy.cpu_s(), time.perf_counter()
        for number in range(requests):
            line.send(call_of(number))
        wall_s, cpu_s = time.perf_counter() - begin_s, proxy.cpu_s() - before_s
    finally:
        line.close()
    return 1e6 * wall_s / requests, 1e6 * cpu_s / requests


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.proxy", description=__doc__)
    parser.add_argument(
        "--requests", type=at_least_one, default=1_000, help="of each kind in a round"
    )
    parser.add_argument("--rounds", type=at_least_one, default=3)
    parser.add_argument("--output", type=Path, metavar="DIR", help="for the table and the JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
