"""The two dialects: the documented one and the live one.

`documented` follows the documents. `live` follows what the real service is observed to do (the
Live part of the readings): the same behaviours, some of them replaced. The overlaid document
validates its answers.

T12 (a write may show later) is not replaced: a service without delay satisfies it as well, and is
more useful to a frontend.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import and_

from duologue import openapi
from duologue.mockserver import documented, error_texts
from duologue.mockserver.behaviours import Behaviours, UnitOfWork
from duologue.mockserver.domain import errors, ids, rules
from duologue.mockserver.domain.model import Copy, Group, Kind, LookupResult, Message, Shown, User
from duologue.mockserver.domain.rule import rule
from duologue.mockserver.errors import DocumentLacksPart, UnknownDialect
from duologue.mockserver.http import responses
from duologue.mockserver.http.representations import group_actions, serializers
from duologue.mockserver.settings import DOCUMENTED, LIVE
from duologue.mockserver.store import criteria, marks
from duologue.mockserver.store import groups as group_store
from duologue.mockserver.store import messages as message_store
from duologue.mockserver.store import users as user_store
from duologue.mockserver.store.criteria import Flag, Tables
from duologue.mockserver.store.messages import Draft
from duologue.mockserver.usecases import effects
from duologue.mockserver.usecases.types import Done

Body = dict[str, Any]

CAPITAL_M = {"markUserConversationAsRead", "markUserConversationAsDelivered"}


def behaviours_of(dialect: str) -> Behaviours:
    """Return the behaviours of a dialect; raise UnknownDialect."""
    if dialect not in DIALECTS:
        raise UnknownDialect(dialect, tuple(DIALECTS))
    return DIALECTS[dialect]()


def live() -> Behaviours:
    """Return the behaviours of the live dialect."""
    return replace(
        documented.behaviours(),
        document=overlaid,
        is_visible=is_visible,
        visible=visible,
        missing=missing,
        missing_by_id=missing_by_id,
        conversation_id=conversation_id,
        parse_conversation_id=parse_conversation_id,
        resets_unseen=resets_unseen,
        reset=reset,
        delete=delete,
        send=send,
        note_action=note_action,
        show_conversation=show_conversation,
        show_conversation_with=show_conversation_with,
        show_done=show_done,
        show_refusal=show_refusal,
    )


DIALECTS: Mapping[str, Callable[[], Behaviours]] = {DOCUMENTED: documented.behaviours, LIVE: live}


# --- the document -------------------------------------------------------------------------------


def overlaid(name: str, document: Body) -> Body:
    """Return the contract with its overlay applied; the stage has none.

    Raise DocumentLacksPart where the document has no such place as the overlay changes.
    """
    if name != "openapi":
        return document
    try:
        return openapi.load(name, overlay=LIVE)
    except openapi.BrokenAction as problem:
        raise DocumentLacksPart(f"The dialect {LIVE}", problem.target) from problem


# --- how conversations are named, and whether they are there ------------------------------------


@rule("C1")
def conversation_id(kind: Kind, peer: str, *, owner: str) -> str:
    """Return both uids in order, joined by `_user_`, the same for both sides."""
    if kind == "group":
        return ids.conversation_id(kind, peer, owner=owner)
    return "_user_".join(sorted((owner, peer)))


@rule("C1")
def parse_conversation_id(text: str, caller: str) -> tuple[Kind, str] | None:
    """Return the kind and the peer of an id; a 1-on-1 only to its parties, in order."""
    name = ids.fold(text)
    for peer in (name.removeprefix(f"{caller}_user_"), name.removesuffix(f"_user_{caller}")):
        if peer != name and conversation_id("user", peer, owner=caller) == name:
            return "user", peer
    return ids.parse_conversation_id(name, caller) if name.startswith("group_") else None


@rule("B2")
def is_visible(copy: Copy) -> bool:
    """Return whether the owner sees the copy: a group's only after a message or action."""
    return rules.is_visible(copy) and (copy.kind == "user" or copy.last_seq > 0)


@rule("B2")
def visible(tables: Tables) -> Flag:
    """Keep only copies that are not hidden, of conversations with a message or action."""
    seen = criteria.visible(tables)
    return seen if tables.kind == "user" else and_(seen, tables.conversation.c.last_seq > 0)


