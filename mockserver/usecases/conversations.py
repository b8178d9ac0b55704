"""The use cases of the 15 operations, each once for users and groups.

A use case checks, changes and returns an outcome; `http` turns that into an answer. Each change is
a behaviour (see `behaviours`), and so is each rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from duologue.mockserver.behaviours import Behaviours, UnitOfWork
from duologue.mockserver.clock import Clock
from duologue.mockserver.domain.model import Copy, Filters, Kind, Shown
from duologue.mockserver.domain.rule import rule
from duologue.mockserver.store import blocks as block_store
from duologue.mockserver.store import users as user_store
from duologue.mockserver.store.listing import Listing, listing_by
from duologue.mockserver.store.lookup import Lookup
from duologue.mockserver.store.store import Store
from duologue.mockserver.usecases.types import (
    Call,
    ConversationPage,
    Done,
    MarkedUnread,
    ShownConversation,
)
from duologue.mockserver.usecases.unit_of_work import SqlUnitOfWork

_OF_ONE = Shown(tags=True, single=True)
# What a client that came by this host (with the world's name, if any) is told to go by.
ClientSettings = Callable[[str], dict[str, Any]]


def no_settings(reached_at: str) -> dict[str, Any]:
    """Return no settings: the client stays with the addresses it was given."""
    del reached_at
    return {}


@dataclass(slots=True)
class Service:
    """The use cases over one store, with one set of behaviours."""

    store: Store
    behaviours: Behaviours
    clock: Clock
    client_settings: ClientSettings = no_settings
    lookup: Lookup = field(init=False)
    listing: Listing = field(init=False)

    def __post_init__(self) -> None:
        self.lookup = Lookup.build(self.behaviours.unread_count)
        self.listing = listing_by(self.behaviours)

    def reading(self) -> UnitOfWork:
        """Return a unit of work that changes nothing."""
        return SqlUnitOfWork(
            self.behaviours.reads_from(self.store), self.behaviours, self.lookup, self._now()
        )

    @contextmanager
    def writing_alone(self) -> Iterator[UnitOfWork]:
        """Yield a unit of work that excludes all other writers."""
        with self.store.alone(), self.writing() as uow:
            yield uow

    @contextmanager
    def writing(self) -> Iterator[UnitOfWork]:
        """Yield a unit of work beside other writers; lock the conversation that it changes."""
        with self.behaviours.writes_to(self.store) as conn:
            yield SqlUnitOfWork(conn, self.behaviours, self.lookup, self._now())

    def _now(self) -> int:
        return self.behaviours.now(self.clock)


UseCase = Callable[[Service, Call], Any]


def _caller_of(behaviours: Behaviours, call: Call) -> str:
    return behaviours.fold(call.caller or "")


def _peer_of(behaviours: Behaviours, call: Call, kind: Kind) -> str:
    return behaviours.fold(call.path["uid" if kind == "user" else "guid"])


@rule("B12")
def list_conversations(service: Service, call: Call) -> ConversationPage:
    """Return a page of the caller's conversations, or of all copies in the app."""
    uow, query = service.reading(), call.query
    caller = None if call.caller is None else _caller_of(service.behaviours, call)
    owner = None
    if caller is not None:
        owner = user_store.find(uow.conn, caller)
        service.behaviours.check_caller(caller, owner)
    wanted = service.behaviours.filters_of(query)
    if not query.get("includeBlockedUsers") and block_store.has_any(uow.conn, caller):
        wanted = wanted._replace(hide_blocked=True)
    page = service.listing.page(
        uow.conn,
        caller,
        wanted=wanted,
        per_page=query.get("perPage", call.usual_page),
        number=query.get("page", 1),
        owner=owner,
    )
    shown = Shown(
        tags=bool(query.get("withTags")),
        peer_tags=bool(query.get("withUserAndGroupTags")),
        owner=caller is None,
        blocks=(
            block_store.of(uow.conn, caller)
            if caller is not None and query.get("withBlockedInfo")
            else None
        ),
    )
    return ConversationPage(page, shown, shown.tags or wanted.tags is not None)


@rule("B12")
def filters_of(query: dict[str, Any]) -> Filters:
    """Return all filters that the query names."""
    return Filters(
        conversation_type=query.get("conversationType"),
        unread=query.get("unread"),
        tags=query.get("tags"),
        user_tags=query.get("userTags"),
        group_tags=query.get("groupTags"),
        search_key=query.get("searchKey"),
    )


def get(service: Service, call: Call, kind: Kind) -> ShownConversation:
    """Return the caller's conversation with a user or a group."""
    peer = _peer_of(service.behaviours, call, kind)
    copy = service.reading().find_copy(_caller_of(service.behaviours, call), kind=kind, peer=peer)
    return ShownConversation(copy, _OF_ONE)


