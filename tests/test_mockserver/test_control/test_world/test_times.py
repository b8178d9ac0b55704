"""Times in world documents: ISO 8601, and relative to now."""

from __future__ import annotations

import pytest

from duologue.mockserver.control.errors import WrongInput
from duologue.mockserver.control.world.times import resolved, seconds_of

NOW = 1_800_000_000
HI = {"from": "bo", "to": {"user": "ana"}, "text": "Hi"}


@pytest.mark.parametrize(
    ("text", "unix"),
    [
        ("2026-01-05T09:00:00Z", 1_767_603_600),
        ("2026-01-05 09:00:00", 1_767_603_600),
        ("2026-01-05T10:00:00+01:00", 1_767_603_600),
        ("2026-01-05", 1_767_571_200),
    ],
)
def test_an_iso_time_is_taken(text, unix):
    assert resolved({"messages": [{"at": text}]}, NOW) == {"messages": [{"at": unix}]}


@pytest.mark.parametrize(("ago", "s"), [("90s", 90), ("2m", 120), ("3h", 10_800), ("1d", 86_400)])
def test_a_time_is_relative_to_now(ago, s):
    assert seconds_of(ago) == s
    assert resolved([{"ago": ago}], NOW) == [{"at": NOW - s}]


def test_what_the_app_keeps_is_left_as_it_is():
    document = {"metadata": {"at": "2026-01-05"}, "content": {"ago": "2m"}}

    assert resolved(document, NOW) == document


@pytest.mark.parametrize(
    ("written", "place"),
    [({"at": "2026-13-01"}, "messages.0.at"), ({"at": 1, "ago": "2m"}, "messages.0.ago")],
)
def test_what_is_no_time_is_told_with_its_place(written, place):
    with pytest.raises(WrongInput) as refused:
        resolved({"messages": [written]}, NOW)

    assert list(refused.value.details) == [place]


def test_two_minutes_ago_is_two_minutes_before_the_mocks_clock(control):
    control.put("clock", {"mode": "frozen", "now": NOW})
    control.put("world", {"users": ["ana", "bo"], "messages": [HI | {"ago": "2m"}]})
    (row,) = control.api.get("/conversations", as_="ana").get_json()["data"]

    assert row["lastMessage"]["sentAt"] == NOW - 120


@pytest.mark.parametrize("ago", ["2 m", "-2m", "2w", "", "1" * 10 + "s"])
def test_an_ago_of_another_form_is_refused(control, ago):
    world = {"users": ["ana", "bo"], "messages": [HI | {"ago": ago}]}

    assert control.refused("PUT", "world", world)[0] == 422
