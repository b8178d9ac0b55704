"""Departures from "How conversations connect": the last message, and with whom it all is."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update

from mockserver.desk import Desk
from mockserver.domain.model import Copy, Message, Sight
from mockserver.faults.fault import Fault
from mockserver.faults.ways import (
    Body,
    Change,
    afresh,
    alone,
    in_lists,
    of_groups,
    of_users,
    shown,
    valued,
    wrapped,
)
from mockserver.http.showing import ABSENT
from mockserver.store import schema
from mockserver.store.talk import Draft

MESSAGE = "properties.last-message-is-an-object"
PEER = "properties.conversation-with-is-an-object"
NEWEST = "connections.last-message-is-the-newest"
OTHER_USER = "connections.conversation-with-is-the-other-user"
GROUP = "connections.conversation-with-is-the-group"
DELETED = "key-behaviors.deleted-last-message-is-hidden"
NEW_GROUP = "key-behaviors.new-group-has-no-last-message"

Value = Callable[[Any, Copy], Any]


# --- lastMessage --------------------------------------------------------------------------------


def where_there(change: Callable[[Body], Any]) -> Value:
    """A change of the last message where there is one."""
    return lambda was, _: was if was is ABSENT else change(was)


def lacking(detail: str) -> Value:
    """A last message without one of its details."""
    return where_there(lambda was: {name: value for name, value in was.items() if name != detail})


def with_detail(name: str, change: Callable[[Any], Any]) -> Value:
    """A last message with one of its details otherwise."""
    return where_there(lambda was: {**was, name: change(was[name])})


def with_text(change: Callable[[str], Any]) -> Value:
    """A last message that says something else, unless it was deleted."""

    def changed(was: Body) -> Body:
        said = was["data"].get("text")
        return was if said is None else {**was, "data": {**was["data"], "text": change(said)}}

    return where_there(changed)


def sent_unless(skips: Callable[[Desk, Draft, Sight], bool]) -> Change:
    """Messages that do not become the last one, where `skips` says so; they count all the same."""

    def around(send: Callable[..., Message], desk: Desk, draft: Draft, sight: Sight) -> Message:
        if not skips(desk, draft, sight):
            return send(desk, draft, sight)
        still = wrapped("moves_last_message", lambda *_: False)(desk.parts)
        return send(desk._replace(parts=still), draft, sight)

    return wrapped("send", around)


def has_last(_: Desk, __: Draft, sight: Sight) -> bool:
    """Whether the conversation has a last message already."""
    return sight.copy is not None and sight.copy.last_message is not None


def answers_another(_: Desk, draft: Draft, sight: Sight) -> bool:
    """Whether the last message there was is another's."""
    last = sight.copy.last_message if sight.copy else None
    return last is not None and last.sender != draft.sender


def answers_in_group(desk: Desk, draft: Draft, sight: Sight) -> bool:
    """Whether the last message there was is another member's."""
    return draft.kind == "group" and answers_another(desk, draft, sight)


def every_second() -> Change:
    """Every second message does not become the last one."""
    numbers = itertools.count(1)
    return sent_unless(lambda _, __, sight: sight.copy is not None and next(numbers) % 2 == 0)


def last_everywhere(
    send: Callable[..., Message], desk: Desk, draft: Draft, sight: Sight
) -> Message:
    """Sent, and the last message of all conversations of the sender."""
    sent = send(desk, draft, sight)
    copy, conversation = schema.copies.c, schema.conversations.c
    ours = select(copy.conversation_id).where(copy.uid == draft.sender)
    desk.run.execute(
        update(schema.conversations)
        .where(conversation.id.in_(ours), conversation.last_message.is_not(None))
        .values(last_message=sent.id)
    )
    return sent


def step_back(desk: Desk, message: Message) -> None:
    """Makes the newest message that is left the last one."""
    table, conversation = schema.messages.c, schema.conversations.c
    before = (
        select(table.id)
        .where(
            table.conversation_id == message.conversation,
            table.deleted_at.is_(None),
            table.seq.is_not(None),
        )
        .order_by(table.id.desc())
        .limit(1)
    )
    desk.run.execute(
        update(schema.conversations)
        .where(conversation.id == message.conversation)
        .values(last_message=before.scalar_subquery())
    )


