"""Measure how many connections a target serves at once, where it lets others wait."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

import urllib3

from duologue.contracts.http.connection import Network, make_pool

PATIENCE_S = 2.0
PATIENCE = 4  # times the longest time between two answers


class Held(Protocol):
    """An answer that keeps its connection open."""

    def close(self) -> Any:
        """Close the connection."""


# The answer on a connection, None where there is none: it was refused, dropped or timed out.
Outcome = Held | None
# Returns the next outcome as a list of one, within so many seconds; an empty list afterwards.
NextOutcome = Callable[[float], list[Outcome]]


def served_at_once(  # noqa: PLR0913 - what a connection is made of, and times
    url: str,
    headers: Mapping[str, str],
    *,
    connections: int,
    network: Network,
    timeout_s: float,
    patience_s: float = PATIENCE_S,
    before_each: Callable[[], None] = lambda: None,
) -> int:
    """Return how many of so many connections the target serves at once: all, unless some wait.

    Send one GET on each and keep all of them open. Some servers and gateways take connections
    beyond their limit and answer nothing on them until others are closed: those that are answered
    only then have waited. A connection that is refused, or never answered, is none that waits.
    Where some seem to wait, measure again: a server may pause for once. ``before_each`` is called
    before each request, and may wait.
    """

    def measured() -> int:
        outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        pool = make_pool(network, url=url, connections=connections, timeout_s=timeout_s)
        for _ in range(connections):
            before_each()
            arguments = (pool, url, headers, outcomes)
            threading.Thread(target=_ask, args=arguments, daemon=True, name="probe").start()

        def next_outcome(within_s: float) -> list[Outcome]:
            with suppress(queue.Empty):
                return [outcomes.get(timeout=within_s)]
            return []

        return answered_while_open(
            next_outcome, connections, timeout_s=timeout_s, patience_s=patience_s
        )

    first = measured()
    return first if first == connections else max(first, measured())


def _ask(
    pool: urllib3.PoolManager,
    url: str,
    headers: Mapping[str, str],
    outcomes: queue.SimpleQueue[Outcome],
) -> None:
    outcome = None
    with suppress(urllib3.exceptions.HTTPError, ValueError, OSError):
        # The body is not read: the connection stays the answer's own, and open.
        outcome = pool.request("GET", url, headers=headers, redirect=False, preload_content=False)
    outcomes.put(outcome)


def answered_while_open(
    next_outcome: NextOutcome,
    connections: int,
    *,
    timeout_s: float,
    patience_s: float = PATIENCE_S,
    now: Callable[[], float] = time.monotonic,
) -> int:
    """Return the connections that were answered while all were open; all, unless others waited.

    The first outcome may take ``timeout_s``; those after it ``patience_s``, or four times the
    longest pause before. Then the answered ones are closed, and what has waited is answered.
    """
    answers: list[Outcome] = []
    within_s, longest_s, last = timeout_s, 0.0, now()
    while len(answers) < connections and (more := next_outcome(within_s)):
        answers += more
        longest_s, last = max(longest_s, now() - last), now()
        within_s = max(patience_s, PATIENCE * longest_s)
    _close(answers)
    if not answers or not _have_waited(next_outcome, connections - len(answers), within_s):
        return connections
    return max(1, sum(answer is not None for answer in answers))


def _have_waited(next_outcome: NextOutcome, count: int, within_s: float) -> bool:
    """Return whether one of so many is answered now; close each, since others need its place."""
    have_waited = False
    while count and (later := next_outcome(within_s)):
        have_waited |= later != [None]
        _close(later)
        count -= 1
    return have_waited


def _close(answers: list[Outcome]) -> None:
    for answer in filter(None, answers):
        with suppress(OSError, urllib3.exceptions.HTTPError):
            answer.close()
