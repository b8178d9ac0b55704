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
    change = {name: value for name, value in wanted.items() if name != "uid"}
    status, body = controls.own_requests.change_user(uid, change)
    if status >= 400:
        raise WrongInput({"body": [body["error"]["message"]]})
    return body["data"]


def clear_presence(controls: Controls, uid: str | None) -> list[str]:
    """Set a user, or everybody who is online, offline; return the uids of those who were online."""
    if uid is not None:
        _check(controls, uid)
    online = user_store.online(controls.state.connection)
    changed = [each for each in online if uid is None or each == uid]
    for each in changed:
        controls.own_requests.change_user(each, {"status": "offline"})
    return changed


def expire_sessions(controls: Controls, uid: str | None) -> list[str]:
    """Revoke all tokens of a user, or of everybody; return the uids of those who had one."""
    if uid is not None:
        _check(controls, uid)
    with_tokens = token_store.owners(controls.state.connection)
    ended = [each for each in with_tokens if uid is None or each == uid]
    for each in ended:
        controls.own_requests.revoke_tokens(each)
    return ended


def _check(controls: Controls, uid: str) -> None:
    if user_store.find(controls.state.connection, uid) is None:
        raise WrongInput({"uid": [f"There is no user {uid}."]})
