"""Group actions: who joined, left, was added, kicked, banned, or given another scope."""

from __future__ import annotations

from collections.abc import Iterator

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.domain.ids import APP
from duologue.mockserver.domain.model import Group, User
from duologue.mockserver.http.representations import group_actions, items
from duologue.mockserver.socket import frames
from duologue.mockserver.socket.delivery import Context, Delivery, data_of, sent_of
from duologue.mockserver.socket.frames import Frame
from duologue.mockserver.store import groups as group_store
from duologue.mockserver.store import message_list
from duologue.mockserver.store import messages as message_store
from duologue.mockserver.store import users as user_store
from duologue.mockserver.store.message_list import Cursor, MessageFilters
from duologue.mockserver.usecases.members import SCOPE_BEFORE
from duologue.mockserver.usecases.types import ViewedMessage

_LOOKED_AT = 100  # of the group's newest actions, to find the one that a request has noted
_ACTIONS = {"banMember": "banned", "unbanMember": "unbanned", "updateMember": "scopeChanged"}


def of_members(context: Context, entry: JournalEntry) -> Iterator[Delivery]:
    """Yield an action message for each user whose membership has changed."""
    uow = context.reading()
    guid = uow.behaviours.fold(entry.params.get("guid") or frames.text_of(sent_of(entry), "guid"))
    group = group_store.find(uow.conn, guid)
    if group is None:
        return
    by = APP if entry.caller is None else uow.behaviours.fold(entry.caller)
    members, device = context.audience.members(guid), entry.device or ""
    for action, uid in _changes(uow, entry, by):
        user = user_store.find(uow.conn, uid)
        if user is None:
            continue
        body = _stored(uow, entry, group, action, uid=uid)
        body = body or _composed(uow, entry, group, action, on=user)
        frame = frames.event(
            frames.MESSAGE, body, sender=by, receiver=("group", guid), device=device
        )
        yield Delivery(frame, members | context.audience.present(uid), device)


def _changes(uow: UnitOfWork, entry: JournalEntry, by: str) -> Iterator[tuple[str, str]]:
    """Yield what was done, and the uid of the user that it was done to."""
    operation_id, fold = entry.operation_id or "", uow.behaviours.fold
    if operation_id == "leaveGroup":
        yield "left", by
    elif operation_id == "kickMember":
        uid = fold(entry.params["uid"])
        yield ("left" if uid == by else "kicked"), uid
    elif operation_id in _ACTIONS:
        yield _ACTIONS[operation_id], fold(entry.params["uid"])
    elif operation_id == "createGroup":
        yield from _results(data_of(entry).get("members"), by)
    elif data_of(entry).get("category") == "action":
        yield "joined", by
    else:
        yield from _results(data_of(entry), by)


def _results(lists: object, by: str) -> Iterator[tuple[str, str]]:
    """Yield the same for those of several users with whom it worked."""
    for listed, results in (lists if isinstance(lists, dict) else {}).items():
        for uid, result in (results if isinstance(results, dict) else {}).items():
            if isinstance(result, dict) and result.get("success"):
                is_ban = listed == "usersToBan"
                yield ("banned" if is_ban else "joined" if uid == by else "added"), uid


def _stored(
    uow: UnitOfWork, entry: JournalEntry, group: Group, action: str, *, uid: str
) -> Frame | None:
    """Return the message that the conversation has of the action; None in a dialect without.

    By the time it is looked for, the same may have been done to the user again: it is the first one
    that is not older than the request.
    """
    conversation = message_store.conversation_of(uow.conn, "group", group.guid)
    if conversation is None:
        return None
    wanted = MessageFilters(
        caller=None, conversation=conversation, categories=("action",), types=("groupMember",)
    )
    newest = message_list.page(uow.conn, wanted, Cursor(is_backwards=True, limit=_LOOKED_AT))
    asked_at = entry.at if entry.reading is None else entry.reading.now
    for message in newest.items:
        shown: Frame = items.message(uow.behaviours, ViewedMessage(message, None))
        data = frames.body_of({"body": shown.get("data")})
        on = data.get("entities", {}).get("on", {}).get("entity", {}).get("uid")
        is_same = (data.get("action"), on) == (action, uid) and message.sent_at >= asked_at
        if is_same and (action != "scopeChanged" or data.get("extras") == _scopes(entry)):
            return shown
    return None


def _scopes(entry: JournalEntry) -> Frame:
    """Return what a change of scope says: the scope after it and the one before."""
    before = entry.answer_headers.get(SCOPE_BEFORE)
    return {"scope": {"new": sent_of(entry).get("scope"), "old": before}}


def _composed(
    uow: UnitOfWork, entry: JournalEntry, group: Group, action: str, *, on: User
) -> Frame:
    """Return an action message that no conversation has."""
    by = user_store.find(uow.conn, uow.behaviours.fold(entry.caller or APP))
    data = group_actions.data(uow.behaviours, group, action, by=by, on=on)
    if action == "scopeChanged":
        data["extras"] = _scopes(entry)
    return {
        "category": "action",
        "type": "groupMember",
        "conversationId": data["entities"]["for"]["entity"]["conversationId"],
        "sender": APP if by is None else by.uid,
        "receiverType": "group",
        "receiver": group.guid,
        "sentAt": entry.at,
        "updatedAt": entry.at,
        "data": data,
    }
