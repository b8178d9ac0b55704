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
from duologue.contracts.context.existing_data.messages import messages_of, of_others
from duologue.contracts.context.existing_data.restoring import StateRestorer
from duologue.contracts.context.findings import Roles
from duologue.contracts.context.target_data import IdGenerator
from duologue.contracts.errors import ContractsError, NotStaged
from duologue.contracts.http.client import Client

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

    def find(
        self, kind: str, *, unread: int, client: Client, is_delivered: bool = False
    ) -> ExistingConversation:
        """Return a conversation of that kind, with at least ``unread`` unread messages.

        These were read before, and are marked as unread for the check; with ``is_delivered`` they
        are known as delivered, too. Raises NotStaged where there is none.
        """
        for one in self.conversations:
            before = look(client, one) if one.kind == kind else None
            if before is None:
                continue
            if not unread:
                self._used.append((one, before))
                return one
            if count_in(before) == 0 and self._is_made_unread(
                one, before, unread, is_delivered=is_delivered
            ):
                return one
        if not unread:
            raise NotStaged(f"no existing {kind} conversation is shown")
        marked = "read and delivered" if is_delivered else "read"
        raise NotStaged(
            f"no existing {kind} conversation holds {unread} messages of others that are {marked}:"
            " those that are not would be marked for good"
        )

    def _is_made_unread(
        self, one: ExistingConversation, before: dict[str, Any], wanted: int, *, is_delivered: bool
    ) -> bool:
        """Mark the last messages of others as unread; return whether so many are."""
        messages = messages_of(self.client, one)
        places = of_others(messages, one)
        is_known = all(messages[place].get("deliveredAt") for place in places)
        if len(places) < wanted or (is_delivered and not is_known):
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
