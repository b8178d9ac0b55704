"""Threads that take requests: few rest too early, none is missing."""

from __future__ import annotations

import threading

from duologue.mockserver.http.traffic.thread_reserve import ThreadReserve
from support.waiting import WITHIN_S


class Worker:
    """A thread of a server that does what it is told, one thing after the other."""

    def __init__(self, reserve: ThreadReserve) -> None:
        self._reserve = reserve
        self._may_end = threading.Event()
        self._has_joined = threading.Event()
        self.waits, self.woke = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._act, daemon=True)
        self._wants_rest = False

    def rest(self) -> Worker:
        """Begin, and rest after an answer."""
        self._wants_rest = True
        return self._begun()

    def wait(self) -> Worker:
        """Begin, and wait in a request."""
        self._begun()
        assert self.waits.wait(WITHIN_S)
        return self

    def end(self) -> None:
        """End the wait."""
        self._may_end.set()
        self._thread.join(WITHIN_S)

    def _begun(self) -> Worker:
        self._thread.start()
        assert self._has_joined.wait(WITHIN_S)
        return self

    def _act(self) -> None:
        self._reserve.join()
        self._has_joined.set()
        if self._wants_rest:
            self._reserve.rest()
            self.woke.set()
            return
        with self._reserve.waiting():
            self.waits.set()
            self._may_end.wait(WITHIN_S)


def resting(reserve: ThreadReserve) -> Worker:
    """Return a worker that rests; the reserve has as many free ones as it keeps."""
    before = reserve.resting
    worker = Worker(reserve).rest()
    while reserve.resting == before:
        assert not worker.woke.wait(0.001)
    return worker


def test_a_thread_that_is_needed_does_not_rest():
    reserve = ThreadReserve(least=1, most=1)

    reserve.join()
    reserve.rest()

    assert reserve.resting == 0


def test_a_thread_beyond_those_needed_rests_until_another_waits():
    reserve = ThreadReserve(least=1, most=1)
    reserve.join()
    rested = resting(reserve)
    with reserve.waiting():
        assert rested.woke.wait(WITHIN_S)

        assert reserve.resting == 0


def test_nobody_is_woken_while_enough_are_free():
    reserve = ThreadReserve(least=1, most=2)
    reserve.join()
    other = Worker(reserve).wait()
    other.end()  # two are free from now on
    rested = resting(reserve)
    with reserve.waiting():
        assert reserve.resting == 1
    assert not rested.woke.is_set()


def test_a_thread_that_waited_rests_if_another_took_its_place():
    reserve = ThreadReserve(least=1, most=1)
    reserve.join()
    first = resting(reserve)
    with reserve.waiting():
        assert first.woke.wait(WITHIN_S)
    second = Worker(reserve).wait()  # counted as waiting: the two before it are free
    second.end()
    resting(reserve)

    assert reserve.resting == 1


def test_a_thread_that_takes_no_requests_is_not_counted():
    reserve = ThreadReserve(least=1, most=0)

    with reserve.waiting():
        reserve.rest()

    assert reserve.resting == 0
