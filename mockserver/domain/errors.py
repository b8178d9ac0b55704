"""Every reason for which the API refuses: one class per reason, fields before text."""

from __future__ import annotations

from typing import ClassVar


class MockserverError(Exception):
    """Whatever this package raises on purpose."""


class Refusal(MockserverError):
    """An answer that is an error; `code` and `status` are those of the vendor."""

    code: ClassVar[str]
    status: ClassVar[int]

    @property
    def details(self) -> dict[str, list[str]]:
        """Which fields were not accepted, and why; empty where no field is to blame."""
        return {}


class KeyMissing(Refusal):
    """The request carries no key."""

    code, status = "AUTH_ERR_EMPTY_APIKEY", 401

    def __init__(self) -> None:
        super().__init__("The apikey header is missing.")


class KeyUnknown(Refusal):
    """The key is none of this app's."""

    code, status = "AUTH_ERR_APIKEY_NOT_FOUND", 401

    def __init__(self) -> None:
        super().__init__("This API key is unknown.")  # and is not repeated: logs keep answers


class KeyOfSmallScope(Refusal):
    """The key is for signing users in, not for this call."""

    code, status = "AUTH_ERR_NO_ACCESS", 403

    def __init__(self) -> None:
        super().__init__("A key of scope authOnly may not do this.")


class BadRequest(Refusal):
    """The request is not of the shape that the document gives it."""

    code, status = "ERR_BAD_REQUEST", 400

    def __init__(self, details: dict[str, list[str]]) -> None:
        super().__init__("The request is not valid.")
        self._details = details

    @property
    def details(self) -> dict[str, list[str]]:
        """Which fields were not accepted, and why."""
        return self._details


class UidNotFound(Refusal):
    """No such user, or one that was deactivated."""

    code, status = "ERR_UID_NOT_FOUND", 404

    def __init__(self, uid: str) -> None:
        super().__init__(f"No user has the uid {uid}.")
        self.uid = uid


class GuidNotFound(Refusal):
    """No such group."""

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
    """The caller is not a member of the group; the live service says it of any lack."""

    code, status = "ERR_CONVERSATION_NOT_ACCESSIBLE", 403

    def __init__(self, caller: str, guid: str = "", *, conversation_id: str = "") -> None:
        no_member = f"{caller} is not a member of {guid}."
        super().__init__(no_member if guid else f"{caller} cannot see {conversation_id}.")
        self.caller = caller
        self.guid = guid
        self.conversation_id = conversation_id


class MessageIdNotFound(Refusal):
    """The number names no message, or none of the conversation in question."""

    code, status = "ERR_MESSAGE_ID_NOT_FOUND", 404

    def __init__(self, message_id: int, where: str = "") -> None:
        super().__init__(f"No message{where} has the id {message_id}.")
        self.message_id = message_id


class MessageNoAccess(Refusal):
    """The caller is no party to the message, or not the one who may delete it."""

    code, status = "ERR_MESSAGE_NO_ACCESS", 403

    def __init__(self, caller: str, verb: str, *, message_id: int) -> None:
        super().__init__(f"{caller} may not {verb} message {message_id}.")
        self.caller = caller
        self.verb = verb
        self.message_id = message_id


class UidAlreadyExists(Refusal):
    """The uid is taken, be it by a deactivated user."""

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
    """The sender is not a member of the group he writes to."""

    code, status = "ERR_GROUP_NOT_JOINED", 401

    def __init__(self, uid: str, guid: str) -> None:
        super().__init__(f"{uid} is not a member of {guid}.")
        self.uid = uid
        self.guid = guid


class AlreadyJoined(Refusal):
    """The user is a member of the group already."""

    code, status = "ERR_ALREADY_JOINED", 417

    def __init__(self, uid: str, guid: str) -> None:
        super().__init__(f"{uid} is a member of {guid} already.")
        self.uid = uid
        self.guid = guid


class NotAMember(Refusal):
    """The user to kick is not a member of the group."""

    code, status = "ERR_NOT_A_MEMBER", 404

    def __init__(self, uid: str, guid: str) -> None:
        super().__init__(f"{uid} is not a member of {guid}.")
        self.uid = uid
        self.guid = guid


class ApiNotFound(Refusal):
    """No operation has this path."""

    code, status = "ERR_API_NOT_FOUND", 404

    def __init__(self) -> None:
        super().__init__("Nothing answers at this path.")


class MethodNotAllowed(Refusal):
    """The path is known, the method is not one of its."""

    code, status = "ERR_API_NOT_FOUND", 405

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"This path does not answer {method}.")
        self.method = method
        self.allowed = allowed


class TooManyRequests(Refusal):
    """The allowance of this minute is used up."""

    code, status = "ERR_TOO_MANY_REQUESTS", 429

    def __init__(self, retry_after_s: int, reset_at: int) -> None:
        super().__init__(f"Too many requests; retry after {retry_after_s} seconds.")
        self.retry_after_s = retry_after_s
        self.reset_at = reset_at
