"""The documented rules: one small function for each statement of the documents.

`behaviours` lists those that a fault, a variant or a dialect can replace.
"""

from __future__ import annotations

from duologue.mockserver.domain import errors
from duologue.mockserver.domain.ids import conversation_id
from duologue.mockserver.domain.limits import LARGE_GROUP
from duologue.mockserver.domain.model import Copy, Group, Kind, LookupResult, Message, User
from duologue.mockserver.domain.rule import rule

# --- who may call -------------------------------------------------------------------------------


@rule("T4")
def check_key(presented: str | None, keys: frozenset[str]) -> None:
    """Raise KeyMissing or KeyUnknown unless the key is one of this app."""
    if not presented:
        raise errors.KeyMissing
    if presented not in keys:
        raise errors.KeyUnknown


@rule("T4")
def check_scope(presented: str | None, auth_only: frozenset[str]) -> None:
    """Raise KeyOfSmallScope if the scope of the key does not cover this call."""
    if presented in auth_only:
        raise errors.KeyOfSmallScope


@rule("T5", heading="Error handling")
def check_caller(caller: str, found: User | None) -> None:
    """Raise UidNotFound unless the caller exists."""
    if found is None:
        raise errors.UidNotFound(caller)


@rule("T6", "T7", heading="Error handling")
def check_peer(kind: Kind, peer: str, *, found: User | Group | None) -> None:
    """Raise UidNotFound or GuidNotFound unless the user or group in the path exists."""
    if found is None:
        raise errors.UidNotFound(peer) if kind == "user" else errors.GuidNotFound(peer)


@rule("B13")
def check_party(caller: str, kind: Kind, *, peer: str, found: LookupResult) -> None:
    """Raise ConversationNotAccessible unless the caller is a member of the group.

    A 1-on-1 conversation is named by the other user, so no request can name one of other users.
    """
    if kind == "group" and not found.is_party:
        raise errors.ConversationNotAccessible(caller, peer)


@rule("B13")
def is_party(found: LookupResult) -> bool:
    """Return whether the caller is a party to the conversation that an id names."""
    return found.is_party


@rule("B1", heading="Error handling")
def missing(caller: str, kind: Kind, peer: str) -> Copy:
    """Raise ConversationNotFound: the caller has no conversation with this peer.

    A replacement may return a copy instead.
    """
    if kind == "user":
        raise errors.ConversationNotFound(caller, uid=peer)
    raise errors.ConversationNotFound(
        caller, conversation_id=conversation_id(kind, peer, owner=caller)
    )


@rule("B1", "B13", heading="Error handling")
def missing_by_id(caller: str, asked_for: str) -> Copy:
    """Raise ConversationNotFound: the id names no conversation of the caller."""
    raise errors.ConversationNotFound(caller, conversation_id=asked_for)


@rule("E69")
def check_member(uid: str, guid: str, *, found: LookupResult) -> None:
    """Raise GroupNotJoined unless the sender is a member of the group."""
    if not found.is_party:
        raise errors.GroupNotJoined(uid, guid)


@rule("B10", "B2")
def is_visible(copy: Copy) -> bool:
    """Return whether the owner sees the copy: not if it is deleted with no message since.

    A member sees the conversation of a group from the start, before any message (B2).
    """
    return copy.last_seq > copy.hidden_seq


@rule("B1")
def resets_unseen(copy: Copy) -> bool:
    """Return whether a copy that the owner does not see can be reset: False."""
    del copy
    return False


# --- what a message moves -----------------------------------------------------------------------


@rule("B5", heading="Key behaviors")
def counts_message(kind: Kind, members_count: int) -> bool:
    """Return whether a message adds to unread counts: not in a group of more than 300."""
    return kind == "user" or members_count <= LARGE_GROUP


@rule("B5", heading="Key behaviors")
def moves_last_message(kind: Kind, members_count: int) -> bool:
    """Return whether a message becomes `lastMessage`: not in a group of more than 300."""
    return kind == "user" or members_count <= LARGE_GROUP


@rule("B5", heading="Key behaviors")
def moves_updated_at(kind: Kind, members_count: int) -> bool:
    """Return whether a message moves `updatedAt`: not in a group of more than 300."""
    return kind == "user" or members_count <= LARGE_GROUP


@rule("C3")
def moved_to(before: int, now: int) -> int:
    """Return `updatedAt` after a message: now, but never less than before."""
    return max(before, now)


# --- how far a copy has been read ---------------------------------------------------------------


@rule("B6")
def read_through(copy: Copy, up_to: int | None) -> int:
    """Return up to which place the copy is read after a mark: all, or one message and before.

    A mark never makes a read message unread.
    """
    return copy.last_seq if up_to is None else max(copy.read_seq, up_to)


@rule("B8")
def unread_after(copy: Copy, after: int | None, *, newest: int | None) -> int:
    """Return up to which place the copy is read after a mark as unread.

    With a message, the messages after it become unread; without one, the newest message of others.
    A mark never makes an unread message read, and never reaches a message that the owner has
    deleted. `newest` is the place of the newest message of others.
    """
    if after is None and newest is None:
        return copy.read_seq
    target = after if after is not None else (newest or 0) - 1
    return max(min(copy.read_seq, target), copy.hidden_seq)


@rule("B9")
def read_by_reset(copy: Copy) -> int:
    """Return up to which place the copy is read after a reset: all of it."""
    return copy.last_seq


@rule("B9")
def erases_messages(kind: Kind, deleted_permanently: bool) -> bool:
    """Return whether a reset removes the messages for good: on request, in a 1-on-1."""
    return kind == "user" and deleted_permanently


@rule("B10")
def hidden_by_delete(copy: Copy) -> int:
    """Return up to which place a deleted copy is hidden: all messages so far.

    The next message brings the copy back, and the messages since the deletion count.
    """
    return copy.last_seq


@rule("B11")
def kept_tags(before: tuple[str, ...], sent: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tags after an update: those sent, in place of those before."""
    del before
    return sent


# --- what is shown ------------------------------------------------------------------------------


@rule("C4", heading="Key behaviors")
def shown_message(message: Message | None) -> Message | None:
    """Return the message to show as the last: None if it was deleted or never sent."""
    return None if message is None or message.deleted_at is not None else message
