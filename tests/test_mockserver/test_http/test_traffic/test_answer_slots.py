"""Slots of answers: how many requests use the interpreter at once, and in what order."""

from __future__ import annotations

import io
import threading
from contextlib import contextmanager

import pytest

from duologue.mockserver.http.traffic.answer_slots import AnswerSlots
from support.waiting import WITHIN_S, happens


class Absences:
    """Counts the threads that are away."""

    def __init__(self):
        self.now = 0
        self._changing = threading.Lock()

    @contextmanager
    def __call__(self):
        with self._changing:
            self.now += 1
        yield
        with self._changing:
            self.now -= 1


def environ(path: str = "/v3/conversations") -> dict:
    return {
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "REQUEST_METHOD": "GET",
        "CONTENT_LENGTH": "0",
        "wsgi.input": io.BytesIO(),
    }


@pytest.mark.parametrize("fails", [False, True])
def test_the_core_is_given_up_after_each_answer(fails):
    """Else the thread that has just answered takes the next request before those that wait."""
    done = []

    def app(_environ, _start):
        done.append("answered")
        if fails:
            raise RuntimeError
        return [b""]

    answer = AnswerSlots(1, give_up_core=lambda: done.append("gave up")).wrap(app)
    for _ in range(2):
        if fails:
            with pytest.raises(RuntimeError):
                answer(environ(), None)
        else:
            answer(environ(), None)

    assert done == ["answered", "gave up"] * 2


def test_a_waiting_request_leaves_its_slot_to_another():
    slots = AnswerSlots(1)
    other = threading.Event()

    def app(environ, _start):
        if environ["PATH_INFO"] == "/v3/slow":
            slots.give_way(other.wait, 10)
        else:
            other.set()
        return [b""]

    answer = slots.wrap(app)
    slow = threading.Thread(target=answer, args=(environ("/v3/slow"), None))
    slow.start()
    answer(environ(), None)
    slow.join(WITHIN_S)

    assert other.is_set()
    assert not slow.is_alive()


def test_a_thread_is_away_while_it_waits_for_a_body_and_during_a_call_of_the_control_plane():
    away, seen = Absences(), {}

    class Upload(io.BytesIO):
        def read(self, *size):
            seen["body"] = away.now
            return super().read(*size)

    def app(environ, _start):
        seen[environ["PATH_INFO"]] = away.now
        return [b""]

    answer = AnswerSlots(1, away=away).wrap(app)
    upload = {"CONTENT_LENGTH": "1", "wsgi.input": Upload(b"x")}
    answer(environ("/v3/upload") | upload, None)
    answer(environ("/_mock/health"), None)

    assert seen == {"body": 1, "/v3/upload": 0, "/_mock/health": 1}
    assert away.now == 0


def test_a_thread_is_away_while_it_gives_way_and_while_it_waits_for_a_slot():
    away = Absences()
    slots = AnswerSlots(1, away=away)
    may_end, begun = threading.Event(), threading.Event()
    seen = []

    def app(environ, _start):
        if environ["PATH_INFO"] == "/v3/held":
            begun.set()
            may_end.wait(WITHIN_S)
            slots.give_way(lambda _: seen.append(away.now), 1)
        return [b""]

    answer = slots.wrap(app)
    held = threading.Thread(target=answer, args=(environ("/v3/held"), None))
    held.start()
    begun.wait(WITHIN_S)
    other = threading.Thread(target=answer, args=(environ("/v3/other"), None))
    other.start()

    assert happens(lambda: away.now == 1)  # the other waits for the slot
    other_was_waiting = slots._workers.waiting
    may_end.set()
    held.join(WITHIN_S)
    other.join(WITHIN_S)
    assert other_was_waiting == 1
    assert seen in ([1], [2])  # the other may have the slot by then
    assert away.now == 0
