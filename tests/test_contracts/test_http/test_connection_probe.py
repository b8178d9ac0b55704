"""Connections that a target serves at once, and those that it lets wait."""

from __future__ import annotations

import threading

import pytest

from duologue.contracts.http.connection import Network
from duologue.contracts.http.connection_probe import answered_while_open, served_at_once
from support.independent.app import App
from support.independent.server import serving
from support.servers import gateway as gw
from support.servers.ports import held_port
from support.waiting import WITHIN_S


class Answer:
    """An answer that notes when its connection is closed."""

    def __init__(self, on_close=lambda: None):
        self.close = on_close


class Target:
    """Answers some connections at once, others once those are closed; refuses or forgets some."""

    def __init__(self, *, served, waiting=0, refused=0):
        self.ready = [Answer(self.free) for _ in range(served)] + [None] * refused
        self.waiting = waiting
        self.asked_s = []

    def free(self):
        if self.waiting:
            self.waiting -= 1
            self.ready.append(Answer(self.free))

    def next_outcome(self, within_s):
        self.asked_s.append(within_s)
        return [self.ready.pop(0)] if self.ready else []


def judged(target, *, connections=8, now=lambda: 0.0):
    return answered_while_open(
        target.next_outcome, connections, timeout_s=10, patience_s=2, now=now
    )


@pytest.mark.parametrize(
    ("target", "found"),
    [
        (Target(served=8), 8),
        (Target(served=5, waiting=3), 5),
        (Target(served=1, waiting=7), 1),
        (Target(served=5, refused=3), 8),  # fewer at once, which the run finds by itself
        (Target(served=4, refused=2, waiting=2), 4),
        (Target(served=5), 8),  # three are never answered
        (Target(served=0), 8),
        (Target(served=0, refused=8), 8),
    ],
    ids=[
        "all",
        "three wait",
        "all but one wait",
        "three are refused",
        "some are refused and some wait",
        "three hang",
        "all hang",
        "away",
    ],
)
def test_only_connections_that_wait_for_others_are_too_many(target, found):
    assert judged(target) == found


def test_the_patience_grows_with_the_pauses_between_answers():
    """A server with one thread answers every 3 s: nothing waits for a connection to be closed."""
    times = iter(range(0, 100, 3))
    target = Target(served=8)

    judged(target, now=lambda: next(times))

    assert target.asked_s[0] == 10  # the first answer may take as long as any call
    assert min(target.asked_s[1:]) >= 12


@pytest.fixture
def served():
    """``served(...)``: how many of eight connections a gateway so set serves at once."""

    def served(plan=lambda _: None, *, patience_s=WITHIN_S, **settings):
        with serving(App()) as upstream, gw.Gateway(upstream, plan, **settings).serving() as url:
            return served_at_once(
                f"{url}/users",
                {"apikey": "k"},
                connections=8,
                network=Network(),
                timeout_s=WITHIN_S,
                patience_s=patience_s,
            )

    return served


def test_a_server_that_takes_all_serves_all(served):
    assert served() == 8


def test_a_server_that_works_for_one_at_a_time_serves_all(served):
    """All connections are answered, one after the other, without that one is closed."""
    one_by_one = threading.Lock()

    def in_turn(handler):
        with one_by_one:
            handler.forward()

    assert served(lambda _: in_turn) == 8


def test_a_server_that_refuses_some_connections_serves_all_that_it_takes(served):
    assert served(most_connections=5) == 8


def test_a_server_that_lets_some_connections_wait_serves_no_more_than_the_others(served):
    assert 1 <= served(most_connections=5, others_wait=True, patience_s=0.5) <= 5


def test_a_target_that_is_away_is_not_taken_for_one_that_lets_connections_wait():
    with held_port() as port:
        url = f"http://127.0.0.1:{port}/users"
        found = served_at_once(url, {}, connections=8, network=Network(), timeout_s=WITHIN_S)

    assert found == 8
