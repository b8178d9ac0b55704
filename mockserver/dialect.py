"""What the mock speaks: the documented dialect, or the live one.

`documented` is what the documents say, and is the healthy form of every part. `live` is what the
real service is seen to do (the Live column of the readings): the same parts, some replaced. It is
driven by the overlaid document, so the mock checks its live answers against that.

Not replaced is T12, by which a write may show late: a service without delay keeps it too, and a
frontend is better served by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import and_

from duologue import openapi
from duologue.mockserver import documented
from duologue.mockserver.behaviours import Behaviours, UnitOfWork
from duologue.mockserver.domain import errors, ids, rules
from duologue.mockserver.domain.model import Copy, Group, Kind, LookupResult, Message, Shown, User
from duologue.mockserver.errors import UnknownDialect
from duologue.mockserver.http import responses, serializers
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

SYSTEM = {"uid": "app_system", "name": "System", "role": "default", "status": "offline"}
CAPITAL_M = {"markUserConversationAsRead", "markUserConversationAsDelivered"}


def behaviours_of(dialect: str) -> Behaviours:
    """The parts of a dialect; raises UnknownDialect."""
    if dialect not in DIALECTS:
        raise UnknownDialect(dialect, tuple(DIALECTS))
    return DIALECTS[dialect]()


def live() -> Behaviours:
    """The parts of what the real service is seen to do."""
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
        show_unread_success=show_unread_success,
        show_refusal=show_refusal,
    )


DIALECTS: Mapping[str, Callable[[], Behaviours]] = {DOCUMENTED: documented.behaviours, LIVE: live}


# --- the document -------------------------------------------------------------------------------


def overlaid(name: str, document: Body) -> Body:
    """The contract with its overlay; the stage needs none."""
    return openapi.load(name, overlay=LIVE) if name == "openapi" else document


# --- how conversations are named, and whether they are there ------------------------------------


def conversation_id(kind: Kind, peer: str, *, owner: str) -> str:
    """Both uids in order, joined by `_user_` and the same for both sides (readings C1)."""
    if kind == "group":
        return ids.conversation_id(kind, peer, owner=owner)
    return "_user_".join(sorted((owner, peer)))


def parse_conversation_id(text: str, caller: str) -> tuple[Kind, str] | None:
    """Kind and peer that `text` names; a 1-on-1 only to one of its parties, spelled in order."""
    name = ids.fold(text)
    for peer in (name.removeprefix(f"{caller}_user_"), name.removesuffix(f"_user_{caller}")):
        if peer != name and conversation_id("user", peer, owner=caller) == name:
            return "user", peer
    return ids.parse_conversation_id(name, caller) if name.startswith("group_") else None


def is_visible(copy: Copy) -> bool:
    """Whether the owner sees the copy: a group's once something happened in it (readings B2)."""
    return rules.is_visible(copy) and (copy.kind == "user" or copy.last_seq > 0)


def visible(tables: Tables) -> Flag:
    """Only copies that are not hidden, of conversations that have begun (readings B2)."""
    seen = criteria.visible(tables)
    return seen if tables.kind == "user" else and_(seen, tables.conversation.c.last_seq > 0)


def resets_unseen(copy: Copy) -> bool:
    """Whether a copy out of view can be reset: if it was in view once (readings B14)."""
    return copy.hidden_seq >= 0


def missing(caller: str, kind: Kind, peer: str) -> Copy:
    """Never a copy: no conversation is a matter of access (readings B1)."""
    name = conversation_id(kind, peer, owner=caller)
    raise errors.ConversationNotAccessible(caller, conversation_id=name)


def missing_by_id(caller: str, asked_for: str) -> Copy:
    """Never a copy: an id that names nothing of the caller's is a matter of access (B1, B13)."""
    raise errors.ConversationNotAccessible(caller, conversation_id=asked_for)


# --- what is done -------------------------------------------------------------------------------


