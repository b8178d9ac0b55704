"""Faults of "Key behaviors": the start of conversations and groups of more than 300 members."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import and_, not_, or_

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.model import Copy, Group, Kind, LookupResult, Message
from duologue.mockserver.faults.combinators import (
    Change,
    combined,
    during,
    invented,
    other_parties,
    replaced,
    with_own_state,
    wrapped,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.store import marks
from duologue.mockserver.store.criteria import Flag, Tables
from duologue.mockserver.store.messages import Draft

USER_STARTS = "key-behaviors.user-conversation-starts-with-a-message"
GROUP_STARTS = "key-behaviors.group-conversation-starts-with-a-message"
FULL = "key-behaviors.full-group-still-counts"
LARGE_COUNT = "key-behaviors.crowded-group-keeps-count"
LARGE_LAST = "key-behaviors.crowded-group-keeps-last-message"
LARGE_TIME = "key-behaviors.crowded-group-keeps-updated-at"


# --- the start of a conversation ------------------------------------------------------------------


def made_up_when_fetched(missing: Callable[..., Copy], caller: str, kind: Kind, peer: str) -> Copy:
    """Return an invented 1-on-1 if there is none."""
    return invented(caller, kind, peer) if kind == "user" else missing(caller, kind, peer)


def hidden_from_receiver(
    send: Callable[..., Message], uow: UnitOfWork, draft: Draft, found: LookupResult
) -> Message:
    """Send a message and hide the conversation from the receiver of the first one."""
    message = send(uow, draft, found)
    if found.copy is None and draft.kind == "user":
        theirs = uow.lookup.find(uow.conn, draft.receiver, kind="user", peer=draft.sender).copy
        if theirs is not None:
            marks.hide(uow.conn, theirs, theirs.last_seq)
    return message


def has_part(tables: Tables) -> Flag:
    """Select copies whose owner has written or read something."""
    return or_(tables.copy.c.own > 0, tables.copy.c.read_seq > 0)


def not_first(visible: Callable[..., Flag], tables: Tables) -> Flag:
    """Do not list 1-on-1s for the receiver of their only message."""
    alone = and_(tables.conversation.c.last_seq == 1, not_(has_part(tables)))
    return and_(visible(tables), not_(alone)) if tables.kind == "user" else visible(tables)


def writers(visible: Callable[..., Flag], tables: Tables) -> Flag:
    """Do not list groups for members who have only received messages."""
    silent = and_(tables.conversation.c.last_seq > 0, not_(has_part(tables)))
    return and_(visible(tables), not_(silent)) if tables.kind == "group" else visible(tables)


def is_writer(is_visible: Callable[[Copy], bool], copy: Copy) -> bool:
    """Hide groups from members who have only received messages."""
    only_got = copy.kind == "group" and 0 < copy.last_seq == copy.unread_count
    return is_visible(copy) and not only_got


_START = (
    Fault(
        "conversation-is-there-before-a-message",
        USER_STARTS,
        "A 1-on-1 can be fetched before its first message.",
        during(["getUserConversation"], "missing", made_up_when_fetched),
    ),
    Fault(
        "conversation-starts-for-the-sender-alone",
        USER_STARTS,
        "The first message of a 1-on-1 does not create the conversation for its receiver.",
        wrapped("send", hidden_from_receiver),
    ),
    Fault(
        "conversation-is-listed-after-the-second-message",
        USER_STARTS,
        "A 1-on-1 is not in the receiver's list before its second message.",
        wrapped("visible", not_first),
    ),
    Fault(
        "group-conversation-is-there-for-writers",
        GROUP_STARTS,
        "A group's conversation can be fetched only by members who wrote in it.",
        wrapped("is_visible", is_writer),
    ),
    Fault(
        "group-conversation-is-listed-for-writers",
        GROUP_STARTS,
        "A group's conversation is listed only for members who wrote in it.",
        wrapped("visible", writers),
    ),
)


# --- more than 300 members ------------------------------------------------------------------------


def large_beyond(most: int, *rules: str) -> Change:
    """Change the number of members from which these rules treat a group as large."""
    return replaced(**dict.fromkeys(rules, lambda kind, members: kind == "user" or members <= most))


def large_for_ever() -> Change:
    """Treat a group that once had more than 300 members as large for ever."""
    large: set[str] = set()

    def around(
        send: Callable[..., Message], uow: UnitOfWork, draft: Draft, found: LookupResult
    ) -> Message:
        if isinstance(found.peer, Group) and draft.receiver in large:
            found = found._replace(peer=found.peer._replace(members_count=301))
        return send(uow, draft, found)

    def join(do: Callable[..., None], uow: UnitOfWork, guid: str, uid: str, *, scope: str) -> None:
        do(uow, guid, uid, scope=scope)
        found = uow.lookup.find(uow.conn, uid, kind="group", peer=guid)
        if isinstance(found.peer, Group) and found.peer.members_count > 300:
            large.add(guid)

    return combined(wrapped("send", around), wrapped("join", join))


def emptied(
    do: Callable[..., Message], uow: UnitOfWork, draft: Draft, found: LookupResult
) -> Message:
    """Send a message; in a large group mark everything as read for all others."""
    message = do(uow, draft, found)
    if isinstance(found.peer, Group) and found.peer.members_count > 300 and found.copy:
        for copy in other_parties(uow, found.copy):
            marks.set_read(uow.conn, copy, copy.last_seq)
    return message


def hidden_when_large(is_visible: Callable[[Copy], bool], copy: Copy) -> bool:
    """Hide the conversation of a large group."""
    peer = copy.peer_is
    return is_visible(copy) and not (isinstance(peer, Group) and peer.members_count > 300)


_ALL_RULES = ("counts_message", "moves_last_message", "moves_updated_at")
_CROWD = (
    Fault(
        "crowd-begins-at-300",
        FULL,
        "Nothing moves in a group of exactly 300 members.",
        large_beyond(299, *_ALL_RULES),
    ),
    Fault(
        "count-rests-at-300",
        FULL,
        "A message does not count as unread in a group of exactly 300 members.",
        large_beyond(299, "counts_message"),
    ),
    Fault(
        "last-message-rests-at-300",
        FULL,
        "lastMessage does not change in a group of exactly 300 members.",
        large_beyond(299, "moves_last_message"),
    ),
    Fault(
        "updated-at-rests-at-300",
        FULL,
        "updatedAt does not change in a group of exactly 300 members.",
        large_beyond(299, "moves_updated_at"),
    ),
    Fault(
        "crowd-stays-a-crowd",
        FULL,
        "A group that had more than 300 members does not move with 300 again.",
        with_own_state(large_for_ever),
    ),
    Fault(
        "count-moves-at-301",
        LARGE_COUNT,
        "A message still counts in a group of 301 members.",
        large_beyond(301, "counts_message"),
    ),
    Fault(
        "count-moves-in-crowds",
        LARGE_COUNT,
        "A message counts in groups of any size.",
        replaced(counts_message=lambda _, __: True),
    ),
    Fault(
        "count-is-emptied-in-crowds",
        LARGE_COUNT,
        "A message to more than 300 members sets the count of all members to 0.",
        wrapped("send", emptied),
    ),
    Fault(
        "crowd-has-no-conversation",
        LARGE_COUNT,
        "The conversation of a group with more than 300 members cannot be fetched.",
        wrapped("is_visible", hidden_when_large),
    ),
    Fault(
        "last-message-moves-at-301",
        LARGE_LAST,
        "lastMessage still changes in a group of 301 members.",
        large_beyond(301, "moves_last_message"),
    ),
    Fault(
        "last-message-moves-in-crowds",
        LARGE_LAST,
        "lastMessage moves in groups of any size.",
        replaced(moves_last_message=lambda _, __: True),
    ),
    Fault(
        "updated-at-moves-at-301",
        LARGE_TIME,
        "updatedAt still changes in a group of 301 members.",
        large_beyond(301, "moves_updated_at"),
    ),
    Fault(
        "updated-at-moves-in-crowds",
        LARGE_TIME,
        "updatedAt moves in groups of any size.",
        replaced(moves_updated_at=lambda _, __: True),
    ),
)


FAULTS: tuple[Fault, ...] = (*_START, *_CROWD)
