"""What goes wrong on a line on purpose, with a clock of the test's own."""

from __future__ import annotations

import heapq
from itertools import count

import pytest

from duologue.mockserver.control.socket.faults import NO_FAULTS, SocketFaults
from duologue.mockserver.socket.line import HELD_S, Line


class Outlet:
    """Keeps what is sent with the time of it, and acts when `pass_s` says so."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.sent: list[tuple[float, int]] = []
        self.cuts = 0
        self._todo: list = []
        self._order = count()

    def send(self, frame) -> None:
        self.sent.append((self.now_s, frame["n"]))

    def close(self, code, reason) -> None:
        raise AssertionError("a line closes nothing")

    def cut(self) -> None:
        self.cuts += 1

    def later(self, delay_s, act) -> None:
        heapq.heappush(self._todo, (self.now_s + delay_s, next(self._order), act))

    def pass_s(self, seconds) -> None:
        until = self.now_s + seconds
        while self._todo and self._todo[0][0] <= until:
            self.now_s, _, act = heapq.heappop(self._todo)
            act()
        self.now_s = until


def _sent(faults: SocketFaults, *numbers: int, apart_s: float = 0.0) -> Outlet:
    outlet = Outlet()
    line = Line(outlet)
    for number in numbers:
        line.send({"n": number}, faults)
        outlet.pass_s(apart_s)
    outlet.pass_s(10)
    return outlet


def test_without_faults_events_come_at_once_and_in_order():
    assert _sent(NO_FAULTS, 1, 2, 3).sent == [(0, 1), (0, 2), (0, 3)]


def test_late_ones_keep_their_order():
    assert _sent(SocketFaults(late_ms=500), 1, 2).sent == [(0.5, 1), (0.5, 2)]


def test_one_that_is_to_come_later_does():
    outlet = Outlet()

    Line(outlet).send({"n": 1}, NO_FAULTS, delay_s=0.5)
    outlet.pass_s(1)

    assert outlet.sent == [(0.5, 1)]


def test_twice():
    assert [number for _, number in _sent(SocketFaults(twice=True), 1, 2).sent] == [1, 1, 2, 2]


def test_of_two_the_later_one_comes_first():
    outlet = _sent(SocketFaults(out_of_order=True), 1, 2, 3, 4)

    assert outlet.sent == [(0, 2), (0, 1), (0, 4), (0, 3)]


def test_one_that_none_follows_comes_after_a_while():
    assert _sent(SocketFaults(out_of_order=True), 1).sent == [(HELD_S, 1)]


def test_one_that_is_followed_too_late_is_not_sent_again():
    outlet = _sent(SocketFaults(out_of_order=True), 1, 2, apart_s=HELD_S * 2)

    assert [number for _, number in outlet.sent] == [1, 2]


def test_once_events_are_in_order_again_none_is_kept_back():
    outlet = Outlet()
    line = Line(outlet)

    line.send({"n": 1}, SocketFaults(out_of_order=True))
    outlet.pass_s(0)
    line.send({"n": 2}, NO_FAULTS)
    outlet.pass_s(10)

    assert [number for _, number in outlet.sent] == [1, 2]


@pytest.mark.parametrize(("after", "sent", "cuts"), [(2, 1, 0), (2, 2, 1), (1, 1, 1), (None, 3, 0)])
def test_a_connection_is_cut_after_so_many_events(after, sent, cuts):
    assert _sent(SocketFaults(cut_after=after), *range(sent)).cuts == cuts


def test_events_before_the_fault_do_not_count():
    """A receipt comes late: it may follow an event that the fault counts."""
    outlet, faults = Outlet(), SocketFaults(cut_after=2)
    line = Line(outlet)

    for number, in_force in enumerate((faults, NO_FAULTS, faults)):
        line.send({"n": number}, in_force)
    outlet.pass_s(0)

    assert outlet.cuts == 1
