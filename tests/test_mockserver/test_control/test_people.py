"""Presence and sessions, set from outside."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def town(control: Any) -> Any:
    control.put("world", {"users": ["ana", "bo", "cy"]})
    return control


def _token(town: Any, uid: str) -> str:
    answer = town.api.post(f"/users/{uid}/auth_tokens", key="auth-only", json={})
    token: str = answer.get_json()["data"]["authToken"]
    return token


def _status(town: Any, token: str) -> int:
    answer = town.api.get("/me", key=None, headers={"authToken": token})
    return int(answer.status_code)


def test_presence_is_what_the_api_shows(town: Any) -> None:
    told = town.put("presence", {"uid": "bo", "status": "online", "lastActiveAt": 1_767_225_600})

    shown = town.api.get("/users/bo").get_json()["data"]
    assert (told["status"], told["lastActiveAt"]) == ("online", 1_767_225_600)
    assert (shown["status"], shown["lastActiveAt"]) == ("online", 1_767_225_600)


def test_presence_of_nobody_is_refused(town: Any) -> None:
    status, _ = town.refused("PUT", "presence", {"uid": "nobody", "status": "online"})

    assert status == 422


def test_a_users_sessions_expire_and_no_others(town: Any) -> None:
    tokens = {uid: _token(town, uid) for uid in ("ana", "bo")}

    told = town.ask("DELETE", "sessions?uid=ana").get_json()["data"]

    assert told == {"expired": ["ana"]}
    assert [_status(town, tokens[uid]) for uid in ("ana", "bo")] == [401, 200]


def test_all_sessions_expire(town: Any) -> None:
    tokens = [_token(town, uid) for uid in ("ana", "bo", "bo")]

    told = town.ask("DELETE", "sessions").get_json()["data"]

    assert told == {"expired": ["ana", "bo"]}
    assert [_status(town, token) for token in tokens] == [401, 401, 401]
    assert town.ask("DELETE", "sessions").get_json()["data"] == {"expired": []}


def test_both_stand_in_the_journal(town: Any) -> None:
    _token(town, "ana")
    town.put("presence", {"uid": "bo", "status": "online"})
    town.ask("DELETE", "sessions")

    entries = [one["operation"] for one in town.get("journal")]
    assert {"updateUser", "revokeAuthTokens"} <= {*entries}
