"""Every replaceable piece of the mock, with its healthy form.

Faults, conforming variants and dialects are made by `dataclasses.replace(parts, name=other)` and
by nothing else, so the healthy code never asks whether it is broken. A part gets what it needs as
arguments, the other parts included, and its replacement may do with it what it likes.

The mock checks its own answers as the parts of its dialect word them; parts that a fault replaces
word the answer anew after that check, so that what is broken reaches the client.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection

from duologue.mockserver import clock
from duologue.mockserver.clock import Clock
from duologue.mockserver.domain import ids, rules
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
from duologue.mockserver.http import request_parser, responses, serializers
from duologue.mockserver.http.responses import ApiResponse
from duologue.mockserver.store.listing import Criteria
from duologue.mockserver.store.messages import Draft
from duologue.mockserver.store.store import Store
from duologue.mockserver.usecases import conversations, effects
from duologue.mockserver.usecases.conversations import Call, Done
from duologue.mockserver.usecases.unit_of_work import UnitOfWork

Document = dict[str, Any]
Body = dict[str, Any]
Show = Callable[["Behaviours", Copy, Shown], Any]


@dataclass(frozen=True, slots=True)
class Behaviours(Criteria):
    """All parts; those that make up the list are inherited from `Criteria`."""

    # What the mock is driven by: the document, and what becomes of a call that departs from it.
    document: Callable[[str, Document], Document] = request_parser.as_written
    admit: Callable[[str], None] = request_parser.admit_all
    refuse: Callable[[Refusal, Call, Callable[[Call], Any]], Any] = request_parser.refuse

    # Who may call, and whom.
    check_key: Callable[[str | None, frozenset[str]], None] = rules.check_key
    check_scope: Callable[[str | None, frozenset[str]], None] = rules.check_scope
    check_caller: Callable[[str, User | None], None] = rules.check_caller
    check_peer: Callable[..., None] = rules.check_peer
    check_party: Callable[..., None] = rules.check_party
    check_member: Callable[..., None] = rules.check_member
    is_party: Callable[[LookupResult], bool] = rules.is_party
    is_visible: Callable[[Copy], bool] = rules.is_visible
    resets_unseen: Callable[[Copy], bool] = rules.resets_unseen
    missing: Callable[[str, Kind, str], Copy] = rules.missing
    missing_by_id: Callable[[str, str], Copy] = rules.missing_by_id

    # How things are named.
    fold: Callable[[str], str] = ids.fold
    conversation_id: Callable[..., Any] = ids.conversation_id
    parse_conversation_id: Callable[[str, str], tuple[Kind, str] | None] = ids.parse_conversation_id

    # What a list is narrowed to; how each filter narrows it is among the criteria.
    filters_of: Callable[[dict[str, Any]], Filters] = conversations.filters_of

    # What time it is; where the state is read and written, and so when a write is seen.
    now: Callable[[Clock], int] = clock.read
    reads_from: Callable[[Store], Connection] = Store.reading
    writes_to: Callable[[Store], AbstractContextManager[Connection]] = Store.writing

    # What a message moves.
    counts_message: Callable[[Kind, int], bool] = rules.counts_message
    moves_last_message: Callable[[Kind, int], bool] = rules.moves_last_message
    moves_updated_at: Callable[[Kind, int], bool] = rules.moves_updated_at
    moved_to: Callable[[int, int], int] = rules.moved_to

    # How far a copy is read, and what it keeps.
    read_through: Callable[[Copy, int | None], int] = rules.read_through
    unread_after: Callable[..., int] = rules.unread_after
    read_by_reset: Callable[[Copy], int] = rules.read_by_reset
    erases_messages: Callable[[Kind, bool], bool] = rules.erases_messages
    hidden_by_delete: Callable[[Copy], int] = rules.hidden_by_delete
    kept_tags: Callable[[tuple[str, ...], tuple[str, ...]], tuple[str, ...]] = rules.kept_tags
    shown_message: Callable[[Message | None], Message | None] = rules.shown_message

    # What the verbs do, each once for users and groups.
    mark_read: Callable[[UnitOfWork, Copy, int | None], None] = effects.mark_read
    mark_delivered: Callable[[UnitOfWork, Copy, int | None], None] = effects.mark_delivered
    mark_unread: Callable[[UnitOfWork, Copy, int | None], None] = effects.mark_unread
    reset: Callable[[UnitOfWork, Copy, bool], None] = effects.reset
    delete: Callable[[UnitOfWork, Copy], None] = effects.delete
    update_tags: Callable[[UnitOfWork, Copy, tuple[str, ...]], Copy] = effects.update_tags
    send: Callable[[UnitOfWork, Draft, LookupResult], Message] = effects.send
    delete_message: Callable[..., Message] = effects.delete_message
    join: Callable[..., None] = effects.join
    kick: Callable[[UnitOfWork, str, str], None] = effects.kick
    note_action: Callable[..., Message | None] = effects.note_action
    deactivate: Callable[[UnitOfWork, User], None] = effects.deactivate
    erase_user: Callable[[UnitOfWork, User], None] = effects.erase_user
    erase_group: Callable[[UnitOfWork, Group], None] = effects.erase_group

    # How each property is shown; ABSENT leaves it out.
    show_conversation_id: Show = serializers.conversation_id
    show_conversation_type: Show = serializers.conversation_type
    show_unread_message_count: Show = serializers.unread_message_count
    show_last_message: Show = serializers.last_message
    show_conversation_with: Show = serializers.conversation_with
    show_created_at: Show = serializers.created_at
    show_updated_at: Show = serializers.updated_at
    show_tags: Show = serializers.tags
    show_owner: Show = serializers.owner
    show_conversation: Callable[[Behaviours, Copy, Shown], Any] = serializers.conversation
    show_peer_tags: Callable[[Body, User | Group, Shown], Body] = serializers.peer_tags
    show_user: Callable[[User], Body] = serializers.user
    show_group: Callable[[Group], Body] = serializers.group
    show_member: Callable[[Behaviours, Member], Body] = serializers.member
    show_message: Callable[[Behaviours, Message, str], Any] = serializers.message
    show_content: Callable[[Message], Body] = serializers.content

    # What an answer is made of, and the last word on it.
    show_success: Callable[[str], Body] = responses.success
    show_done: Callable[[Behaviours, str, Done], Body] = responses.done
    show_unread_success: Callable[[Behaviours, Done], Body] = responses.unread_success
    show_envelope: Callable[[Any], Body] = responses.envelope
    show_pagination: Callable[..., Body] = responses.pagination
    show_refusal: Callable[[Refusal], Body] = responses.refusal
    status_of: Callable[[Refusal], int] = responses.status_of
    headers_of: Callable[[Refusal], dict[str, str]] = responses.headers_of
    finish: Callable[[str, ApiResponse], ApiResponse] = responses.finish
