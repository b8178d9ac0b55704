"""How many requests a target gets, at once and in a time."""

import threading

import pytest

from duologue.contracts.http.pacing import ConcurrencyLimit, Pacer, requests_per_s
from support.waiting import WITHIN_S


@pytest.mark.parametrize(("text", "rate"), [("300/m", 5), ("5/s", 5), (" 1800 / h ", 0.5)])
def test_a_rate_is_read(text, rate):
    assert requests_per_s(text) == rate


@pytest.mark.parametrize("text", ["300", "fast", "0/s", "5/d", "-1/s"])
def test_another_form_is_refused_with_the_right_one(text):
    with pytest.raises(ValueError, match="300/m"):
        requests_per_s(text)


def test_the_pacer_spaces_requests_evenly():
    pacer = Pacer(2, now=lambda: 100.0)

    assert [pacer.reserve_s() for _ in range(4)] == [0, 0.5, 1.0, 1.5]


def test_without_a_rate_no_request_waits():
    assert Pacer(None, now=lambda: 100.0).reserve_s() == 0


def test_a_refusal_lowers_the_limit_and_successes_raise_it_again():
    limit = ConcurrencyLimit(4)
    with limit.slot(), limit.slot(), limit.slot():
        limit.refused()

    assert limit.lowest_reached == 2
    for _ in range(50):
        limit.succeeded()
    entered = threading.Barrier(3, timeout=WITHIN_S)

    def use() -> None:
        with limit.slot():
            entered.wait()

    threads = [threading.Thread(target=use) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WITHIN_S)
    assert not entered.broken


def test_the_limit_never_falls_below_one():
    limit = ConcurrencyLimit(2)
    for _ in range(5):
        with limit.slot():
            limit.refused()

    assert limit.lowest_reached == 1


def test_a_number_of_requests_takes_so_long_at_least():
    assert Pacer(5.0, now=float).duration_s(16) == 3.2
    assert Pacer(None, now=float).duration_s(16) == 0


def test_a_bound_is_never_exceeded_however_many_succeed():
    limit = ConcurrencyLimit(8)

    limit.bound(3)
    for _ in range(1000):
        limit.succeeded()

    assert (limit.highest, limit._limit) == (3, 3)
