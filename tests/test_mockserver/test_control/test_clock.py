"""The clock: freeze, set and advance it; later calls use its time."""

from __future__ import annotations

import threading

import pytest

from duologue.mockserver.control.clock import ClockState, ControllableClock

NOON = 1_800_000_000


def test_a_frozen_clock_stands(control, clock):
    """At the present or a given time; later messages have that time."""
    control.put("clock", {"mode": "frozen"})
    clock.now += 100
    assert control.get("clock") == {"mode": "frozen", "now": clock.now - 100}

    assert control.put("clock", {"now": NOON}) == {"mode": "frozen", "now": NOON}
    control.api.send("ana", "users/bo")

    assert control.api.conversation("bo", "users/ana")["updatedAt"] == NOON


def test_a_running_clock_goes_on_from_where_it_was_set(control, clock):
    """Without a mode the mode does not change."""
    assert control.put("clock", {"now": NOON}) == {"mode": "running", "now": NOON}
    clock.now += 7

    assert control.get("clock")["now"] == NOON + 7
    control.put("clock", {"mode": "frozen"})
    clock.now += 7
    assert control.put("clock", {"mode": "running"}) == {"mode": "running", "now": NOON + 7}
    clock.now += 1
    assert control.get("clock")["now"] == NOON + 8


@pytest.mark.parametrize("mode", ["running", "frozen"])
def test_time_is_moved_on(control, mode):
    """By a number of seconds, in both modes."""
    control.put("clock", {"mode": mode, "now": NOON})

    assert control.post("clock/advance", {"seconds": 3600}) == {"mode": mode, "now": NOON + 3600}
    assert control.post("clock/advance", {"seconds": 0})["now"] == NOON + 3600


def test_order_follows_the_clock(control):
    """A list is ordered by the mock's time, not by the machine's."""
    control.put("clock", {"mode": "frozen", "now": NOON})
    control.api.send("ana", "users/bo")
    control.post("clock/advance", {"seconds": 60})
    control.api.send("ana", "users/cleo")

    assert control.api.names("ana")[:2] == ["user_cleo", "user_bo"]


def test_time_that_is_set_back_takes_nothing_back(control):
    """updatedAt never goes back; messages have the time of the clock."""
    control.put("clock", {"mode": "frozen", "now": NOON})
    control.api.send("ana", "users/bo")
    control.put("clock", {"now": NOON - 1000})
    control.api.send("ana", "users/bo")

    conversation = control.api.conversation("bo", "users/ana")
    assert conversation["updatedAt"] == NOON
    assert conversation["lastMessage"]["sentAt"] == NOON - 1000


def test_reset_lets_it_run_as_at_the_start(control, clock):
    """Whatever state it had."""
    control.put("clock", {"mode": "frozen", "now": NOON})
    control.post("reset")

    assert control.get("clock") == {"mode": "running", "now": clock.now}


def test_the_clock_numbers_the_first_reading_of_a_request():
    """Later readings of the same request are not counted; other threads have their own."""
    controllable_clock = ControllableClock(lambda: NOON)
    controllable_clock.begin()
    assert controllable_clock.first is None

    controllable_clock()
    first = controllable_clock.first
    controllable_clock()
    other = threading.Thread(target=controllable_clock)
    other.start()
    other.join()

    assert controllable_clock.first == first
    assert controllable_clock.mark() == first.number + 2
    controllable_clock.begin()
    assert controllable_clock() == NOON
    assert controllable_clock.first.number > first.number + 2


def test_a_state_can_be_restored():
    """As a snapshot restores it."""
    now = [NOON]
    controllable_clock = ControllableClock(lambda: now[0])
    controllable_clock.advance(10)
    state = controllable_clock.state
    controllable_clock.freeze(5)
    now[0] += 1

    controllable_clock.restore(state)
    assert controllable_clock() == NOON + 11
    controllable_clock.restore()
    assert (controllable_clock.state, controllable_clock()) == (ClockState(), NOON + 1)


def test_threads_may_advance_it_concurrently():
    """No change is lost."""
    controllable_clock = ControllableClock(lambda: 0)
    threads = [
        threading.Thread(target=lambda: [controllable_clock.advance(1) for _ in range(500)])
        for _ in "1234"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert controllable_clock.now() == 2000
