"""Delays, limits, faults and dialects."""

from __future__ import annotations

from duologue.mockserver.control.latency import Latency, Span

LIMIT = {"limit": 2, "per_s": 60}


# --- delays


def test_requests_are_delayed(control, monkeypatch):
    """All operations, or one with its own delay; null and nothing remove delays."""
    held = []
    control.controls.latency._sleep = held.append
    control.put(
        "latency",
        {"default": {"ms": 20}, "operations": {"listConversations": {"min_ms": 5, "max_ms": 5}}},
    )

    control.api.get("/conversations", as_="ana")
    control.api.get("/users/bo")
    control.api.get("/nowhere")
    control.api.client.options("/v3/users")

    assert held == [0.005, 0.02, 0.02]
    assert control.put("latency", {"default": None}) == {"default": None, "operations": {}}
    control.api.get("/users/bo")
    assert len(held) == 3


def test_a_random_delay_is_within_its_range():
    """Any time between the bounds."""
    held = []
    latency = Latency(sleep=held.append)
    latency.default = Span(10, 30)
    for _ in range(50):
        latency.hold(None)

    assert 0.01 <= min(held) < max(held) <= 0.03


def test_a_delay_is_in_the_journal(control):
    """It is part of an entry's duration."""
    held, latency = [], control.controls.latency
    wait = latency._sleep
    latency._sleep = lambda seconds: (held.append(seconds), wait(seconds))
    control.put("latency", {"operations": {"getUser": {"ms": 300}}})
    control.api.get("/users/bo")
    control.api.get("/users")

    slow, _ = (entry["duration_ms"] for entry in control.get("journal"))
    assert slow >= 300
    assert held == [0.3]


# --- the limit


def test_too_many_requests_are_refused(control, clock):
    """429 with the documented headers until the period ends."""
    assert control.get("rate-limit") is None
    control.put("rate-limit", LIMIT)
    answers = [control.api.get("/users/bo") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-Rate-Limit"] for answer in answers] == ["2"] * 3
    assert [answer.headers["X-Rate-Limit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert control.api.refusal(answers[-1]) == (429, "ERR_TOO_MANY_REQUESTS")
    assert answers[-1].headers["Retry-After"] == "60"
    assert answers[-1].headers["X-Rate-Limit-Reset"] == str(clock.now + 60)

    clock.now += 59
    last = control.api.get("/users/bo")
    assert (last.status_code, last.headers["Retry-After"]) == (429, "1")
    clock.now += 1
    assert control.api.get("/users/bo").status_code == 200


def test_a_limited_request_changes_nothing(control):
    """No message is sent, and counts do not change."""
    control.put("rate-limit", {"limit": 0, "per_s": 60})

    answer = control.api.post("/users/bo/conversation/read", as_="ana")

    assert answer.status_code == 429
    control.put("rate-limit", None, data=b"null", content_type="application/json")
    assert control.get("rate-limit") is None
    assert control.api.unread("ana", "users/bo") == 3


def test_preflights_are_neither_counted_nor_refused(control):
    """A browser reports a refused preflight as a network error."""
    control.put("rate-limit", {"limit": 1, "per_s": 60})
    for _ in range(3):
        assert control.api.client.options("/v3/users").status_code == 204

    assert control.api.get("/users").status_code == 200
    assert control.api.get("/users").status_code == 429


def test_a_frozen_clock_freezes_the_limit(control):
    """Tests advance the time and need not wait."""
    control.put("clock", {"mode": "frozen"})
    control.put("rate-limit", {"limit": 1, "per_s": 10})
    control.api.get("/users")
    assert control.api.get("/users").status_code == 429

    control.post("clock/advance", {"seconds": 10})

    assert control.api.get("/users").status_code == 200


# --- faults and dialects


def test_faults_are_set_added_and_cleared(control):
    """Set, add, clear; each change applies to the next request."""
    assert control.get("faults")["on"] == []
    assert control.put("faults", {"faults": ["count-is-text"]})["on"] == ["count-is-text"]
    assert control.api.conversation("ana", "users/bo")["unreadMessageCount"] == "3"

    answer = control.post("faults", {"faults": ["type-is-null"]})
    assert answer["on"] == ["count-is-text", "type-is-null"]
    assert control.api.conversation("ana", "users/bo")["conversationType"] is None

    assert control.delete("faults")["on"] == []
    assert control.api.conversation("ana", "users/bo")["unreadMessageCount"] == 3


def test_every_fault_is_listed(control):
    """Each has its clause and a sentence."""
    available = control.get("faults")["available"]

    assert len(available) > 100
    assert all(fault["clause"] and fault["text"].endswith(".") for fault in available)


def test_a_dialect_keeps_faults_and_state(control):
    """Only the form of the answers changes."""
    control.api.send("bo", "users/ana")
    control.put("faults", {"faults": ["type-is-null"]})
    assert control.put("dialect", {"dialect": "live"})["dialect"] == "live"

    conversation = control.api.conversation("ana", "users/bo")
    assert conversation["unreadMessageCount"] == "4"
    assert conversation["conversationId"] == "ana_user_bo"
    assert conversation["conversationType"] is None


def test_reset_ends_delays_limits_and_faults(control):
    """It restores delays, limits, faults and dialect."""
    control.put("faults", {"faults": ["count-is-text"]})
    control.put("dialect", {"dialect": "live"})
    control.put("latency", {"default": {"ms": 1}})
    control.put("rate-limit", LIMIT)

    control.post("reset")

    assert control.get("faults")["on"] == []
    assert control.get("dialect")["dialect"] == "documented"
    assert control.get("latency") == {"default": None, "operations": {}}
    assert control.get("rate-limit") is None
    assert control.api.unread("ana", "users/bo") == 3
