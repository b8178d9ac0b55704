"""Presence and sessions, set from outside."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from duologue.mockserver.control.errors import WrongInput
from duologue.mockserver.control.sending import people


@pytest.fixture
def mock(control: Any) -> Any:
    control.put("world", {"users": ["ana", "bo", "cy"]})
    return control


def _token(mock: Any, uid: str) -> str:
    answer = mock.api.post(f"/users/{uid}/auth_tokens", key="auth-only", json={})
    token: str = answer.get_json()["data"]["authToken"]
    return token


def _status(mock: Any, token: str) -> int:
    answer = mock.api.get("/me", key=None, headers={"authToken": token})
    return int(answer.status_code)


def test_presence_is_what_the_api_shows(mock: Any) -> None:
    answered = mock.put(
        "presence", {"uid": "bo", "status": "online", "lastActiveAt": 1_767_225_600}
    )

    shown = mock.api.get("/users/bo").get_json()["data"]
    assert (answered["status"], answered["lastActiveAt"]) == ("online", 1_767_225_600)
    assert (shown["status"], shown["lastActiveAt"]) == ("online", 1_767_225_600)


def test_everybody_is_offline_again(mock: Any) -> None:
    for uid in ("ana", "bo"):
        mock.put("presence", {"uid": uid, "status": "online", "lastActiveAt": 1_767_225_600})

    answered = mock.ask("DELETE", "presence").get_json()["data"]

    shown = mock.api.get("/users/bo").get_json()["data"]
    assert answered == {"offline": ["ana", "bo"]}
    assert (shown["status"], shown["lastActiveAt"]) == ("offline", 1_767_225_600)
    assert mock.ask("DELETE", "presence").get_json()["data"] == {"offline": []}


def test_one_user_is_offline_again_and_no_other(mock: Any) -> None:
    for uid in ("ana", "bo"):
        mock.put("presence", {"uid": uid, "status": "online"})

    answered = mock.ask("DELETE", "presence?uid=ana").get_json()["data"]

    statuses = [mock.api.get(f"/users/{uid}").get_json()["data"]["status"] for uid in ("ana", "bo")]
    assert answered == {"offline": ["ana"]}
    assert statuses == ["offline", "online"]


def test_presence_of_nobody_is_refused(mock: Any) -> None:
    status, _ = mock.refused("PUT", "presence", {"uid": "nobody", "status": "online"})

    assert status == 422


def test_a_change_that_is_refused_is_not_told_as_done(mock: Any) -> None:
    """As where a user is removed by another request in between."""
    mock.put("presence", {"uid": "bo", "status": "online"})
    refusal = {"error": {"code": "ERR_UID_NOT_FOUND", "message": "No user has the uid bo."}}
    own_requests = SimpleNamespace(change_user=lambda uid, change: (404, refusal))
    controls = SimpleNamespace(state=mock.controls.state, own_requests=own_requests)

    with pytest.raises(WrongInput) as raised:
        people.clear_presence(controls, None)

    assert raised.value.details == {"body": ["No user has the uid bo."]}
    assert mock.api.get("/users/bo").get_json()["data"]["status"] == "online"


def test_a_users_sessions_expire_and_no_others(mock: Any) -> None:
    tokens = {uid: _token(mock, uid) for uid in ("ana", "bo")}

    answered = mock.ask("DELETE", "sessions?uid=ana").get_json()["data"]

    assert answered == {"expired": ["ana"]}
    assert [_status(mock, tokens[uid]) for uid in ("ana", "bo")] == [401, 200]


def test_all_sessions_expire(mock: Any) -> None:
    tokens = [_token(mock, uid) for uid in ("ana", "bo", "bo")]

    answered = mock.ask("DELETE", "sessions").get_json()["data"]

    assert answered == {"expired": ["ana", "bo"]}
    assert [_status(mock, token) for token in tokens] == [401, 401, 401]
    assert mock.ask("DELETE", "sessions").get_json()["data"] == {"expired": []}


def test_both_stand_in_the_journal(mock: Any) -> None:
    _token(mock, "ana")
    mock.put("presence", {"uid": "bo", "status": "online"})
    mock.ask("DELETE", "sessions")

    entries = [one["operation"] for one in mock.get("journal")]
    assert {"updateUser", "revokeAuthTokens"} <= {*entries}
