"""Conversations for a check: new ones, or existing ones where none may be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from duologue.contracts.context.conversation import ConversationContext, ConversationHandle
from duologue.contracts.context.existing_data import ExistingData
from duologue.contracts.errors import NotStaged


class ConversationsContext(ConversationContext, Protocol):
    """What is needed of the context that the conversations belong to."""

    @property
    def existing(self) -> ExistingData | None:
        """The existing conversations of a run that makes nothing."""


@dataclass(frozen=True, slots=True)
class Conversations:
    """Makes or finds the conversations of one context; ``kind`` is "user" or "group"."""

    context: ConversationsContext

    def unstarted(self, kind: str = "user") -> ConversationHandle:
        """Return two new users, or two members of a new group: nobody has written yet."""
        conversation = self._strangers(kind)
        self.context.clock.wait_out_lag()
        return conversation

    def new(self, kind: str = "user", *, unread: int = 0) -> ConversationHandle:
        """Return a new conversation that the caller began, with ``unread`` of the other."""
        return self._started(self._strangers(kind), unread)

    def any(self, kind: str = "user", *, unread: int = 0) -> ConversationHandle:
        """Return a conversation to read and mark: a new one, or an existing one.

        Raises NotStaged where no existing one has as many unread messages.
        """
        context = self.context
        if context.existing is None:
            return self.new(kind, unread=unread)
        found = context.existing.find(kind, unread=unread, client=context.client)
        return ConversationHandle(context, kind, found.caller, found.peer, found.peer, found=True)

    def beside(
        self, conversation: ConversationHandle, *, unread: int = 0
    ) -> ConversationHandle | None:
        """Return another conversation of the same caller and kind; None where none may be made."""
        context = self.context
        try:
            other = context.create.user("Beside")
        except NotStaged:
            return None
        is_group = conversation.kind == "group"
        peer = context.create.group(other, [conversation.caller]) if is_group else other
        handle = ConversationHandle(context, conversation.kind, conversation.caller, peer, other)
        return self._started(handle, unread)

    def _strangers(self, kind: str) -> ConversationHandle:
        create = self.context.create
        caller, other = create.user("Caller"), create.user("Other")
        peer = other if kind == "user" else create.group(other, [caller])
        return ConversationHandle(self.context, kind, caller, peer, other)

    def _started(self, conversation: ConversationHandle, unread: int) -> ConversationHandle:
        conversation.write()
        if unread:
            conversation.receive(unread)
        return conversation