def deleted_then(after: Callable[[Desk, Message], None]) -> Change:
    """Deleting a message, and then something more."""

    def around(do: Callable[..., Message], desk: Desk, message: Message, **how: Any) -> Message:
        notice = do(desk, message, **how)
        after(desk, message)
        return notice

    return wrapped("delete_message", around)


def forget_last(desk: Desk, message: Message) -> None:
    """Leaves the conversation without a last message, whichever was deleted."""
    conversation = schema.conversations.c
    desk.run.execute(
        update(schema.conversations)
        .where(conversation.id == message.conversation)
        .values(last_message=None)
    )


def shown_all_the_same(whose: Callable[[Message, Copy], bool]) -> Change:
    """A deleted message shown to those of whom `whose` says so."""

    def make() -> Change:
        def around(show: Callable[..., Any], parts: Any, copy: Copy, how: Any) -> Any:
            last = copy.last_message
            if last is None or last.deleted_at is None or not whose(last, copy):
                return show(parts, copy, how)
            alive = replace(last, deleted_at=None, deleted_by=None)
            return show(parts, replace(copy, last_message=alive), how)

        return wrapped("show_last_message", around)

    return afresh(make)


def null_where_absent(was: Any, _: Copy) -> Any:
    """null for a last message that is not there."""
    return None if was is ABSENT else was


def deleted(copy: Copy, _: Any) -> bool:
    """A conversation whose newest message was deleted."""
    return copy.last_message is not None and copy.last_message.deleted_at is not None


def new_group(copy: Copy, _: Any) -> bool:
    """A group's conversation in which nothing was said."""
    return copy.kind == "group" and copy.last_message is None


def greeting(_: Any, copy: Copy) -> Body:
    """A message that nobody sent."""
    return {
        "id": "1",
        "sender": "app_system",
        "receiver": copy.peer,
        "receiverType": "group",
        "category": "message",
        "type": "text",
        "data": {"text": "Say hello!"},
        "sentAt": copy.created_at,
    }


_MESSAGE = (
    Fault(
        "last-message-is-missing",
        MESSAGE,
        "No conversation has a lastMessage.",
        valued("last_message", ABSENT),
    ),
    Fault(
        "last-message-is-missing-in-lists",
        MESSAGE,
        "Conversations in a list have no lastMessage.",
        valued("last_message", ABSENT, in_lists),
    ),
    Fault(
        "last-message-is-null",
        MESSAGE,
        "lastMessage is null where there is one.",
        shown("last_message", where_there(lambda _: None)),
    ),
    Fault(
        "last-message-is-an-id",
        MESSAGE,
        "lastMessage is the message's id alone.",
        shown("last_message", where_there(lambda was: was["id"])),
    ),
    Fault(
        "last-message-is-a-list",
        MESSAGE,
        "lastMessage is a list that holds the message.",
        shown("last_message", where_there(lambda was: [was])),
    ),
    Fault(
        "last-message-is-empty",
        MESSAGE,
        "lastMessage is an object without details.",
        shown("last_message", where_there(lambda _: {})),
    ),
    *(
        Fault(
            f"last-message-lacks-{word}",
            MESSAGE,
            f"lastMessage does not say {detail}.",
            shown("last_message", lacking(detail)),
        )
        for word, detail in (
            ("sender", "sender"),
            ("receiver", "receiver"),
            ("sent-at", "sentAt"),
            ("data", "data"),
        )
    ),
    Fault(
        "last-message-is-to-a-person",
        MESSAGE,
        "lastMessage.receiverType is person for a 1-on-1.",
        shown(
            "last_message",
            with_detail("receiverType", lambda was: "person" if was == "user" else was),
        ),
    ),
    Fault(
        "last-message-is-sent-in-milliseconds",
        MESSAGE,
        "lastMessage.sentAt is in milliseconds.",
        shown("last_message", with_detail("sentAt", lambda was: was * 1000)),
    ),
)

