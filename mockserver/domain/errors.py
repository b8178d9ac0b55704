"""The refusals of the API: one class for each reason, fields before text."""

from __future__ import annotations

from typing import ClassVar


class MockserverError(Exception):
    """The base of all errors that this package raises on purpose."""


class Refusal(MockserverError):
    """An error answer of the API; `code` and `status` are those of the vendor."""

    code: ClassVar[str]
    status: ClassVar[int]

    @property
    def details(self) -> dict[str, list[str]]:
        """Return the texts by field for fields that were not accepted; empty if there are none."""
        return {}


class KeyMissing(Refusal):
    """The request has no API key."""

    code, status = "AUTH_ERR_EMPTY_APIKEY", 401

    def __init__(self) -> None:
        super().__init__("The apikey header is missing.")


class KeyUnknown(Refusal):
    """The API key is not one of this app."""

    code, status = "AUTH_ERR_APIKEY_NOT_FOUND", 401

    def __init__(self) -> None:
        super().__init__("This API key is unknown.")  # and is not repeated: logs keep answers


class KeyOfSmallScope(Refusal):
    """The scope of the API key is authOnly, which does not cover this call."""

    code, status = "AUTH_ERR_NO_ACCESS", 403

    def __init__(self) -> None:
        super().__init__("A key of scope authOnly may not do this.")


class AuthTokenNotFound(Refusal):
    """The token stands for nobody: never issued, revoked, or its user is gone."""

    code, status = "AUTH_ERR_AUTH_TOKEN_NOT_FOUND", 401

    def __init__(self) -> None:
        super().__init__("This authToken is unknown or no longer valid.")  # logs keep answers


class AuthTokenMissing(Refusal):
    """The operation is about a session, and the request carries no token."""

    code, status = "AUTH_ERR_EMPTY_AUTH_TOKEN", 401

    def __init__(self) -> None:
        super().__init__("The authToken header is missing.")


class TokenOfNoReach(Refusal):
    """The operation takes an API key, and the request carries a user's token."""

    code, status = "AUTH_ERR_NO_ACCESS", 403

    def __init__(self) -> None:
        super().__init__("An authToken may not do this; send the apikey header.")


class BadRequest(Refusal):
    """The request does not match the document."""

    code, status = "ERR_BAD_REQUEST", 400

    def __init__(self, details: dict[str, list[str]]) -> None:
        super().__init__("The request is not valid.")
        self._details = details

    @property
    def details(self) -> dict[str, list[str]]:
        """Return the texts by field for fields that were not accepted."""
        return self._details


class BodyTooLarge(Refusal):
    """The body of the request has more bytes than the mock reads."""

    code, status = "ERR_BAD_REQUEST", 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The body has more than {limit_bytes} bytes; send a shorter one.")
        self.limit_bytes = limit_bytes


class UidNotFound(Refusal):
    """No user has this uid, or the user was deactivated."""

    code, status = "ERR_UID_NOT_FOUND", 404

    def __init__(self, uid: str) -> None:
        super().__init__(f"No user has the uid {uid}.")
        self.uid = uid


class GuidNotFound(Refusal):
    """No group has this guid."""

    code, status = "ERR_GUID_NOT_FOUND", 404

    def __init__(self, guid: str) -> None:
        super().__init__(f"No group has the guid {guid}.")
        self.guid = guid


class ConversationNotFound(Refusal):
    """The caller has no such conversation, or has deleted it."""

    code, status = "ERR_CONVERSATION_NOT_FOUND", 404

    def __init__(self, caller: str, *, uid: str = "", conversation_id: str = "") -> None:
        between = f"There is no conversation between {caller} and {uid}."
        super().__init__(between if uid else f"{caller} has no conversation {conversation_id}.")
        self.caller = caller
        self.uid = uid
        self.conversation_id = conversation_id


class ConversationNotAccessible(Refusal):
    """The caller is not a member of the group; the live dialect uses it for any missing one."""

    code, status = "ERR_CONVERSATION_NOT_ACCESSIBLE", 403

    def __init__(self, caller: str, guid: str = "", *, conversation_id: str = "") -> None:
        no_member = f"{caller} is not a member of {guid}."
        super().__init__(no_member if guid else f"{caller} cannot see {conversation_id}.")
        self.caller = caller
        self.guid = guid
        self.conversation_id = conversation_id


