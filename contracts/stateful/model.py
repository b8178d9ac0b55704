"""The model of a conversation: what each party should be shown.

Where no document decides, the model keeps both: a message is unread, or may be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, repr=False)
class View:
    """A copy as the target shows it to its owner; ``tags`` is None if they are not shown.

    A conversation that is refused has no view at all.
    """

    count: int
    last: str | None
    tags: tuple[str, ...] | None

    def __repr__(self) -> str:
        return describe(str(self.count), self.last, self.tags)


def describe(count: str, last: str | None, tags: tuple[str, ...] | None) -> str:
    """Return the properties of a copy as text."""
    suffix = "" if tags is None else f", tags {list(tags)}"
    return f"{count} unread, {f'last message {last}' if last else 'no last message'}{suffix}"


@dataclass(slots=True)
class ModelCopy:
    """One party's copy of a conversation.

    Messages in ``unread`` count, those in ``uncertain`` may count. Only messages from
    ``first_number`` on can count again. ``tags`` is None if they are not known.
    """

    exists: bool = True
    unread: set[int] = field(default_factory=set)
    uncertain: set[int] = field(default_factory=set)
    tags: tuple[str, ...] | None = ()
    first_number: int = 0

    def clear(self, through: int | None = None) -> None:
        """Mark everything as read, or everything up to and including one message."""
        for numbers in (self.unread, self.uncertain):
            numbers -= {number for number in numbers if through is None or number <= through}

    def mark_uncertain(self, numbers: Iterable[int]) -> None:
        """Note messages that may or may not count from now on."""
        self.uncertain |= set(numbers)
        self.unread -= set(numbers)

    @property
    def fewest(self) -> int:
        """Return how many are unread at least."""
        return len(self.unread)

    @property
    def most(self) -> int:
        """Return how many are unread at most."""
        return len(self.unread | self.uncertain)


@dataclass(frozen=True, slots=True)
class ModelMessage:
    """A message: its id and its sender."""

    id: str
    sender: str


@dataclass(slots=True)
class ConversationModel:
    """One conversation between parties, as each of them should see it.

    Messages are numbered by their place in ``messages``; ``deleted`` holds those deleted since.
    """

    copies: dict[str, ModelCopy]
    messages: list[ModelMessage] = field(default_factory=list)
    deleted: set[int] = field(default_factory=set)

    def add_message(self, message: ModelMessage) -> None:
        """Add a message: unread for all but its sender; a deleted copy comes back."""
        self.messages.append(message)
        for party, copy in self.copies.items():
            copy.exists = True
            if party != message.sender:
                copy.unread.add(len(self.messages) - 1)

    def of_others(self, party: str, *, after: int = -1) -> set[int]:
        """Return the messages of others after a number that are not deleted."""
        return {
            number
            for number in range(max(after + 1, self.copies[party].first_number), len(self.messages))
            if self.messages[number].sender != party and number not in self.deleted
        }

    def mark_unread(self, party: str) -> None:
        """Mark the newest message of others as unread, any other perhaps (readings B8)."""
        copy, others = self.copies[party], self.of_others(party)
        newest = max(others)
        copy.mark_uncertain((copy.unread | others) - {newest})
        copy.unread.add(newest)
        copy.uncertain.discard(newest)

    def mark_unread_after(self, party: str, number: int) -> None:
        """Mark all of others after a message as unread; it itself and unread ones perhaps."""
        copy, after = self.copies[party], self.of_others(party, after=number)
        copy.mark_uncertain(copy.unread | (self.of_others(party) & {number}))
        copy.unread |= after
        copy.uncertain -= after

    def reset(self, party: str) -> None:
        """Set the count to 0; the conversation stays; its tags may or may not (readings B9)."""
        copy = self.copies[party]
        copy.clear()
        if copy.tags:
            copy.tags = None
        copy.first_number = len(self.messages)

    def delete_message(self, number: int) -> None:
        """Delete a message; whether it still counts, no document says."""
        self.deleted.add(number)
        for copy in self.copies.values():
            copy.mark_uncertain(copy.unread & {number})

    def delete_copy(self, party: str) -> None:
        """Remove the owner's copy; what it counts when it is back, no document says."""
        copy = self.copies[party]
        copy.exists, copy.tags = False, None
        copy.mark_uncertain(copy.unread | self.of_others(party))
        copy.first_number = len(self.messages)

    @property
    def last(self) -> str | None:
        """Return the id of the last message to be shown; None if the newest was deleted."""
        if not self.messages or len(self.messages) - 1 in self.deleted:
            return None
        return self.messages[-1].id

    def allows(self, party: str, view: View | None) -> bool:
        """Return whether the model allows a view."""
        copy = self.copies[party]
        if view is None or not copy.exists:
            return view is None and not copy.exists
        tags_agree = (
            view.tags is None or copy.tags is None or sorted(view.tags) == sorted(copy.tags)
        )
        return copy.fewest <= view.count <= copy.most and view.last == self.last and tags_agree

    def settle(self, party: str, view: View | None) -> None:
        """Resolve the uncertain messages if a view shows the fewest or the most."""
        copy = self.copies[party]
        if view is not None and view.count == copy.fewest:
            copy.uncertain.clear()
        elif view is not None and view.count == copy.most:
            copy.unread |= copy.uncertain
            copy.uncertain.clear()

    def expected(self, party: str) -> str:
        """Return as text what the owner should be shown."""
        copy = self.copies[party]
        if not copy.exists:
            return "a refusal: it was deleted and no message was sent since"
        fewest, most = copy.fewest, copy.most
        count = str(fewest) if fewest == most else f"{fewest} to {most}"
        return describe(count, self.last, copy.tags)


def initial_model(parties: Iterable[str]) -> ConversationModel:
    """Return the model of a conversation without messages."""
    return ConversationModel({party: ModelCopy() for party in parties})
