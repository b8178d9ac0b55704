"""Departures from "Key behaviors": birth, the 300 members, tags."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import and_, not_, or_, update

from mockserver.desk import Desk
from mockserver.domain.errors import Refusal
from mockserver.domain.model import Copy, Group, Kind, Message, Sight
from mockserver.faults.fault import Fault
from mockserver.faults.ways import (
    Act,
    Change,
    afresh,
    amended,
    done_to_others_too,
    during,
    invented,
    no_tags,
    other_parties,
    replaced,
    together,
    wrapped,
)
from mockserver.service import Call
from mockserver.store import marks, schema
from mockserver.store.criteria import Flag, Tables
from mockserver.store.talk import Draft

USER_STARTS = "key-behaviors.user-conversation-starts-with-a-message"
GROUP_STARTS = "key-behaviors.group-conversation-starts-with-a-message"
FULL = "key-behaviors.full-group-still-counts"
CROWD_COUNT = "key-behaviors.crowded-group-keeps-count"
CROWD_LAST = "key-behaviors.crowded-group-keeps-last-message"
CROWD_TIME = "key-behaviors.crowded-group-keeps-updated-at"
MANY_TAGS = "key-behaviors.at-most-25-tags"
LONG_TAGS = "key-behaviors.tags-up-to-100-characters"
UTF8MB4 = "key-behaviors.tags-are-utf8mb4"
REFUSED = "key-behaviors.refused-tags-change-nothing"
REPLACED = "key-behaviors.tags-are-replaced"
ALONE = "key-behaviors.tags-are-the-callers-alone"
STAY = "key-behaviors.tags-stay"

Tags = tuple[str, ...]


# --- birth --------------------------------------------------------------------------------------


def made_up_when_fetched(missing: Callable[..., Copy], caller: str, kind: Kind, peer: str) -> Copy:
    """A conversation in which nothing was said, where there is none."""
    return invented(caller, kind, peer) if kind == "user" else missing(caller, kind, peer)


def hidden_from_receiver(
    send: Callable[..., Message], desk: Desk, draft: Draft, sight: Sight
) -> Message:
    """Sent; the first message of all is not shown to its receiver."""
    message = send(desk, draft, sight)
    if sight.copy is None and draft.kind == "user":
        theirs = desk.looking.look(desk.run, draft.receiver, kind="user", peer=draft.sender).copy
        if theirs is not None:
            marks.hide(desk.run, theirs, theirs.last_seq)
    return message


def has_part(tables: Tables) -> Flag:
    """Whether the owner wrote something, or read something."""
    return or_(tables.copy.c.own > 0, tables.copy.c.read_seq > 0)


def not_first(visible: Callable[..., Flag], tables: Tables) -> Flag:
    """1-on-1s are not listed for who has only got one message, and no other."""
    alone = and_(tables.conversation.c.last_seq == 1, not_(has_part(tables)))
    return and_(visible(tables), not_(alone)) if tables.kind == "user" else visible(tables)


def writers(visible: Callable[..., Flag], tables: Tables) -> Flag:
    """Groups are not listed for who has only got messages."""
    silent = and_(tables.conversation.c.last_seq > 0, not_(has_part(tables)))
    return and_(visible(tables), not_(silent)) if tables.kind == "group" else visible(tables)


def is_writer(is_visible: Callable[[Copy], bool], copy: Copy) -> bool:
    """Groups are not there for who has only got messages."""
    only_got = copy.kind == "group" and 0 < copy.last_seq == copy.unread_count
    return is_visible(copy) and not only_got


_BIRTH = (
    Fault(
        "conversation-is-there-before-a-message",
        USER_STARTS,
        "A 1-on-1 can be fetched before anything was said.",
        during(["getUserConversation"], "missing", made_up_when_fetched),
    ),
    Fault(
        "conversation-starts-for-the-sender-alone",
        USER_STARTS,
        "The first message of a 1-on-1 does not bring it into being for its receiver.",
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


# --- more than 300 members ----------------------------------------------------------------------


def crowd_of(most: int, *rules: str) -> Change:
    """A crowd begins beyond another number of members, in the eyes of these rules."""
    return replaced(**dict.fromkeys(rules, lambda kind, members: kind == "user" or members <= most))


def once_crowded() -> Change:
    """A group that was crowded once is so for ever."""
    crowded: set[str] = set()

    def around(send: Callable[..., Message], desk: Desk, draft: Draft, sight: Sight) -> Message:
        if isinstance(sight.peer, Group) and draft.receiver in crowded:
            sight = replace(sight, peer=replace(sight.peer, members_count=301))
        return send(desk, draft, sight)

    def join(do: Callable[..., None], desk: Desk, guid: str, uid: str, *, scope: str) -> None:
        do(desk, guid, uid, scope=scope)
        sight = desk.looking.look(desk.run, uid, kind="group", peer=guid)
        if isinstance(sight.peer, Group) and sight.peer.members_count > 300:
            crowded.add(guid)

    return together(wrapped("send", around), wrapped("join", join))


def emptied(do: Callable[..., Message], desk: Desk, draft: Draft, sight: Sight) -> Message:
    """Sent; in a crowd nobody has anything unread any more."""
    message = do(desk, draft, sight)
    if isinstance(sight.peer, Group) and sight.peer.members_count > 300 and sight.copy:
        for copy in other_parties(desk, sight.copy):
            marks.set_read(desk.run, copy, copy.last_seq)
    return message


def gone_when_crowded(is_visible: Callable[[Copy], bool], copy: Copy) -> bool:
    """The conversation of a crowd is not there."""
    peer = copy.peer_is
    return is_visible(copy) and not (isinstance(peer, Group) and peer.members_count > 300)


_ALL_RULES = ("counts_message", "moves_last_message", "moves_updated_at")
_CROWD = (
    Fault(
        "crowd-begins-at-300",
        FULL,
        "Nothing moves in a group of exactly 300 members.",
        crowd_of(299, *_ALL_RULES),
    ),
    Fault(
        "count-rests-at-300",
        FULL,
        "A message counts for nobody in a group of exactly 300 members.",
        crowd_of(299, "counts_message"),
    ),
    Fault(
        "last-message-rests-at-300",
        FULL,
        "lastMessage stays what it was in a group of exactly 300 members.",
        crowd_of(299, "moves_last_message"),
    ),
    Fault(
        "updated-at-rests-at-300",
        FULL,
        "updatedAt stays what it was in a group of exactly 300 members.",
        crowd_of(299, "moves_updated_at"),
    ),
    Fault(
        "crowd-stays-a-crowd",
        FULL,
        "A group that had more than 300 members does not move with 300 again.",
        afresh(once_crowded),
    ),
    Fault(
        "count-moves-at-301",
        CROWD_COUNT,
        "A message still counts in a group of 301 members.",
        crowd_of(301, "counts_message"),
    ),
    Fault(
        "count-moves-in-crowds",
        CROWD_COUNT,
        "A message counts in groups of any size.",
        replaced(counts_message=lambda _, __: True),
    ),
    Fault(
        "count-is-emptied-in-crowds",
        CROWD_COUNT,
        "A message to more than 300 members brings everybody's count to 0.",
        wrapped("send", emptied),
    ),
    Fault(
        "crowd-has-no-conversation",
        CROWD_COUNT,
        "The conversation of a group with more than 300 members cannot be fetched.",
        wrapped("is_visible", gone_when_crowded),
    ),
    Fault(
        "last-message-moves-at-301",
        CROWD_LAST,
        "lastMessage still moves in a group of 301 members.",
        crowd_of(301, "moves_last_message"),
    ),
    Fault(
        "last-message-moves-in-crowds",
        CROWD_LAST,
        "lastMessage moves in groups of any size.",
        replaced(moves_last_message=lambda _, __: True),
    ),
    Fault(
        "updated-at-moves-at-301",
        CROWD_TIME,
        "updatedAt still moves in a group of 301 members.",
        crowd_of(301, "moves_updated_at"),
    ),
    Fault(
        "updated-at-moves-in-crowds",
        CROWD_TIME,
        "updatedAt moves in groups of any size.",
        replaced(moves_updated_at=lambda _, __: True),
    ),
)


# --- tags: how many, how long, of what ----------------------------------------------------------

_TAGS, _TAG = "components/schemas/Tags", "components/schemas/Tag"


def judged(reason: Callable[[Copy, Tags], str | None]) -> Change:
    """Tags refused wherever `reason` gives one, beside those that are refused already."""

    def around(do: Callable[..., Copy], desk: Desk, copy: Copy, sent: Tags) -> Copy:
        why = reason(copy, sent)
        if why:
            raise no_tags(why)
        return do(desk, copy, sent)

    return wrapped("update_tags", around)


def longest_by(measure: Callable[[str], int]) -> Change:
    """Tags refused that are longer than 100 by another measure."""
    return judged(lambda _, sent: "Too long." if any(measure(tag) > 100 for tag in sent) else None)


def stored(change: Callable[[Tags, Tags], Tags]) -> Change:
    """Tags kept otherwise than sent: `change` gets those there were and those sent."""
    return wrapped("kept_tags", lambda keep, before, sent: change(before, keep(before, sent)))


def each(change: Callable[[str], str]) -> Change:
    """Each tag kept otherwise than sent."""
    return stored(lambda _, sent: tuple(change(tag) for tag in sent))


def in_part(most: int | None = None, longest: int | None = None) -> Change:
    """Tags past a limit taken, as much of them as the limit lets in."""

    def around(refuse: Callable[..., Any], problem: Refusal, call: Call, act: Act) -> Any:
        tags = call.body.get("tags") if isinstance(call.body, dict) else None
        if not isinstance(tags, list) or not all(isinstance(tag, str) and tag for tag in tags):
            return refuse(problem, call, act)
        cut = [tag[:longest] for tag in tags][:most]
        if len(cut) > 25 or any(len(tag) > 100 for tag in cut):
            return refuse(problem, call, act)
        return act(replace(call, body={"tags": cut}))

    return wrapped("refuse", around)


def done_though_refused(tags: Callable[[list[Any]], list[Any]]) -> Change:
    """What is past a limit refused, and stored all the same."""

    def around(refuse: Callable[..., Any], problem: Refusal, call: Call, act: Act) -> Any:
        sent = call.body.get("tags") if isinstance(call.body, dict) else None
        if isinstance(sent, list) and all(isinstance(tag, str) and tag for tag in sent):
            act(replace(call, body={"tags": tags(sent)}))
        return refuse(problem, call, act)

    return wrapped("refuse", around)


def without_tags_then(verb: str) -> Change:
    """A mark that takes the tags of the copy away."""

    def around(do: Callable[..., Any], desk: Desk, copy: Copy, *rest: Any) -> Any:
        outcome = do(desk, copy, *rest)
        marks.set_tags(desk.run, copy, ())
        return outcome

    return wrapped(verb, around)


def message_clears(send: Callable[..., Message], desk: Desk, draft: Draft, sight: Sight) -> Message:
    """Sent; all tags of the conversation are gone."""
    message = send(desk, draft, sight)
    copy = schema.copies.c
    desk.run.execute(
        update(schema.copies).where(copy.conversation_id == message.conversation).values(tags="")
    )
    return message


def code_units(tag: str) -> int:
    """The length of a tag as UTF-16 counts it."""
    return len(tag.encode("utf-16-le")) // 2


_LIMITS = (
    Fault(
        "tags-end-at-24",
        MANY_TAGS,
        "25 tags are refused.",
        amended(f"{_TAGS}/maxItems", 24),
    ),
    Fault(
        "tags-end-at-26",
        MANY_TAGS,
        "26 tags are taken.",
        amended(f"{_TAGS}/maxItems", 26),
    ),
    Fault(
        "tags-never-end",
        MANY_TAGS,
        "Any number of tags is taken.",
        amended(f"{_TAGS}/maxItems", 10_000),
    ),
    Fault(
        "tags-past-25-are-dropped",
        MANY_TAGS,
        "Of more than 25 tags the first 25 are taken, without a word.",
        in_part(most=25),
    ),
    Fault(
        "tags-count-with-those-before",
        MANY_TAGS,
        "25 tags are refused where there were tags before.",
        judged(lambda copy, sent: "Too many." if len(sent) + len(copy.tags) > 25 else None),
    ),
    Fault(
        "tags-past-24-are-not-stored",
        MANY_TAGS,
        "Of 25 tags 24 are stored.",
        stored(lambda _, sent: sent[:24]),
    ),
    Fault(
        "tag-ends-at-99",
        LONG_TAGS,
        "A tag of 100 characters is refused.",
        amended(f"{_TAG}/maxLength", 99),
    ),
    Fault(
        "tag-ends-at-101",
        LONG_TAGS,
        "A tag of 101 characters is taken.",
        amended(f"{_TAG}/maxLength", 101),
    ),
    Fault(
        "tag-never-ends",
        LONG_TAGS,
        "A tag of any length is taken.",
        amended(f"{_TAG}/maxLength", 100_000),
    ),
    Fault(
        "tag-is-cut-at-100",
        LONG_TAGS,
        "Of a tag of more than 100 characters the first 100 are taken, without a word.",
        in_part(longest=100),
    ),
    Fault(
        "tag-is-cut-at-99",
        LONG_TAGS,
        "Of a tag of 100 characters 99 are stored.",
        each(lambda tag: tag[:99]),
    ),
    Fault(
        "tags-share-1000-characters",
        LONG_TAGS,
        "Tags of more than 1000 characters in all are refused.",
        judged(lambda _, sent: "Too long." if sum(map(len, sent)) > 1000 else None),
    ),
    Fault(
        "tags-are-counted-in-bytes",
        UTF8MB4,
        "A tag is refused that is longer than 100 bytes.",
        longest_by(lambda tag: len(tag.encode())),
    ),
    Fault(
        "tags-are-counted-in-utf-16",
        UTF8MB4,
        "A tag is refused that is longer than 100 units of UTF-16.",
        longest_by(code_units),
    ),
    Fault(
        "tags-have-three-bytes",
        UTF8MB4,
        "Characters that need four bytes are dropped, as utf8mb3 does.",
        each(lambda tag: "".join(sign for sign in tag if ord(sign) < 0x10000) or "?"),
    ),
    Fault(
        "tags-are-ascii",
        UTF8MB4,
        "Characters beyond ASCII become question marks.",
        each(lambda tag: tag.encode("ascii", "replace").decode()),
    ),
    Fault(
        "tags-are-escaped",
        UTF8MB4,
        "Quotes and angle brackets in tags are stored as HTML entities.",
        each(html.escape),
    ),
    Fault(
        "tags-lose-backslashes",
        UTF8MB4,
        "Backslashes in tags are dropped.",
        each(lambda tag: tag.replace("\\", "")),
    ),
    Fault(
        "tags-part-at-commas",
        UTF8MB4,
        "A tag with a comma becomes two.",
        stored(lambda _, sent: tuple(part for tag in sent for part in tag.split(","))),
    ),
    Fault(
        "tags-are-in-small-letters",
        UTF8MB4,
        "Capital letters in tags become small ones.",
        each(str.lower),
    ),
    Fault(
        "tags-are-composed",
        UTF8MB4,
        "Letters with combining marks are stored as one character.",
        each(lambda tag: unicodedata.normalize("NFC", tag)),
    ),
)

_STATE = (
    Fault(
        "refused-tags-are-stored",
        REFUSED,
        "More tags than allowed are refused, and the first 25 stored all the same.",
        done_though_refused(lambda tags: [tag[:100] for tag in tags][:25]),
    ),
    Fault(
        "refused-tags-clear",
        REFUSED,
        "Refused tags leave the conversation without any.",
        done_though_refused(lambda _: []),
    ),
    Fault(
        "refused-tags-are-stored-up-to-the-bad-one",
        REFUSED,
        "The tags before one that is too long are stored, though refused.",
        done_though_refused(
            lambda tags: [tag for tag in tags if len(tag) <= 100] if len(tags) <= 25 else tags[:1]
        ),
    ),
    Fault(
        "tags-are-added",
        REPLACED,
        "An update adds its tags to those there were.",
        stored(lambda before, sent: tuple(dict.fromkeys((*before, *sent)))),
    ),
    Fault(
        "tags-are-never-cleared",
        REPLACED,
        "An update without tags leaves those there were.",
        stored(lambda before, sent: sent or before),
    ),
    Fault(
        "tags-are-toggled",
        REPLACED,
        "An update with the same tags takes them away.",
        stored(lambda before, sent: () if before == sent else sent),
    ),
    Fault(
        "tags-are-set-once",
        REPLACED,
        "Tags once set are not replaced by others.",
        stored(lambda before, sent: before if before and sent else sent),
    ),
    Fault(
        "tags-are-everybodys",
        ALONE,
        "Tags go to the copies of all parties.",
        done_to_others_too("update_tags", other_parties),
    ),
    Fault(
        "tags-of-groups-are-everybodys",
        ALONE,
        "Tags of a group's conversation go to the copies of all members.",
        done_to_others_too("update_tags", other_parties, "group"),
    ),
    Fault(
        "message-clears-tags",
        STAY,
        "A message takes the tags of its conversation away.",
        wrapped("send", message_clears),
    ),
    Fault(
        "read-clears-tags",
        STAY,
        "Marking as read takes the tags away.",
        without_tags_then("mark_read"),
    ),
    Fault(
        "delivered-clears-tags",
        STAY,
        "Marking as delivered takes the tags away.",
        without_tags_then("mark_delivered"),
    ),
    Fault(
        "unread-clears-tags",
        STAY,
        "Marking as unread takes the tags away.",
        without_tags_then("mark_unread"),
    ),
)

FAULTS: tuple[Fault, ...] = (*_BIRTH, *_CROWD, *_LIMITS, *_STATE)
