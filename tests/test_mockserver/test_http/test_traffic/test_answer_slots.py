"""Slots of answers: how many requests use the interpreter at once, and in what order."""

from __future__ import annotations

import io
import threading

import pytest

from duologue.mockserver.http.traffic.answer_slots import AnswerSlots
from support.waiting import WITHIN_S


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
