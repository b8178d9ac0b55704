"""What the control plane changes of users: presence and sessions."""

from __future__ import annotations

from typing import Any

from duologue.mockserver.control.controls import Controls
from duologue.mockserver.control.errors import WrongInput
from duologue.mockserver.store import tokens as token_store
from duologue.mockserver.store import users as user_store


def set_presence(controls: Controls, wanted: dict[str, Any]) -> Any:
    """Set what the API shows of a user's connection; return the user as it shows it."""
    uid = wanted["uid"]
    _check(controls, uid)
    return _change(controls, uid, {key: value for key, value in wanted.items() if key != "uid"})


def clear_presence(controls: Controls, uid: str | None) -> list[str]:
    """Set a user, or everybody who is online, offline; return the uids of those who were online."""
    changed = _chosen(controls, user_store.online(controls.state.connection), uid=uid)
    for each in changed:
        _change(controls, each, {"status": "offline"})
    return changed


def expire_sessions(controls: Controls, uid: str | None) -> list[str]:
    """Revoke all tokens of a user, or of everybody; return the uids of those who had one."""
    ended = _chosen(controls, token_store.owners(controls.state.connection), uid=uid)
    for each in ended:
        controls.own_requests.revoke_tokens(each)
    return ended


def _chosen(controls: Controls, uids: list[str], *, uid: str | None) -> list[str]:
    """Return the one uid among them, or all for None; raise WrongInput if it is no user's."""
    if uid is None:
        return uids
    _check(controls, uid)
    return [each for each in uids if each == uid]


def _change(controls: Controls, uid: str, change: dict[str, Any]) -> Any:
    """Change a user by a request; return the user as shown. Raise WrongInput if it is refused."""
    status, body = controls.own_requests.change_user(uid, change)
    if status >= 400:
        raise WrongInput({"body": [body["error"]["message"]]})
    return body["data"]


def _check(controls: Controls, uid: str) -> None:
    if user_store.find(controls.state.connection, uid) is None:
        raise WrongInput({"uid": [f"There is no user {uid}."]})
