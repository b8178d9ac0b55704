"""The use cases of messages: sent, listed, counted, edited, deleted."""

from __future__ import annotations

from typing import Any

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain import errors
from duologue.mockserver.domain.ids import APP
from duologue.mockserver.domain.limits import PER_PAGE
from duologue.mockserver.domain.model import Filters, Kind, LookupResult, Message, Page, User
from duologue.mockserver.store import groups as group_store
from duologue.mockserver.store import message_list, people
from duologue.mockserver.store import messages as message_store
from duologue.mockserver.store import users as user_store
from duologue.mockserver.store.message_list import Cursor, MessageFilters
from duologue.mockserver.store.messages import Draft
from duologue.mockserver.usecases import named
from duologue.mockserver.usecases.conversations import Service, UseCase
from duologue.mockserver.usecases.types import Call, MessagePage, PlainData, ViewedMessage

_SYSTEM = "System"
_ALL = 1000


def send_message(service: Service, call: Call) -> ViewedMessage:
    """Send a message to a user or a group, from the app itself where no caller is named."""
    body, behaviours = call.body, service.behaviours
    kind: Kind = body["receiverType"]
    receiver = behaviours.fold(body["receiver"])
    if call.caller is None:
        return _send_as_app(service, call, kind, receiver)
    sender = behaviours.fold(call.caller)
    with service.writing() as uow:
        uow.lock(sender, kind=kind, peer=receiver)
        found = uow.lookup.find(uow.conn, sender, kind=kind, peer=receiver)
        behaviours.check_caller(sender, found.caller)
        behaviours.check_peer(kind, receiver, found=found.peer)
        if kind == "group":
            behaviours.check_member(sender, receiver, found=found)
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


def list_messages(service: Service, call: Call) -> MessagePage | PlainData:
    """Return a page of the messages that the caller may see, or of all."""
    uow = service.reading()
    caller = named.actor(uow, call)
    query = call.query
    if query.get("count") and query.get("unread") and caller is not None:
        return _unread_counts(service, caller, kind=query.get("receiverType"))
    wanted = _filters(call, caller)
    if "conversationId" in query:
        wanted = wanted._replace(
            conversation=uow.find_by_id(caller, query["conversationId"]).conversation
            if caller is not None
            else _conversation_named(uow, query["conversationId"])
        )
    return _page(uow, call, wanted, caller=caller)


def list_user_messages(service: Service, call: Call) -> MessagePage | PlainData:
    """Return a page of the messages between caller and user; without a caller, of the user's."""
    uow = service.reading()
    caller = named.actor(uow, call)
    peer = named.user(uow, call.path["uid"]).uid
    if caller is None:
        return _page(uow, call, _filters(call, None)._replace(party=peer), caller=None)
    return _of_conversation(uow, call, caller, kind="user", peer=peer)


def list_group_messages(service: Service, call: Call) -> MessagePage | PlainData:
    """Return a page of the messages of a group."""
    uow = service.reading()
    caller = named.actor(uow, call)
    guid = named.group(uow, call.path["guid"]).guid
    if caller is not None and group_store.scope_of(uow.conn, guid, caller) is None:
        raise errors.GroupNotJoined(caller, guid)
    return _of_conversation(uow, call, caller or "", kind="group", peer=guid)


def _of_conversation(
    uow: UnitOfWork, call: Call, caller: str, *, kind: Kind, peer: str
) -> MessagePage | PlainData:
    found = uow.lookup.find(uow.conn, caller, kind=kind, peer=peer)
    copy = found.copy
    if call.query.get("count") and call.query.get("unread"):
        count = 0 if copy is None else copy.unread_count
        return PlainData([_count(kind, peer, count)] if count else [])
    conversation = -1 if copy is None else copy.conversation
    wanted = _filters(call, caller or None)._replace(conversation=conversation, hide_notices=True)
    if wanted.categories is not None and "action" in wanted.categories:
        wanted = wanted._replace(hide_notices=False)
    return _page(uow, call, wanted, caller=caller or None)


def list_thread(service: Service, call: Call) -> MessagePage:
    """Return a page of the replies to a message."""
    uow = service.reading()
    caller = named.actor(uow, call)
    parent = _visible(uow, call, caller)
    wanted = _filters(call, caller)._replace(parent_id=parent.id, hide_replies=False)
    return _page(uow, call, wanted, caller=caller)


def _page(
    uow: UnitOfWork, call: Call, wanted: MessageFilters, *, caller: str | None
) -> MessagePage:
    query = call.query
    number = query.get("id")
    at = Cursor(
        is_backwards=query.get("affix") == "prepend",
        limit=query.get("limit", query.get("perPage", PER_PAGE)),
        number=query.get("page", 1),
        id=None if number is None else int(number),
        # The vendor's SDK sends both, and means the message.
        sent_at=query.get("sentAt") if number is None else None,
        updated_at=query.get("updatedAt"),
    )
    page = message_list.page(uow.conn, wanted, at)
    shown = tuple(ViewedMessage(message, caller) for message in page.items)
    return MessagePage(Page(shown, page.total, page.per_page, page.number), at.is_backwards)