def get_by_id(service: Service, call: Call) -> ShownConversation:
    """Return the caller's conversation with this id (deprecated)."""
    conversation_id = call.path["conversationId"]
    return ShownConversation(
        service.reading().find_by_id(_caller_of(service.behaviours, call), conversation_id), _OF_ONE
    )


def update_tags(service: Service, call: Call, kind: Kind) -> ShownConversation:
    """Replace the tags of the caller's conversation with those of the body."""
    with service.writing() as uow:
        copy = _copy_of(uow, call, kind)
        sent = tuple(call.body["tags"])
        return ShownConversation(uow.behaviours.update_tags(uow, copy, sent), _OF_ONE)


def reset_conversation(service: Service, call: Call, kind: Kind) -> Done:
    """Set the caller's unread count to 0."""
    with service.writing() as uow:
        copy = _copy_of(uow, call, kind, unseen=uow.behaviours.resets_unseen)
        forever = call.body.get("deleteMessagesPermanently", False)
        uow.behaviours.reset(uow, copy, forever)
    whose = f"with {copy.peer}" if kind == "user" else f"of {copy.peer}"
    return Done(f"The conversation {whose} is reset for {copy.owner}.")


def mark_read(service: Service, call: Call, kind: Kind) -> Done:
    """Mark messages as read for the caller."""
    with service.writing() as uow:
        copy = _copy_of(uow, call, kind)
        uow.behaviours.mark_read(uow, copy, uow.place_of(copy, call.body))
    return Done(f"{_messages_of(copy)} are read for {copy.owner}.")


def mark_delivered(service: Service, call: Call, kind: Kind) -> Done:
    """Mark messages as delivered to the caller."""
    with service.writing() as uow:
        copy = _copy_of(uow, call, kind)
        uow.behaviours.mark_delivered(uow, copy, uow.place_of(copy, call.body))
    return Done(f"{_messages_of(copy)} are delivered to {copy.owner}.")


def mark_unread(service: Service, call: Call, kind: Kind) -> MarkedUnread:
    """Mark messages as unread for the caller."""
    with service.writing() as uow:
        copy = _copy_of(uow, call, kind)
        uow.behaviours.mark_unread(uow, copy, uow.place_of(copy, call.body))
        # Here, since after the commit somebody may delete the conversation.
        marked = uow.find_copy(copy.owner, kind=copy.kind, peer=copy.peer)
    return MarkedUnread(f"{_messages_of(copy)} are unread for {copy.owner}.", marked)


def delete_by_id(service: Service, call: Call) -> Done:
    """Hide the conversation with this id from the caller (deprecated)."""
    caller, conversation_id = _caller_of(service.behaviours, call), call.path["conversationId"]
    with service.writing() as uow:
        named = uow.behaviours.parse_conversation_id(conversation_id, caller)
        if named is not None:
            kind, peer = named
            uow.lock(caller, kind=kind, peer=peer)
        copy = uow.find_by_id(caller, conversation_id)
        uow.behaviours.delete(uow, copy)
    name = service.behaviours.fold(conversation_id)
    return Done(f"The conversation {name} is deleted for {caller}.")


def _copy_of(
    uow: UnitOfWork, call: Call, kind: Kind, *, unseen: Callable[[Copy], bool] | None = None
) -> Copy:
    """Return the caller's copy, locked; a copy that is not seen must be accepted by `unseen`."""
    behaviours = uow.behaviours
    caller, peer = _caller_of(behaviours, call), _peer_of(behaviours, call, kind)
    uow.lock(caller, kind=kind, peer=peer)
    return uow.find_copy(caller, kind=kind, peer=peer, unseen=unseen)


def _messages_of(copy: Copy) -> str:
    return f"The messages {'from' if copy.kind == 'user' else 'in'} {copy.peer}"


def _for(kind: Kind, verb: Callable[[Service, Call, Kind], Any]) -> UseCase:
    return lambda service, call: verb(service, call, kind)


USE_CASES: dict[str, UseCase] = {
    "listConversations": list_conversations,
    "getConversation": get_by_id,
    "deleteConversation": delete_by_id,
    "getUserConversation": _for("user", get),
    "getGroupConversation": _for("group", get),
    "updateUserConversation": _for("user", update_tags),
    "updateGroupConversation": _for("group", update_tags),
    "resetUserConversation": _for("user", reset_conversation),
    "resetGroupConversation": _for("group", reset_conversation),
    "markUserConversationAsRead": _for("user", mark_read),
    "markGroupConversationAsRead": _for("group", mark_read),
    "markUserConversationAsDelivered": _for("user", mark_delivered),
    "markGroupConversationAsDelivered": _for("group", mark_delivered),
    "markUserConversationAsUnread": _for("user", mark_unread),
    "markGroupConversationAsUnread": _for("group", mark_unread),
}
