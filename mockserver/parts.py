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

from mockserver import clock, service, verbs
from mockserver.clock import Clock
from mockserver.desk import Desk
from mockserver.domain import ids, rules
from mockserver.domain.errors import Refusal
from mockserver.domain.model import Copy, Filters, Group, Kind, Member, Message, Shown, Sight, User
from mockserver.http import answers, inbound, showing
from mockserver.http.answers import Answer
from mockserver.service import Call, Done
from mockserver.store.listing import Criteria
from mockserver.store.store import Store
from mockserver.store.talk import Draft

Document = dict[str, Any]
Body = dict[str, Any]
Show = Callable[["Parts", Copy, Shown], Any]


@dataclass(frozen=True, slots=True)
class Parts(Criteria):
    """All parts; those that make up the list are inherited from `Criteria`."""

    # What the mock is driven by: the document, and what becomes of a call that departs from it.
    document: Callable[[str, Document], Document] = inbound.as_written
    admit: Callable[[str], None] = inbound.admit_all
    refuse: Callable[[Refusal, Call, Callable[[Call], Any]], Any] = inbound.refuse

    # Who may call, and whom.
    check_key: Callable[[str | None, frozenset[str]], None] = rules.check_key
    check_scope: Callable[[str | None, frozenset[str]], None] = rules.check_scope
    check_caller: Callable[[str, User | None], None] = rules.check_caller
    check_peer: Callable[..., None] = rules.check_peer
    check_party: Callable[..., None] = rules.check_party
    check_member: Callable[..., None] = rules.check_member
    is_party: Callable[[Sight], bool] = rules.is_party
    is_visible: Callable[[Copy], bool] = rules.is_visible
    resets_unseen: Callable[[Copy], bool] = rules.resets_unseen
    missing: Callable[[str, Kind, str], Copy] = rules.missing
    missing_by_id: Callable[[str, str], Copy] = rules.missing_by_id

    # How things are named.
    fold: Callable[[str], str] = ids.fold
    conversation_id: Callable[..., Any] = ids.conversation_id
    parse_conversation_id: Callable[[str, str], tuple[Kind, str] | None] = ids.parse_conversation_id

    # What a list is narrowed to; how each filter narrows it is among the criteria.
    filters_of: Callable[[dict[str, Any]], Filters] = service.filters_of

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
    mark_read: Callable[[Desk, Copy, int | None], None] = verbs.mark_read
    mark_delivered: Callable[[Desk, Copy, int | None], None] = verbs.mark_delivered
    mark_unread: Callable[[Desk, Copy, int | None], None] = verbs.mark_unread
    reset: Callable[[Desk, Copy, bool], None] = verbs.reset
    delete: Callable[[Desk, Copy], None] = verbs.delete
    update_tags: Callable[[Desk, Copy, tuple[str, ...]], Copy] = verbs.update_tags
    send: Callable[[Desk, Draft, Sight], Message] = verbs.send
    delete_message: Callable[..., Message] = verbs.delete_message
    join: Callable[..., None] = verbs.join
    kick: Callable[[Desk, str, str], None] = verbs.kick
    note_action: Callable[..., Message | None] = verbs.note_action
    deactivate: Callable[[Desk, User], None] = verbs.deactivate
    erase_user: Callable[[Desk, User], None] = verbs.erase_user
    erase_group: Callable[[Desk, Group], None] = verbs.erase_group

    # How each property is shown; ABSENT leaves it out.
    show_conversation_id: Show = showing.conversation_id
    show_conversation_type: Show = showing.conversation_type
    show_unread_message_count: Show = showing.unread_message_count
    show_last_message: Show = showing.last_message
    show_conversation_with: Show = showing.conversation_with
    show_created_at: Show = showing.created_at
    show_updated_at: Show = showing.updated_at
    show_tags: Show = showing.tags
    show_owner: Show = showing.owner
    show_conversation: Callable[[Parts, Copy, Shown], Any] = showing.conversation
    show_peer_tags: Callable[[Body, User | Group, Shown], Body] = showing.peer_tags
    show_user: Callable[[User], Body] = showing.user
    show_group: Callable[[Group], Body] = showing.group
    show_member: Callable[[Parts, Member], Body] = showing.member
    show_message: Callable[[Parts, Message, str], Any] = showing.message
    show_content: Callable[[Message], Body] = showing.content

    # What an answer is made of, and the last word on it.
    show_success: Callable[[str], Body] = answers.success
    show_done: Callable[[Parts, str, Done], Body] = answers.done
    show_unread_success: Callable[[Parts, Done], Body] = answers.unread_success
    show_envelope: Callable[[Any], Body] = answers.envelope
    show_pagination: Callable[..., Body] = answers.pagination
    show_refusal: Callable[[Refusal], Body] = answers.refusal
    status_of: Callable[[Refusal], int] = answers.status_of
    headers_of: Callable[[Refusal], dict[str, str]] = answers.headers_of
    finish: Callable[[str, Answer], Answer] = answers.finish