class MessageIdNotFound(Refusal):
    """No message has this id, or none of this conversation."""

    code, status = "ERR_MESSAGE_ID_NOT_FOUND", 404

    def __init__(self, message_id: int, where: str = "") -> None:
        super().__init__(f"No message{where} has the id {message_id}.")
        self.message_id = message_id


class MessageNoAccess(Refusal):
    """The caller is not a party to the message, or may not delete it."""

    code, status = "ERR_MESSAGE_NO_ACCESS", 403

    def __init__(self, caller: str, verb: str, *, message_id: int) -> None:
        super().__init__(f"{caller} may not {verb} message {message_id}.")
        self.caller = caller
        self.verb = verb
        self.message_id = message_id


class UidAlreadyExists(Refusal):
    """The uid is taken, possibly by a deactivated user."""

    code, status = "ERR_UID_ALREADY_EXISTS", 400

    def __init__(self, uid: str) -> None:
        super().__init__(f"A user with the uid {uid} exists already.")
        self.uid = uid


class GuidAlreadyExists(Refusal):
    """The guid is taken."""

    code, status = "ERR_GUID_ALREADY_EXISTS", 400

    def __init__(self, guid: str) -> None:
        super().__init__(f"A group with the guid {guid} exists already.")
        self.guid = guid


class GroupNotJoined(Refusal):
    """The sender is not a member of the group."""

    code, status = "ERR_GROUP_NOT_JOINED", 401

    def __init__(self, uid: str, guid: str) -> None:
        super().__init__(f"{uid} is not a member of {guid}.")
        self.uid = uid
        self.guid = guid


class AlreadyJoined(Refusal):
    """The user is already a member of the group."""

    code, status = "ERR_ALREADY_JOINED", 417

    def __init__(self, uid: str, guid: str) -> None:
        super().__init__(f"{uid} is a member of {guid} already.")
        self.uid = uid
        self.guid = guid


class NotAMember(Refusal):
    """The user to remove is not a member of the group."""

    code, status = "ERR_NOT_A_MEMBER", 404

    def __init__(self, uid: str, guid: str) -> None:
        super().__init__(f"{uid} is not a member of {guid}.")
        self.uid = uid
        self.guid = guid


class WrongGroupPassword(Refusal):
    """The group is joined by a password, and another one was given, or none."""

    code, status = "ERR_WRONG_GROUP_PASS", 400

    def __init__(self, guid: str) -> None:
        super().__init__(f"This is not the password of {guid}.")
        self.guid = guid


class BannedMember(Refusal):
    """The user may not join the group."""

    code, status = "ERR_BANNED_GROUPMEMBER", 403

    def __init__(self, uid: str, guid: str) -> None:
        super().__init__(f"{uid} is banned from {guid}.")
        self.uid = uid
        self.guid = guid


class NotBanned(Refusal):
    """There is no ban to lift."""

    code, status = "ERR_NOT_A_BANNED_USER", 404

    def __init__(self, uid: str, guid: str) -> None:
        super().__init__(f"{uid} is not banned from {guid}.")
        self.uid = uid
        self.guid = guid


class ApiNotFound(Refusal):
    """No operation has this path."""

    code, status = "ERR_API_NOT_FOUND", 404

    def __init__(self, unplayed: str = "", *, has_nothing: bool = False) -> None:
        """Keep `unplayed`: the path, if the vendor's service answers there and the mock does not.

        `has_nothing` means that it is the root, where an app with a wrong base URL asks.
        """
        if has_nothing:
            super().__init__(
                "Nothing answers here. The API answers below /v3, and /_mock/ is for people."
            )
            return
        played = "The mock plays what is described at /_mock/docs."
        no_mock = f"The mock does not play {unplayed}. {played}"
        super().__init__(no_mock if unplayed else "Nothing answers at this path.")


class MethodNotAllowed(Refusal):
    """The path exists, but not with this method."""

    code, status = "ERR_API_NOT_FOUND", 405

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"This path does not answer {method}.")
        self.method = method
        self.allowed = allowed


class TooManyRequests(Refusal):
    """The rate limit is used up."""

    code, status = "ERR_TOO_MANY_REQUESTS", 429

    def __init__(self, retry_after_s: int, reset_at: int) -> None:
        super().__init__(f"Too many requests; retry after {retry_after_s} seconds.")
        self.retry_after_s = retry_after_s
        self.reset_at = reset_at