def _filters(call: Call, caller: str | None) -> MessageFilters:
    query = call.query
    return MessageFilters(
        caller=caller,
        receiver_type=query.get("receiverType"),
        hide_replies=bool(query.get("hideReplies")),
        hide_deleted=bool(query.get("hideDeleted")),
        only_updates=bool(query.get("onlyUpdates")),
        categories=_either(query, "categories", "category"),
        types=_either(query, "types", "type"),
        tags=query.get("tags"),
        search_key=query.get("searchKey"),
        unread=bool(query.get("unread")) and caller is not None,
        undelivered=bool(query.get("undelivered")),
        has_attachments=bool(query.get("hasAttachments")),
        has_links=bool(query.get("hasLinks")),
        has_mentions=bool(query.get("hasMentions")),
        mentioned=query.get("mentionedUids"),
        hide_blocked=bool(query.get("hideMessagesFromBlockedUsers")),
    )


def _either(query: dict[str, Any], *names: str) -> Any:
    return next((query[name] for name in names if name in query), None)


def _unread_counts(service: Service, caller: str, *, kind: Kind | None) -> PlainData:
    """Return the number of unread messages for each conversation that has any."""
    page = service.listing.page(
        service.reading().conn,
        caller,
        wanted=Filters(conversation_type=kind, unread=True),
        per_page=_ALL,
        number=1,
    )
    return PlainData([_count(copy.kind, copy.peer, copy.unread_count) for copy in page.items])


def _count(kind: Kind, peer: str, count: int) -> dict[str, Any]:
    return {"entityType": kind, "entityId": peer, "count": count}


def _conversation_named(uow: UnitOfWork, name: str) -> int:
    """Return the conversation of an id in the app's view: a group's, or a 1-on-1 by both uids."""
    guid = name.removeprefix("group_")
    if guid != name:
        return message_store.conversation_of(uow.conn, "group", guid) or -1
    one, _, other = name.partition("_user_")
    key = "|".join(sorted((one, other)))
    return message_store.conversation_of(uow.conn, "user", key) or -1


def get_message(service: Service, call: Call) -> ViewedMessage:
    """Return a message."""
    uow = service.reading()
    caller = named.actor(uow, call)
    (whole,) = people.dressed(uow.conn, [_visible(uow, call, caller)])
    return ViewedMessage(whole, caller)


def _visible(uow: UnitOfWork, call: Call, caller: str | None) -> Message:
    message = named.message(uow, call)
    if caller is not None and not _may_see(uow, message, caller):
        raise errors.MessageNoAccess(caller, "see", message_id=message.id)
    return message


def _may_see(uow: UnitOfWork, message: Message, caller: str) -> bool:
    if message.kind == "group":
        return group_store.scope_of(uow.conn, message.receiver, caller) is not None
    return caller in (message.sender, message.receiver)


def update_message(service: Service, call: Call) -> ViewedMessage:
    """Edit a message of the caller's; return the notice of it."""
    with service.writing_alone() as uow:
        caller, message = _own(uow, call, "edit")
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
    """Delete a message of the caller's; return the notice of it."""
    with service.writing_alone() as uow:
        caller, message = _own(uow, call, "delete")
        forever = call.body.get("permanent", False)
        notice = uow.behaviours.delete_message(uow, message, by=caller, forever=forever)
        (whole,) = people.dressed(uow.conn, [notice])
        return ViewedMessage(whole, caller)


def _own(uow: UnitOfWork, call: Call, verb: str) -> tuple[str, Message]:
    """Return caller and message; without a caller the app acts as the message's sender."""
    caller = named.actor(uow, call)
    message = named.message(uow, call)
    if caller is None:
        return message.sender, message
    if message.sender != caller:
        raise errors.MessageNoAccess(caller, verb, message_id=message.id)
    return caller, message


def _noted(uow: UnitOfWork, message: Message, *, by: str, action: str) -> ViewedMessage:
    notice = message_store.notice(uow.conn, message, by=by, now=uow.now, action=action)
    (whole,) = people.dressed(uow.conn, [notice])
    return ViewedMessage(whole, by)


USE_CASES: dict[str, UseCase] = {
    "sendMessage": send_message,
    "replyInThread": send_message,
    "listMessages": list_messages,
    "listUserMessages": list_user_messages,
    "listGroupMessages": list_group_messages,
    "listThread": list_thread,
    "getMessage": get_message,
    "updateMessage": update_message,
    "deleteMessage": delete_message,
}