@rule("B14")
def resets_unseen(copy: Copy) -> bool:
    """Return whether a copy that is out of view can be reset: if it was in view once."""
    return copy.hidden_seq >= 0


@rule("B1")
def missing(caller: str, kind: Kind, peer: str) -> Copy:
    """Raise ConversationNotAccessible: the caller has no conversation with this peer."""
    name = conversation_id(kind, peer, owner=caller)
    raise errors.ConversationNotAccessible(caller, conversation_id=name)


@rule("B1", "B13")
def missing_by_id(caller: str, asked_for: str) -> Copy:
    """Raise ConversationNotAccessible: the id names no conversation of the caller."""
    raise errors.ConversationNotAccessible(caller, conversation_id=asked_for)


# --- what is done -------------------------------------------------------------------------------


@rule("B9")
def reset(uow: UnitOfWork, copy: Copy, forever: bool) -> None:
    """Hide the conversation from the caller, and on request remove its messages."""
    if uow.behaviours.erases_messages(copy.kind, forever):
        message_store.erase_all(uow.conn, copy.conversation)
    marks.hide(uow.conn, copy, uow.behaviours.hidden_by_delete(copy))


@rule("B10")
def delete(uow: UnitOfWork, copy: Copy) -> None:
    """Hide the conversation from all of its parties."""
    marks.hide_for_all(uow.conn, copy, uow.behaviours.hidden_by_delete(copy))


@rule("B2")
def send(uow: UnitOfWork, draft: Draft, found: LookupResult) -> Message:
    """Store a message; the first one in a group begins its conversation."""
    if isinstance(found.peer, Group) and found.copy is not None and found.copy.last_seq == 0:
        _begin(uow, found.peer, found.copy)
    return effects.send(uow, draft, found)


def _begin(uow: UnitOfWork, group: Group, before: Copy) -> None:
    if uow.behaviours.counts_message("group", group.members_count):
        group_store.date_conversation(uow.conn, before.conversation, now=uow.now)


@rule("B3")
def note_action(
    uow: UnitOfWork,
    group: Group,
    action: str,
    *,
    by: str,
    on: User,
    extras: Body | None,
) -> Message:
    """Store a message about a group action; it moves what any message moves."""
    actor = user_store.find(uow.conn, by)
    data = group_actions.data(uow.behaviours, group, action, by=actor, on=on)
    draft = Draft(
        "group",
        by,
        group.guid,
        text="",
        category="action",
        type="groupMember",
        metadata=orjson.dumps(data if extras is None else data | {"extras": extras}).decode(),
    )
    found = uow.lookup.find(uow.conn, by, kind="group", peer=group.guid)
    return uow.behaviours.send(uow, draft, found)


# --- what is shown -------------------------------------------------------------------------------


@rule("C2")
def show_conversation(behaviours: Behaviours, copy: Copy, shown: Shown) -> Body:
    """Return one conversation with its count as a string of digits.

    The count is converted here and not where it is shown, so that a fault can calculate with it.
    """
    body = serializers.conversation(behaviours, copy, shown)
    count = body.get("unreadMessageCount")
    return body | {"unreadMessageCount": str(count)} if type(count) is int else body


@rule("C5")
def show_conversation_with(behaviours: Behaviours, copy: Copy, shown: Shown) -> Body:
    """Return the other user, or the group with the time at which the owner joined."""
    body: Body = serializers.conversation_with(behaviours, copy, shown)
    return body if copy.joined_at is None else body | {"joinedAt": copy.joined_at}


@rule("T2", "E32")
def show_done(behaviours: Behaviours, operation_id: str, done: Done) -> Body:
    """Return the word of success; two operations spell the key `Message`."""
    body = responses.done(behaviours, operation_id, done)
    if operation_id in CAPITAL_M:
        body["Message"] = body.pop("message")
    return body


@rule("T3", "E60")
def show_refusal(problem: errors.Refusal) -> Body:
    """Return an error body with `devMessage` and `source`, in the order and words observed."""
    error = responses.refusal(problem)["error"]
    text, for_developers = error_texts.of(problem) or (error["message"], error["message"])
    shown = {"message": text, "devMessage": for_developers, "source": "chat-api"}
    if "details" in error:
        shown["details"] = error["details"]
    return {"error": shown | {"code": error["code"]}}
