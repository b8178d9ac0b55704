"""The refusals of what a scope in a group, or a block, does not permit (readings B22, B23)."""

from __future__ import annotations

from duologue.mockserver.domain.errors import Refusal


class NoModeratorScope(Refusal):
    """The caller is a participant, and the call is for moderators and admins."""

    code, status = "ERR_GROUP_NO_MODERATOR_SCOPE", 403

    def __init__(self, uid: str, guid: str) -> None:
        super().__init__(f"{uid} is neither moderator nor admin of {guid}.")
        self.uid = uid
        self.guid = guid


class NoAdminScope(Refusal):
    """The caller is no admin of the group, and the call is for admins."""

    code, status = "ERR_GROUP_NO_ADMIN_SCOPE", 403

    def __init__(self, uid: str, guid: str) -> None:
        super().__init__(f"{uid} is not an admin of {guid}.")
        self.uid = uid
        self.guid = guid


class NoClearance(Refusal):
    """The caller's scope is not above that of the member to kick or ban."""

    code, status = "ERR_GROUP_NO_CLEARANCE", 403

    def __init__(self, uid: str, other: str, *, guid: str) -> None:
        super().__init__(f"The scope of {uid} in {guid} does not reach {other}.")
        self.uid = uid
        self.other = other
        self.guid = guid


class NoScopeClearance(Refusal):
    """The caller's scope is not above that of the member, or below the scope to give."""

    code, status = "ERR_GROUP_NO_SCOPE_CLEARANCE", 403

    def __init__(self, uid: str, scope: str, *, guid: str) -> None:
        super().__init__(f"The scope of {uid} in {guid} does not let them make a member {scope}.")
        self.uid = uid
        self.scope = scope
        self.guid = guid


class OwnerExitForbidden(Refusal):
    """The owner leaves the group without handing it over first."""

    code, status = "ERR_OWNER_EXIT_FORBIDDEN", 403

    def __init__(self, uid: str, guid: str) -> None:
        super().__init__(f"{uid} owns {guid}: hand it over to another member, then leave.")
        self.uid = uid
        self.guid = guid


class JoinNotAllowed(Refusal):
    """The group is private: members add others to it, nobody joins by themselves."""

    code, status = "ERR_GROUP_JOIN_NOT_ALLOWED", 403

    def __init__(self, uid: str, guid: str) -> None:
        super().__init__(f"{guid} is private, {uid} cannot join it; a member has to add them.")
        self.uid = uid
        self.guid = guid


class BlockedReceiver(Refusal):
    """The sender has blocked the receiver."""

    code, status = "ERR_BLOCKED_RECEIVER", 403

    def __init__(self, uid: str, receiver: str) -> None:
        super().__init__(f"{uid} has blocked {receiver}.")
        self.uid = uid
        self.receiver = receiver
