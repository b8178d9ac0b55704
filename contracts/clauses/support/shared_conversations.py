"""Conversations that several clauses share, since they only read them or are refused them."""

from __future__ import annotations

from dataclasses import replace

from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import KINDS

Handles = dict[str, list[ConversationHandle]]


def to_read(context: CheckContext, kind: str) -> list[ConversationHandle]:
    """Return two conversations of one caller that no clause changes, made once a run.

    One existing conversation where none may be made. Both kinds have the same caller.
    """
    if context.existing is not None:
        return [context.conversations.any(kind)]
    made = context.run_fixture("conversations to read", _make_two_of_each)
    return [replace(each, context=context) for each in made[kind]]


def _make_two_of_each(context: CheckContext) -> Handles:
    made: Handles = {}
    for kind in KINDS:
        conversation = context.conversations.new(kind)
        beside = context.conversations.beside(conversation, unread=1)
        made[kind] = [conversation, *([beside] if beside else [])]
    return made


def to_refuse(context: CheckContext, kind: str = "user") -> ConversationHandle:
    """Return a conversation for calls that are to be refused, made once a run.

    What a target does all the same may change it, so no clause judges its state.
    """
    if context.existing is not None:
        return context.conversations.any(kind)
    made = context.run_fixture("conversations to refuse", _make_one_of_each)
    return replace(made[kind][0], context=context)


def _make_one_of_each(context: CheckContext) -> Handles:
    return {kind: [context.conversations.new(kind)] for kind in KINDS}
