"""The use cases of lists of messages: pages of them, or how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain import errors
from duologue.mockserver.domain.limits import PER_PAGE
from duologue.mockserver.domain.model import Filters, Kind, Message, Page
from duologue.mockserver.store import blocks as block_store
from duologue.mockserver.store import members as member_store
from duologue.mockserver.store import message_list
from duologue.mockserver.store import messages as message_store
from duologue.mockserver.store.message_list import Cursor, MessageFilters
from duologue.mockserver.usecases import named
from duologue.mockserver.usecases.conversations import Service, UseCase
from duologue.mockserver.usecases.types import Call, MessagePage, PlainData, ViewedMessage

_ALL = 1000
_ONLY_FOR_A_CALLER = "Only for a caller: onBehalfOf or authToken."
_COUNTING = {"unread", "count", "receiverType", "perPage", "limit", "page"}


def list_messages(service: Service, call: Call) -> MessagePage | PlainData:
    """Return a page of the messages that the caller may see, or of all."""
    uow = service.reading()
    caller = named.actor(uow, call)
    query = call.query
    if caller is not None and _is_plain_count(query):
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
    if caller is not None and member_store.scope_of(uow.conn, guid, caller) is None:
        raise errors.GroupNotJoined(caller, guid)
    return _of_conversation(uow, call, caller or "", kind="group", peer=guid)


def _of_conversation(
    uow: UnitOfWork, call: Call, caller: str, *, kind: Kind, peer: str
) -> MessagePage | PlainData:
    found = uow.lookup.find(uow.conn, caller, kind=kind, peer=peer)
    copy = found.copy
    if caller and _is_plain_count(call.query):
        count = 0 if copy is None else copy.unread_count
        return PlainData([_count(kind, peer, count)] if count else [])
    conversation = -1 if copy is None else copy.conversation
    wanted = _filters(call, caller or None)._replace(conversation=conversation, hide_notices=True)
    if wanted.categories is not None and "action" in wanted.categories:
        wanted = wanted._replace(hide_notices=False)
    return _page(uow, call, wanted, caller=caller or None)


def list_thread(service: Service, call: Call) -> MessagePage | PlainData:
    """Return a page of the replies to a message."""
    uow = service.reading()
    caller = named.actor(uow, call)
    parent = named.visible_message(uow, call, caller)
    wanted = _filters(call, caller)._replace(parent_id=parent.id, hide_replies=False)
    return _page(uow, call, wanted, caller=caller)


def _page(
    uow: UnitOfWork, call: Call, wanted: MessageFilters, *, caller: str | None
) -> MessagePage | PlainData:
    if call.query.get("count"):
        if caller is None:
            raise errors.BadRequest({"count": [_ONLY_FOR_A_CALLER]})
        found = message_list.counts(uow.conn, wanted)
        return PlainData([_count(kind, peer, count) for kind, peer, count in found])
    at = _cursor(call.query)
    page = message_list.page(uow.conn, wanted, at)
    shown = tuple(_viewed(uow, call, page.items, caller))
    return MessagePage(Page(shown, page.total, page.per_page, page.number), at.is_backwards)


def _viewed(
    uow: UnitOfWork, call: Call, messages: Iterable[Message], caller: str | None
) -> Iterator[ViewedMessage]:
    """Yield the messages as the caller sees them, mentioned users with what the query asks for."""
    has_tags = bool(call.query.get("mentionsWithTagInfo"))
    has_blocks = bool(call.query.get("mentionsWithBlockedInfo")) and caller is not None
    blocks = block_store.of(uow.conn, caller) if has_blocks and caller is not None else None
    for message in messages:
        yield ViewedMessage(message, caller, has_tags, blocks)


def _cursor(query: dict[str, Any]) -> Cursor:
    """Return where a page begins: `id`, `sentAt` and `affix`, or the SDK's three of a cursor."""
    affix, number, sent_at = query.get("affix"), query.get("id"), query.get("sentAt")
    if number is None and sent_at is None and "cursorValue" in query:
        affix = query.get("cursorAffix", affix or "prepend")
        if query.get("cursorField") == "id":
            number = query["cursorValue"]
        else:
            sent_at = query["cursorValue"]
    return Cursor(
        is_backwards=affix == "prepend",
        limit=query.get("limit", query.get("perPage", PER_PAGE)),
        number=query.get("page", 1),
        id=None if number is None else int(number),
        # The vendor's SDK sends both, and means the message.
        sent_at=sent_at if number is None else None,
        updated_at=query.get("updatedAt"),
    )


def _is_plain_count(query: dict[str, Any]) -> bool:
    """Return whether a query asks for unread counts and narrows them by nothing but the kind."""
    asked = {name for name, value in query.items() if value}
    return {"unread", "count"} <= asked <= _COUNTING


def _filters(call: Call, caller: str | None) -> MessageFilters:
    query = call.query
    return MessageFilters(
        caller=caller,
        receiver_type=query.get("receiverType"),
        hide_replies=bool(query.get("hideReplies")),
        hide_deleted=bool(query.get("hideDeleted")),
        only_deleted=bool(query.get("onlyDeleted")),
        sent_from=query.get("fromTimestamp"),
        sent_to=query.get("toTimestamp"),
        attachment_types=query.get("attachmentTypes"),
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
        mentioned=_mentioned(query, caller),
        has_unplayed=bool(query.get("hasReactions") or query.get("onlyInteractionGoalCompleted")),
        hide_blocked=bool(query.get("hideMessagesFromBlockedUsers")),
    )


def _mentioned(query: dict[str, Any], caller: str | None) -> tuple[str, ...] | None:
    """Return the users of whom a message mentions at least one; None where that is not asked."""
    if query.get("myMentionsOnly"):
        if caller is None:
            raise errors.BadRequest({"myMentionsOnly": [_ONLY_FOR_A_CALLER]})
        return (caller,)
    return query.get("mentionedUids")


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


USE_CASES: dict[str, UseCase] = {
    "listMessages": list_messages,
    "listUserMessages": list_user_messages,
    "listGroupMessages": list_group_messages,
    "listThread": list_thread,
}
