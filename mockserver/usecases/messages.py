"""The use cases of messages: sent, shown, edited, deleted."""

from __future__ import annotations

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain import errors, scope_errors
from duologue.mockserver.domain.ids import APP
from duologue.mockserver.domain.model import Kind, LookupResult, Message, User
from duologue.mockserver.store import blocks as block_store
from duologue.mockserver.store import message_list, people
from duologue.mockserver.store import messages as message_store
from duologue.mockserver.store import users as user_store
from duologue.mockserver.store.messages import Draft
from duologue.mockserver.usecases import named, standing
from duologue.mockserver.usecases.conversations import Service, UseCase
from duologue.mockserver.usecases.types import Call, ViewedMessage

_SYSTEM = "System"


def send_message(service: Service, call: Call) -> ViewedMessage:
    """Send a message to a user or a group, from the app itself where no caller is named."""
    body, behaviours = call.body, service.behaviours
    kind: Kind = body["receiverType"]
    receiver = behaviours.fold(body["receiver"])
    if call.caller is None:
        return _send_as_app(service, call, kind, receiver)
    sender = behaviours.fold(call.caller)
    with service.writing() as uow:
        found = uow.find_locked(sender, kind=kind, peer=receiver)
        behaviours.check_caller(sender, found.caller)
        behaviours.check_peer(kind, receiver, found=found.peer)
        if kind == "group":
            behaviours.check_member(sender, receiver, found=found)
        elif block_store.has_blocked(uow.conn, sender, receiver):
            raise scope_errors.BlockedReceiver(sender, receiver)
        draft = _draft(uow, call, kind, sender=sender, receiver=receiver)
        return _sent(uow, draft, found)


def _send_as_app(service: Service, call: Call, kind: Kind, receiver: str) -> ViewedMessage:
    """Send a message of the app itself (readings B19), a user that no list of users has."""
    with service.writing_alone() as uow:
        if user_store.find(uow.conn, APP) is None:
            user_store.add(uow.conn, User(uid=APP, name=_SYSTEM, created_at=uow.now))
        found = uow.lookup.find(uow.conn, APP, kind=kind, peer=receiver)
        uow.behaviours.check_peer(kind, receiver, found=found.peer)
        return _sent(uow, _draft(uow, call, kind, sender=APP, receiver=receiver), found)


def _draft(uow: UnitOfWork, call: Call, kind: Kind, *, sender: str, receiver: str) -> Draft:
    body, data = call.body, dict(call.body["data"])
    text, metadata = data.pop("text", None) or "", data.pop("metadata", None)
    data.pop("entities", None)
    parent = call.path.get("id") or body.get("parentId") or body.get("parentMessageId")
    if parent is not None and message_store.find(uow.conn, int(parent)) is None:
        raise errors.MessageIdNotFound(int(parent))
    return Draft(
        kind,
        sender,
        receiver,
        text=text,
        category=body.get("category") or "message",
        type=body.get("type") or "text",
        metadata=named.as_json(body.get("metadata") if metadata is None else metadata),
        parent_id=None if parent is None else int(parent),
        muid=body.get("muid"),
        tags=tuple(body.get("tags") or ()),
        content=named.as_json(data) if data else None,
    )


def _sent(uow: UnitOfWork, draft: Draft, found: LookupResult) -> ViewedMessage:
    message = uow.behaviours.send(uow, draft, found)
    (whole,) = people.dressed(uow.conn, [message], [found.caller, found.peer])
    return ViewedMessage(whole, draft.sender)


def get_message(service: Service, call: Call) -> ViewedMessage:
    """Return a message."""
    uow = service.reading()
    caller = named.actor(uow, call)
    found = [named.visible_message(uow, call, caller)]
    (whole,) = people.dressed(uow.conn, message_list.with_replies(uow.conn, found))
    return ViewedMessage(whole, caller)


def update_message(service: Service, call: Call) -> ViewedMessage:
    """Edit a message that the caller may edit; return the notice of it."""
    with service.writing() as uow:
        caller, message = _in_reach(uow, call, "edit")
        if message.deleted_at is not None:
            raise errors.MessageNoAccess(caller, "edit deleted", message_id=message.id)
        data = dict(call.body.get("data") or {})
        text, metadata = data.pop("text", None), data.pop("metadata", call.body.get("metadata"))
        data.pop("entities", None)
        edited = message._replace(
            text=message.text if text is None else text,
            metadata=message.metadata if metadata is None else named.as_json(metadata),
            content=named.as_json(data) if data else message.content,
        )
        if call.body.get("tags") is not None:
            edited = message_store.tagged(edited, tuple(call.body["tags"]))
        message_store.edit(uow.conn, edited, by=caller, now=uow.now)
        return _noted(uow, edited, by=caller, action="edited")


def delete_message(service: Service, call: Call) -> ViewedMessage:
    """Delete a message that the caller may delete; return the notice of it."""
    with service.writing() as uow:
        caller, message = _in_reach(uow, call, "delete")
        forever = call.body.get("permanent", False)
        notice = uow.behaviours.delete_message(uow, message, by=caller, forever=forever)
        (whole,) = people.dressed(uow.conn, [notice])
        return ViewedMessage(whole, caller)


def _in_reach(uow: UnitOfWork, call: Call, verb: str) -> tuple[str, Message]:
    """Return caller and message, its conversation locked; the app acts as the message's sender.

    Raise MessageNoAccess unless the caller sent it, or moderates the group that it went to (B22).
    """
    caller = named.actor(uow, call)
    message = named.message_to_change(uow, call)
    if caller is None:
        return message.sender, message
    if message.sender != caller and not standing.moderates(uow, message, caller):
        raise errors.MessageNoAccess(caller, verb, message_id=message.id)
    return caller, message


def _noted(uow: UnitOfWork, message: Message, *, by: str, action: str) -> ViewedMessage:
    notice = message_store.notice(uow.conn, message, by=by, now=uow.now, action=action)
    (whole,) = people.dressed(uow.conn, [notice])
    return ViewedMessage(whole, by)


USE_CASES: dict[str, UseCase] = {
    "sendMessage": send_message,
    "replyInThread": send_message,
    "getMessage": get_message,
    "updateMessage": update_message,
    "deleteMessage": delete_message,
}
