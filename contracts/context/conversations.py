"""Conversations for a check: new ones, or existing ones where none may be made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from duologue.contracts.context.conversation import ConversationContext, ConversationHandle
from duologue.contracts.context.existing_data import ExistingData
from duologue.contracts.errors import NotStaged

UsersByKind = dict[str, list[tuple[str, ...]]]


class ConversationsContext(ConversationContext, Protocol):
    """What is needed of the context that the conversations belong to."""

    @property
    def existing(self) -> ExistingData | None:
        """The existing conversations of a run that makes nothing."""

    def run_fixture(self, name: str, make: Callable[[Any], str]) -> str:
        """Return the id that the run makes once under that name."""


@dataclass(slots=True)
class Conversations:
    """Makes or finds the conversations of one context; ``kind`` is "user" or "group".

    A run makes few users. Two conversations of one kind each have the same caller; who writes to a
    caller is a user of the whole run, at whose copies no check looks. One that looks at both sides
    takes a ``pair``.
    """

    context: ConversationsContext
    _callers: UsersByKind = field(default_factory=lambda: {"user": [], "group": []})
    _pairs: UsersByKind = field(default_factory=lambda: {"user": [], "group": []})

    def unstarted(self, kind: str = "user") -> ConversationHandle:
        """Return a caller and a user of the run, in a new group or not: nobody has written yet."""
        conversation = self._with(kind, self._caller(kind), self.shared_user("Other"))
        conversation.let_users_show()
        return conversation

    def unstarted_pair(self) -> ConversationHandle:
        """Return two new users who have not written to each other yet, to look at both sides."""
        conversation = self._pair("user")
        conversation.let_users_show()
        return conversation

    def new(self, kind: str = "user", *, unread: int = 0) -> ConversationHandle:
        """Return a new conversation with ``unread`` messages of the other.

        With none, it holds one of the caller: a conversation begins with a message.
        """
        conversation = self._with(kind, self._caller(kind), self.shared_user("Other"))
        return self._started(conversation, unread)

    def pair(self, kind: str = "user", *, unread: int = 0) -> ConversationHandle:
        """Return a new conversation like ``new``, of two new users: to look at both sides."""
        return self._started(self._pair(kind), unread)

    def any(self, kind: str = "user", *, unread: int = 0) -> ConversationHandle:
        """Return a new or an existing conversation to read, and with ``unread`` to mark.

        Of an existing one nothing may change for good. Raises NotStaged where there is none.
        """
        context = self.context
        if context.existing is None:
            return self.new(kind, unread=unread)
        found = context.existing.find(kind, unread=unread, client=context.client)
        return ConversationHandle(context, kind, found.caller, found.peer, found.peer, found=True)

    def beside(
        self, conversation: ConversationHandle, *, unread: int = 0
    ) -> ConversationHandle | None:
        """Return another conversation of the same caller and kind; None where none may be made.

        Without ``unread``, that of a group is in a group of the run: others write there.
        """
        try:
            other = self.shared_user("Beside")
        except NotStaged:
            return None
        if conversation.kind == "group" and not unread:
            return self._in_shared_group(conversation.caller, other)
        return self._started(self._with(conversation.kind, conversation.caller, other), unread)

    def shared_user(self, name: str) -> str:
        """Return the uid of a user of the whole run, made once under that name."""
        return self.context.run_fixture(f"user {name}", lambda run: str(run.create.user(name)))

    def _pair(self, kind: str) -> ConversationHandle:
        caller, other = self._users_without(kind, self._pairs, ("Caller", "Other"))
        return self._with(kind, caller, other)

    def _caller(self, kind: str) -> str:
        (caller,) = self._users_without(kind, self._callers, ("Caller",))
        return caller

    def _users_without(
        self, kind: str, used: UsersByKind, names: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Return the first users who have no conversation of this kind yet, else new ones."""
        other_kind = "group" if kind == "user" else "user"
        waiting = [users for users in used[other_kind] if users not in used[kind]]
        users = waiting[0] if waiting else tuple(map(self.context.create.user, names))
        used[kind].append(users)
        return users

    def _with(self, kind: str, caller: str, other: str) -> ConversationHandle:
        peer = other if kind == "user" else self.context.create.group(other, [caller])
        return ConversationHandle(self.context, kind, caller, peer, other)

    def _in_shared_group(self, caller: str, owner: str) -> ConversationHandle:
        """Return a new member's conversation in the group of the run that is ``owner``'s."""
        guid = self.context.run_fixture("group Beside", lambda run: str(run.create.group(owner)))
        self.context.create.join(guid, [caller])
        return self._started(ConversationHandle(self.context, "group", caller, guid, owner), 0)

    def _started(self, conversation: ConversationHandle, unread: int) -> ConversationHandle:
        if unread:
            conversation.receive(unread)
        else:
            conversation.write()
        return conversation