_NEWEST = (
    Fault(
        "last-message-is-the-first",
        NEWEST,
        "lastMessage is the first message, and stays it.",
        sent_unless(has_last),
    ),
    Fault(
        "last-message-is-every-second",
        NEWEST,
        "Every second message does not become lastMessage.",
        afresh(every_second),
    ),
    Fault(
        "last-message-skips-answers",
        NEWEST,
        "A message that follows another's does not become lastMessage.",
        sent_unless(answers_another),
    ),
    Fault(
        "last-message-of-groups-skips-answers",
        NEWEST,
        "A message to a group that follows another's does not become lastMessage.",
        sent_unless(answers_in_group),
    ),
    Fault(
        "last-message-is-of-any-conversation",
        NEWEST,
        "What a user writes becomes lastMessage of all conversations that user has.",
        wrapped("send", last_everywhere),
    ),
    Fault(
        "last-message-has-the-receiver-as-sender",
        NEWEST,
        "lastMessage names its receiver as its sender.",
        shown(
            "last_message",
            where_there(lambda was: {**was, "sender": was["receiver"]}),
            of_users,
        ),
    ),
    Fault(
        "last-message-is-cut",
        NEWEST,
        "The text of lastMessage is cut after 12 characters.",
        shown("last_message", with_text(lambda said: said[:12])),
    ),
    Fault(
        "last-message-has-no-words-in-lists",
        NEWEST,
        "The text of lastMessage is empty in a list.",
        shown("last_message", with_text(lambda _: ""), in_lists),
    ),
)

_DELETED = (
    Fault(
        "deleted-message-is-shown",
        DELETED,
        "A deleted message is lastMessage still.",
        shown_all_the_same(lambda _, __: True),
    ),
    Fault(
        "deleted-message-is-shown-to-its-sender",
        DELETED,
        "A deleted message is lastMessage still for who sent it.",
        shown_all_the_same(lambda message, copy: message.sender == copy.owner),
    ),
    Fault(
        "deleted-message-is-shown-to-its-receiver",
        DELETED,
        "A deleted message is lastMessage still for who got it.",
        shown_all_the_same(lambda message, copy: message.sender != copy.owner),
    ),
    Fault(
        "deleted-message-is-shown-in-groups",
        DELETED,
        "A deleted message of a group is lastMessage still.",
        shown_all_the_same(lambda _, copy: copy.kind == "group"),
    ),
    Fault(
        "deleted-message-leaves-the-one-before",
        DELETED,
        "When the last message is deleted, lastMessage is the one before.",
        deleted_then(step_back),
    ),
    Fault(
        "deleted-message-leaves-null",
        DELETED,
        "When the last message is deleted, lastMessage is null.",
        shown("last_message", null_where_absent, deleted),
    ),
    Fault(
        "deleted-message-leaves-an-empty-object",
        DELETED,
        "When the last message is deleted, lastMessage is an object without details.",
        shown("last_message", lambda was, _: {} if was is ABSENT else was, deleted),
    ),
    Fault(
        "deleted-message-leaves-null-in-lists",
        DELETED,
        "When the last message is deleted, lastMessage is null in a list.",
        shown(
            "last_message",
            null_where_absent,
            lambda copy, how: deleted(copy, how) and in_lists(copy, how),
        ),
    ),
    Fault(
        "any-deletion-hides-the-last-message",
        "key-behaviors.other-deletions-leave-last-message",
        "When any message is deleted, lastMessage is gone.",
        deleted_then(forget_last),
    ),
    Fault(
        "new-group-has-null",
        NEW_GROUP,
        "lastMessage of a new group is null.",
        shown("last_message", null_where_absent, new_group),
    ),
    Fault(
        "new-group-has-an-empty-object",
        NEW_GROUP,
        "lastMessage of a new group is an object without details.",
        valued("last_message", {}, new_group),
    ),
    Fault(
        "new-group-has-a-greeting",
        NEW_GROUP,
        "lastMessage of a new group is a message that nobody sent.",
        shown("last_message", greeting, new_group),
    ),
    Fault(
        "new-group-has-null-in-lists",
        NEW_GROUP,
        "lastMessage of a new group is null in a list.",
        shown(
            "last_message",
            null_where_absent,
            lambda copy, how: new_group(copy, how) and in_lists(copy, how),
        ),
    ),
)


# --- conversationWith ---------------------------------------------------------------------------


