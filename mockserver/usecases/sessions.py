"""The use cases of sessions: tokens issued and revoked, the user of a token, the app's settings."""

from __future__ import annotations

from duologue.mockserver.domain import errors
from duologue.mockserver.domain.model import AuthToken, Page
from duologue.mockserver.store import tokens as token_store
from duologue.mockserver.store import users as user_store
from duologue.mockserver.usecases import named
from duologue.mockserver.usecases.conversations import Service, UseCase
from duologue.mockserver.usecases.types import Call, LoggedInUser, PlainData

# What an authOnly key may do (T4), and what a user's token may not.
FOR_SMALL_KEYS = frozenset({"createAuthToken", "createUser", "updateUser"})
NOT_FOR_TOKENS = frozenset(
    {
        "createUser", "updateUser", "deleteUser", "createAuthToken", "listAuthTokens",
        "revokeAuthTokens", "revokeAuthToken",
    }
)  # fmt: skip

# What is about a session: a key alone does not name one.
FOR_TOKENS = frozenset({"getMe", "updateMe", "deleteMe", "noteSession", "getSettings"})


def owner_of(service: Service, token: str) -> str:
    """Return the uid that the token stands for; raise AuthTokenNotFound if none."""
    uid = token_store.owner(service.reading().conn, token)
    if uid is None:
        raise errors.AuthTokenNotFound
    return uid


def check_reach(operation_id: str) -> None:
    """Raise TokenOfNoReach if only an API key lets the operation be called."""
    if operation_id in NOT_FOR_TOKENS:
        raise errors.TokenOfNoReach


def check_token(operation_id: str) -> None:
    """Raise AuthTokenMissing if the operation needs a token; the request carries none."""
    if operation_id in FOR_TOKENS:
        raise errors.AuthTokenMissing


def create_auth_token(service: Service, call: Call) -> AuthToken:
    """Issue a token for the user in the path."""
    with service.writing_alone() as uow:
        user = named.user(uow, call.path["uid"])
        return token_store.issue(uow.conn, user.uid, now=uow.now)


def list_auth_tokens(service: Service, call: Call) -> Page[AuthToken]:
    """Return a page of the user's active tokens."""
    uow = service.reading()
    user = named.user(uow, call.path["uid"])
    return token_store.page(uow.conn, user.uid, **named.bounds(call.query))


def revoke_auth_tokens(service: Service, call: Call) -> PlainData:
    """Revoke all tokens of the user in the path."""
    with service.writing_alone() as uow:
        user = named.user(uow, call.path["uid"])
        count = token_store.revoke_all(uow.conn, user.uid)
    return _done(f"{count} authTokens of {user.uid} are revoked.")


def revoke_auth_token(service: Service, call: Call) -> PlainData:
    """Revoke one token; raise AuthTokenNotFound if the user has no such token."""
    with service.writing_alone() as uow:
        user = named.user(uow, call.path["uid"])
        if not token_store.revoke(uow.conn, user.uid, call.path["authToken"]):
            raise errors.AuthTokenNotFound
    return _done(f"One authToken of {user.uid} is revoked.")


def get_me(service: Service, call: Call) -> LoggedInUser:
    """Return the user of the session."""
    return LoggedInUser(named.user(service.reading(), _caller(call)), call.token or "")


def update_me(service: Service, call: Call) -> LoggedInUser:
    """Begin a session, or change the session's user by what the body brings."""
    with service.writing_alone() as uow:
        before = named.user(uow, _caller(call))
        after = user_store.changed(before, call.body, now=uow.now)
        after = after._replace(last_active_at=uow.now)
        user_store.put(uow.conn, after)
    return LoggedInUser(after, call.token or "", service.client_settings(call.reached_at))


def delete_me(service: Service, call: Call) -> PlainData:
    """End the session: its token is revoked."""
    uid = _caller(call)
    with service.writing_alone() as uow:
        token_store.revoke(uow.conn, uid, call.token or "")
    return _done(f"{uid} is logged out.")


def note_session(service: Service, call: Call) -> PlainData:
    """Take the client's word on its device; nothing is kept of it."""
    del service
    return _done(f"The session of {_caller(call)} is noted.")


def get_settings(service: Service, call: Call) -> PlainData:
    """Return the settings that lead a client to the socket, none if there is no way to it.

    With any at all, the vendor's SDK leaves the address it was given.
    """
    _caller(call)
    return PlainData(service.client_settings(call.reached_at))


def _caller(call: Call) -> str:
    if not call.token or call.caller is None:
        raise errors.AuthTokenMissing
    return call.caller


def _done(text: str) -> PlainData:
    return PlainData({"success": True, "message": text})


USE_CASES: dict[str, UseCase] = {
    "createAuthToken": create_auth_token,
    "listAuthTokens": list_auth_tokens,
    "revokeAuthTokens": revoke_auth_tokens,
    "revokeAuthToken": revoke_auth_token,
    "getMe": get_me,
    "updateMe": update_me,
    "deleteMe": delete_me,
    "noteSession": note_session,
    "getSettings": get_settings,
}
