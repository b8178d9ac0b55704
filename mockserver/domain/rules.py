"""One small function per documented behaviour; each says which sentence it stands for.

All of them are replaceable parts: a fault, a variant or a dialect is another function in its place.
"""

from __future__ import annotations

from duologue.mockserver.domain import errors
from duologue.mockserver.domain.ids import conversation_id
from duologue.mockserver.domain.limits import CROWD
from duologue.mockserver.domain.model import Copy, Group, Kind, LookupResult, Message, User

# --- who may call -------------------------------------------------------------------------------


def check_key(presented: str | None, keys: frozenset[str]) -> None:
    """Nothing, if the key is one of this app's (readings T4)."""
    if not presented:
        raise errors.KeyMissing
    if presented not in keys:
        raise errors.KeyUnknown


def check_scope(presented: str | None, auth_only: frozenset[str]) -> None:
    """Nothing, if the key's scope reaches this call (readings T4)."""
    if presented in auth_only:
        raise errors.KeyOfSmallScope


def check_caller(caller: str, found: User | None) -> None:
    """Nothing, if the caller exists (Error handling, ERR_UID_NOT_FOUND)."""
    if found is None:
        raise errors.UidNotFound(caller)


def check_peer(kind: Kind, peer: str, *, found: User | Group | None) -> None:
    """Nothing, if the user or group in the path exists (Error handling; readings T6, T7)."""
    if found is None:
        raise errors.UidNotFound(peer) if kind == "user" else errors.GuidNotFound(peer)


def check_party(caller: str, kind: Kind, *, peer: str, found: LookupResult) -> None:
    """Nothing, if the caller is a member of the group (readings B13).

    A 1-on-1 conversation is named by its other party, so nobody else's can be asked for.
    """
    if kind == "group" and not found.is_party:
        raise errors.ConversationNotAccessible(caller, peer)


def is_party(found: LookupResult) -> bool:
    """Whether a conversation that is named by its id is one of the caller's (readings B13)."""
    return found.is_party


def missing(caller: str, kind: Kind, peer: str) -> Copy:
    """Never a copy: the refusal of a conversation the caller has not (Error handling).

    A replacement may make up a copy to answer with.
    """
    if kind == "user":
        raise errors.ConversationNotFound(caller, uid=peer)
    raise errors.ConversationNotFound(
        caller, conversation_id=conversation_id(kind, peer, owner=caller)
    )


def missing_by_id(caller: str, asked_for: str) -> Copy:
    """Never a copy: the refusal of an id that names nothing of the caller's (Error handling)."""
    raise errors.ConversationNotFound(caller, conversation_id=asked_for)


def check_member(uid: str, guid: str, *, found: LookupResult) -> None:
    """Nothing, if the sender is a member of the group he writes to (E69)."""
    if not found.is_party:
        raise errors.GroupNotJoined(uid, guid)


def is_visible(copy: Copy) -> bool:
    """Whether the owner sees the copy: unless it is deleted and nothing came since (readings B10).

    A group's conversation is seen from the start, before any message (readings B2).
    """
    return copy.last_seq > copy.hidden_seq


def resets_unseen(copy: Copy) -> bool:
    """Whether a copy that the owner does not see can be reset: never, as if it were not there."""
    del copy
    return False


# --- what a message moves -----------------------------------------------------------------------


def counts_message(kind: Kind, members_count: int) -> bool:
    """Whether a message adds to unread counts; not in a group of more than 300 (Key behaviors)."""
    return kind == "user" or members_count <= CROWD


def moves_last_message(kind: Kind, members_count: int) -> bool:
    """Whether a message becomes `lastMessage`; not in a group of more than 300 (Key behaviors)."""
    return kind == "user" or members_count <= CROWD


def moves_updated_at(kind: Kind, members_count: int) -> bool:
    """Whether a message moves `updatedAt`; not in a group of more than 300 (Key behaviors)."""
    return kind == "user" or members_count <= CROWD


def moved_to(before: int, now: int) -> int:
    """`updatedAt` after a message: now, yet never earlier than it was (readings C3)."""
    return max(before, now)


# --- how far a copy has been read ---------------------------------------------------------------


def read_through(copy: Copy, up_to: int | None) -> int:
    """How far the copy is read after a mark: all, or up to and including a message (readings B6).

    A mark never makes a read message unread.
    """
    return copy.last_seq if up_to is None else max(copy.read_seq, up_to)


def unread_after(copy: Copy, after: int | None, *, newest: int | None) -> int:
    """How far the copy is read after marking as unread (readings B8).

    With a message: what follows it is unread, the message itself is not. Without: the newest
    message of others is. A mark never makes an unread message read, and never reaches back
    beyond what the owner has deleted. `newest` is the place of the newest message of others.
    """
    if after is None and newest is None:
        return copy.read_seq
    target = after if after is not None else (newest or 0) - 1
    return max(min(copy.read_seq, target), copy.hidden_seq)


def read_by_reset(copy: Copy) -> int:
    """How far the copy is read after a reset: all of it, the conversation stays (readings B9)."""
    return copy.last_seq


def erases_messages(kind: Kind, deleted_permanently: bool) -> bool:
    """Whether a reset removes the messages for good: when asked to, in a 1-on-1 (readings B9)."""
    return kind == "user" and deleted_permanently


def hidden_by_delete(copy: Copy) -> int:
    """What a deleted copy no longer shows: all that was said so far (readings B10).

    The next message brings the copy back, and what came since the deletion counts.
    """
    return copy.last_seq


def kept_tags(before: tuple[str, ...], sent: tuple[str, ...]) -> tuple[str, ...]:
    """The tags of a copy after an update: those sent, in place of those before (readings B11)."""
    del before
    return sent


# --- what is shown ------------------------------------------------------------------------------


def shown_message(message: Message | None) -> Message | None:
    """The message to show as the last: none where it was deleted or never sent (Key behaviors)."""
    return None if message is None or message.deleted_at is not None else message