def renamed(change: Callable[[Body, Copy], Any]) -> Value:
    """The other party by another name."""
    return lambda was, copy: {**was, "name": change(was, copy)}


def the_owner(was: Body, copy: Copy) -> Body:
    """The owner of the copy in place of the other party."""
    return {**was, "uid": copy.owner}


def of_the_sender(was: Any, copy: Copy) -> Any:
    """The sender of the last message in place of the group."""
    last = copy.last_message
    return was if last is None else {**was, "guid": last.sender}


def first_names() -> Change:
    """The name of whoever was shown first to the owner."""
    first: dict[str, str] = {}
    return shown(
        "conversation_with",
        lambda was, copy: {**was, "name": first.setdefault(copy.owner, was["name"])},
    )


_PEER = (
    Fault(
        "peer-is-missing",
        PEER,
        "No conversation has a conversationWith.",
        valued("conversation_with", ABSENT),
    ),
    Fault(
        "peer-is-missing-in-lists",
        PEER,
        "Conversations in a list have no conversationWith.",
        valued("conversation_with", ABSENT, in_lists),
    ),
    Fault("peer-is-null", PEER, "conversationWith is null.", valued("conversation_with", None)),
    Fault(
        "peer-is-an-id",
        PEER,
        "conversationWith is the other party's id alone.",
        shown("conversation_with", lambda _, copy: copy.peer),
    ),
    Fault(
        "peer-is-a-list",
        PEER,
        "conversationWith is a list that holds the other party.",
        shown("conversation_with", lambda was, _: [was]),
    ),
    Fault(
        "peer-of-groups-is-empty",
        PEER,
        "conversationWith of a group's conversation is an object without details.",
        valued("conversation_with", {}, of_groups),
    ),
    Fault(
        "peer-has-no-name",
        PEER,
        "conversationWith has no name.",
        shown(
            "conversation_with",
            lambda was, _: {name: value for name, value in was.items() if name != "name"},
        ),
    ),
    Fault(
        "peer-has-a-number-as-name",
        PEER,
        "conversationWith.name is a number.",
        shown("conversation_with", renamed(lambda _, copy: copy.conversation)),
    ),
    Fault(
        "peer-is-the-owner",
        OTHER_USER,
        "conversationWith of a 1-on-1 is the caller, not the other user.",
        shown("conversation_with", the_owner, of_users),
    ),
    Fault(
        "peer-has-the-owners-id-as-name",
        OTHER_USER,
        "conversationWith of a 1-on-1 has the caller's uid as its name.",
        shown("conversation_with", renamed(lambda _, copy: copy.owner), of_users),
    ),
    Fault(
        "peer-has-its-id-as-name",
        OTHER_USER,
        "conversationWith of a 1-on-1 has the uid as its name.",
        shown("conversation_with", renamed(lambda was, _: was["uid"]), of_users),
    ),
    Fault(
        "peer-has-plain-letters-in-lists",
        OTHER_USER,
        "The other user's name loses all but plain letters in a list.",
        shown(
            "conversation_with",
            renamed(lambda was, _: was["name"].encode("ascii", "replace").decode()),
            lambda copy, how: in_lists(copy, how) and of_users(copy, how),
        ),
    ),
    Fault(
        "peer-of-groups-is-the-writer",
        GROUP,
        "conversationWith of a group's conversation has the id of who wrote last.",
        shown("conversation_with", of_the_sender, of_groups),
    ),
    Fault(
        "peer-of-groups-has-its-id-as-name",
        GROUP,
        "conversationWith of a group's conversation has the guid as its name.",
        shown("conversation_with", renamed(lambda was, _: was["guid"]), of_groups),
    ),
    Fault(
        "peer-of-groups-is-named-after-the-writer",
        GROUP,
        "conversationWith of a group's conversation has the last writer's uid as its name.",
        shown(
            "conversation_with",
            renamed(
                lambda was, copy: copy.last_message.sender if copy.last_message else was["name"]
            ),
            lambda copy, how: of_groups(copy, how) and alone(copy, how),
        ),
    ),
)

FAULTS: tuple[Fault, ...] = (*_MESSAGE, *_NEWEST, *_DELETED, *_PEER)
