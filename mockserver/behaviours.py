"""The strategy table: the type of each behaviour that can be replaced. Types only.

`documented` has the default of each. Faults, conforming variants and the live dialect are made with
`dataclasses.replace(behaviours, name=other)` and in no other way, so the code that is replaced
never asks whether a fault is on. A behaviour gets everything it needs as arguments, the table
included.

The mock checks each answer as the behaviours of its dialect build it. Where a fault replaces some,
the answer is built a second time after that check, so that the defect reaches the client.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.engine import Connection

from duologue.mockserver.clock import Clock
from duologue.mockserver.domain.errors import Refusal
from duologue.mockserver.domain.model import (
    Copy,
    Filters,
    Group,
    Kind,
    LookupResult,
    Member,
    Message,
    Shown,
    User,
)
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.store.criteria import Criteria
from duologue.mockserver.store.lookup import Lookup
from duologue.mockserver.store.messages import Draft
from duologue.mockserver.store.store import Store
from duologue.mockserver.usecases.types import Call, Done, MarkedUnread

Document = dict[str, Any]
Body = dict[str, Any]
Show = Callable[["Behaviours", Copy, Shown], Any]


class UnitOfWork(Protocol):
    """What an effect works with: one transaction, the behaviours in force, the time.

    `usecases.unit_of_work` implements it.
    """

    @property
    def conn(self) -> Connection:
        """The transaction."""

    @property
    def behaviours(self) -> Behaviours:
        """The behaviours in force."""

    @property
    def lookup(self) -> Lookup:
        """The statements that find a caller, a peer and a copy."""

    @property
    def now(self) -> int:
        """The time, in UNIX seconds."""

    def with_behaviours(self, behaviours: Behaviours) -> UnitOfWork:
        """Return the same transaction with other behaviours."""

    def find_copy(
        self,
        caller: str,
        *,
        kind: Kind,
        peer: str,
        unseen: Callable[[Copy], bool] | None = None,
    ) -> Copy:
        """Return the caller's copy of the conversation with `peer`."""

    def find_by_id(self, caller: str, asked_for: str) -> Copy:
        """Return the caller's copy of the conversation with this id."""

    def place_of(self, copy: Copy, body: dict[str, Any]) -> int | None:
        """Return the place of the message that a body names; None where it names none."""

    def lock(self, caller: str, *, kind: Kind, peer: str) -> None:
        """Keep other writers from the conversation, if it exists, until the transaction ends."""

    def find_locked(self, caller: str, *, kind: Kind, peer: str) -> LookupResult:
        """Return caller, peer and copy, with other writers kept from their conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviours(Criteria):
    """All behaviours that can be replaced; `Criteria` has those that make up the list."""

    # What the mock is driven by: the document, and what becomes of a call that departs from it.
    document: Callable[[str, Document], Document]
    admit: Callable[[str], None]
    refuse: Callable[[Refusal, Call, Callable[[Call], Any]], Any]

    # Access: callers and peers.
    check_key: Callable[[str | None, frozenset[str]], None]
    check_scope: Callable[[str | None, frozenset[str]], None]
    check_caller: Callable[[str, User | None], None]
    check_peer: Callable[..., None]
    check_party: Callable[..., None]
    check_member: Callable[..., None]
    is_party: Callable[[LookupResult], bool]
    is_visible: Callable[[Copy], bool]
    resets_unseen: Callable[[Copy], bool]
    missing: Callable[[str, Kind, str], Copy]
    missing_by_id: Callable[[str, str], Copy]

    # How things are named.
    fold: Callable[[str], str]
    conversation_id: Callable[..., Any]
    parse_conversation_id: Callable[[str, str], tuple[Kind, str] | None]

    # What a list is narrowed to; how each filter narrows it is among the criteria.
    filters_of: Callable[[dict[str, Any]], Filters]

    # What time it is; where the state is read and written, and so when a write is seen.
    now: Callable[[Clock], int]
    reads_from: Callable[[Store], Connection]
    writes_to: Callable[[Store], AbstractContextManager[Connection]]

    # What a message moves.
    counts_message: Callable[[Kind, int], bool]
    moves_last_message: Callable[[Kind, int], bool]
    moves_updated_at: Callable[[Kind, int], bool]
    moved_to: Callable[[int, int], int]

    # How far a copy is read, and what it keeps.
    read_through: Callable[[Copy, int | None], int]
    unread_after: Callable[..., int]
    read_by_reset: Callable[[Copy], int]
    erases_messages: Callable[[Kind, bool], bool]
    hidden_by_delete: Callable[[Copy], int]
    kept_tags: Callable[[tuple[str, ...], tuple[str, ...]], tuple[str, ...]]
    shown_message: Callable[[Message | None], Message | None]

    # What the operations do, each once for users and groups.
    mark_read: Callable[[UnitOfWork, Copy, int | None], None]
    mark_delivered: Callable[[UnitOfWork, Copy, int | None], None]
    mark_unread: Callable[[UnitOfWork, Copy, int | None], None]
    reset: Callable[[UnitOfWork, Copy, bool], None]
    delete: Callable[[UnitOfWork, Copy], None]
    update_tags: Callable[[UnitOfWork, Copy, tuple[str, ...]], Copy]
    send: Callable[[UnitOfWork, Draft, LookupResult], Message]
    delete_message: Callable[..., Message]
    join: Callable[..., None]
    kick: Callable[[UnitOfWork, str, str], None]
    note_action: Callable[..., Message | None]
    deactivate: Callable[[UnitOfWork, User], None]
    erase_user: Callable[[UnitOfWork, User], None]
    erase_group: Callable[[UnitOfWork, Group], None]

    # How each property is shown; ABSENT leaves it out.
    show_conversation_id: Show
    show_conversation_type: Show
    show_unread_message_count: Show
    show_last_message: Show
    show_conversation_with: Show
    show_created_at: Show
    show_updated_at: Show
    show_tags: Show
    show_owner: Show
    show_conversation: Callable[[Behaviours, Copy, Shown], Any]
    show_peer_tags: Callable[[Body, User | Group, Shown], Body]
    show_user: Callable[[User], Body]
    show_group: Callable[[Group], Body]
    show_member: Callable[[Behaviours, Member], Body]
    show_message: Callable[[Behaviours, Message, str], Any]
    show_content: Callable[[Message], Body]

    # What an answer is made of, and the last word on it.
    show_success: Callable[[str], Body]
    show_done: Callable[[Behaviours, str, Done], Body]
    show_unread_success: Callable[[Behaviours, MarkedUnread], Body]
    show_envelope: Callable[[Any], Body]
    show_pagination: Callable[..., Body]
    show_refusal: Callable[[Refusal], Body]
    status_of: Callable[[Refusal], int]
    headers_of: Callable[[Refusal], dict[str, str]]
    finish: Callable[[str, ApiResponse], ApiResponse]