def reset(uow: UnitOfWork, copy: Copy, forever: bool) -> None:
    """Take the conversation out of the caller's view, on wish with its messages (readings B9)."""
    if uow.behaviours.erases_messages(copy.kind, forever):
        message_store.erase_all(uow.conn, copy.conversation)
    marks.hide(uow.conn, copy, uow.behaviours.hidden_by_delete(copy))


def delete(uow: UnitOfWork, copy: Copy) -> None:
    """Take the conversation out of everybody's view (readings B10)."""
    marks.hide_for_all(uow.conn, copy, uow.behaviours.hidden_by_delete(copy))


def send(uow: UnitOfWork, draft: Draft, found: LookupResult) -> Message:
    """The message as stored; with the first one a group's conversation begins (readings B2)."""
    if isinstance(found.peer, Group) and found.copy is not None and found.copy.last_seq == 0:
        _begin(uow, found.peer, found.copy)
    return effects.send(uow, draft, found)


def _begin(uow: UnitOfWork, group: Group, before: Copy) -> None:
    if uow.behaviours.counts_message("group", group.members_count):
        group_store.date_conversation(uow.conn, before.conversation, now=uow.now)


def note_action(uow: UnitOfWork, group: Group, action: str, *, by: str, on: User) -> Message:
    """The message that tells of a group action; it moves what any message moves (readings B3)."""
    draft = Draft(
        "group",
        by,
        group.guid,
        text="",
        category="action",
        type="groupMember",
        metadata=orjson.dumps(_told(uow, group, action, by=by, on=on)).decode(),
    )
    found = uow.lookup.find(uow.conn, by, kind="group", peer=group.guid)
    return uow.behaviours.send(uow, draft, found)


def _told(uow: UnitOfWork, group: Group, action: str, *, by: str, on: User) -> Body:
    """What a group action's message says: everybody as they are at that moment."""
    behaviours, actor = uow.behaviours, user_store.find(uow.conn, by)
    name = behaviours.conversation_id("group", group.guid, owner=by)
    entities = {
        "by": {"entity": behaviours.show_user(actor) if actor else SYSTEM, "entityType": "user"},
        "on": {"entity": behaviours.show_user(on), "entityType": "user"},
        "for": {
            "entity": behaviours.show_group(group) | {"conversationId": name},
            "entityType": "group",
        },
    }
    return {"action": action, "entities": entities}


# --- how it is told -----------------------------------------------------------------------------


def show_conversation(behaviours: Behaviours, copy: Copy, shown: Shown) -> Body:
    """One conversation, its count as a string of digits (readings C2).

    Here and not where the count is shown, so that a fault may reckon with it.
    """
    body = serializers.conversation(behaviours, copy, shown)
    count = body.get("unreadMessageCount")
    return body | {"unreadMessageCount": str(count)} if type(count) is int else body


def show_conversation_with(behaviours: Behaviours, copy: Copy, shown: Shown) -> Body:
    """The other user, or the group with the time at which the owner joined it (readings C5)."""
    body: Body = serializers.conversation_with(behaviours, copy, shown)
    return body if copy.joined_at is None else body | {"joinedAt": copy.joined_at}


def show_done(behaviours: Behaviours, operation_id: str, done: Done) -> Body:
    """The word of success; two operations spell its key with a capital (E32)."""
    body = responses.done(behaviours, operation_id, done)
    if operation_id in CAPITAL_M:
        body["Message"] = body.pop("message")
    return body


def show_unread_success(behaviours: Behaviours, done: Done) -> Body:
    """The word of success with the conversation, which the vendor's SDK reads (readings B8)."""
    shown = Shown(tags=True, single=True)
    conversation = behaviours.show_conversation(behaviours, done.see(), shown)
    return responses.unread_success(behaviours, done) | {"conversation": conversation}


def show_refusal(problem: errors.Refusal) -> Body:
    """A refusal with a word for developers and its source, in the order seen (readings T3)."""
    error = responses.refusal(problem)["error"]
    told = {"message": error["message"], "devMessage": error["message"], "source": "chat-api"}
    return {"error": told | error}
