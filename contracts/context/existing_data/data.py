"""The existing conversations of a run: which of them a check may use, and for what."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from duologue.contracts.context.existing_data.conversation import (
    ExistingConversation,
    change,
    count_in,
    look,
)
from duologue.contracts.context.existing_data.messages import MessageHistories, of_others
from duologue.contracts.context.existing_data.restoring import StateRestorer
from duologue.contracts.context.findings import Roles
from duologue.contracts.context.target_data import IdGenerator
from duologue.contracts.errors import ContractsError, NotStaged
from duologue.contracts.http.client import Client

RECEIPTS = ("deliveredAt", "readAt")
MOST_TRIED = 20  # conversations, for one whose messages are all read
NOTHING_NEW = "this run uses existing conversations: no user, group or message may be made"


@dataclass(slots=True)
class ExistingData:
    """Existing conversations only: tags and read state are restored when the check ends.

    Marks go to conversations that are read: there they tell nobody anything new, and can be undone.
    """

    conversations: tuple[ExistingConversation, ...]
    client: Client
    names: IdGenerator
    settle_s: float = 0.0
    sleep: Callable[[float], None] = time.sleep
    histories: MessageHistories = field(default_factory=MessageHistories)
    _used: list[tuple[ExistingConversation, dict[str, Any]]] = field(default_factory=list)

    def fresh_id(self) -> str:
        """Return an id that nobody has."""
        return self.names.fresh()

    @property
    def roles(self) -> Roles:
        """What the ids of this run stand for."""
        return self.names.roles

    def number_apart(self, word: str) -> None:
        """Count this check's ids from here on by themselves: the same ones in every run."""
        self.names = self.names.apart(word)

    def find(self, kind: str, *, unread: int, client: Client) -> ExistingConversation:
        """Return a conversation of that kind, with at least ``unread`` unread messages.

        These were read before, and are marked as unread for the check. Raises NotStaged where there
        is none among the first ones.
        """
        for one in self._of_kind(kind)[: MOST_TRIED if unread else None]:
            before = look(client, one)
            if before is None:
                continue
            if not unread:
                self._used.append((one, before))
                return one
            if count_in(before) == 0 and self._is_made_unread(one, before, unread):
                return one
        if not unread:
            raise NotStaged(f"no existing {kind} conversation is shown")
        raise NotStaged(
            f"no existing {kind} conversation has all messages of others delivered and read, and"
            f" {unread} of them: what is not would be marked for good"
        )

    def _of_kind(self, kind: str) -> list[ExistingConversation]:
        return [one for one in self.conversations if one.kind == kind]

    def _is_made_unread(
        self, one: ExistingConversation, before: dict[str, Any], wanted: int
    ) -> bool:
        """Mark the last messages of others as unread; return whether so many are.

        Only where all of them are known as delivered and read: marks give others no receipts then.
        """
        messages = self.histories.all_with(self.client, one, shown=before, receipts=RECEIPTS)
        places = of_others(messages or [], one)
        if messages is None or len(places) < wanted:
            return False
        named = messages[max(places[-wanted] - 1, 0)]
        self._used.append((one, before))
        change(self.client, "unread", one, {"messageId": named["id"]})
        seen = self._restorer(one).seen(lambda got: count_in(got) >= wanted)
        return count_in(seen) >= wanted

    def _restorer(self, one: ExistingConversation) -> StateRestorer:
        return StateRestorer(self.client, one, self.settle_s, self.sleep)

    def teardown(self) -> list[str]:
        """Restore tags and read state as far as the API can; return what still differs."""
        left: list[str] = []
        for one, before in reversed(self._used):
            try:
                left += self._restorer(one).restore(before)
            except NotStaged:
                pass  # a read-only run: what changed meanwhile is not its doing
            except ContractsError as cause:
                left.append(f"{one} ({cause})")
        self._used = []
        return left
