"""The model of a conversation: what each party should be shown.

Where no document decides, the model keeps both: a message is unread, or may be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, repr=False)
class View:
    """A copy as its owner is shown it; ``tags`` None where they are not shown.

    A conversation that is refused has no view at all.
    """

    count: int
    last: str | None
    tags: tuple[str, ...] | None

    def __repr__(self) -> str:
        return in_words(str(self.count), self.last, self.tags)


def in_words(count: str, last: str | None, tags: tuple[str, ...] | None) -> str:
    """Return a copy in words."""
    shown = "" if tags is None else f", tags {list(tags)}"
    return f"{count} unread, {f'last message {last}' if last else 'no last message'}{shown}"


@dataclass(slots=True)
class ModelCopy:
    """One party's copy: messages that are unread and that may be; tags None if unknown."""

    is_there: bool = True
    unread: set[int] = field(default_factory=set)
    maybe: set[int] = field(default_factory=set)
    tags: tuple[str, ...] | None = ()
    since: int = 0

    def clear(self, through: int | None = None) -> None:
        """Mark everything as read, or everything up to and including one message."""
        for some in (self.unread, self.maybe):
            some -= {number for number in some if through is None or number <= through}

    def mark_uncertain(self, numbers: Iterable[int]) -> None:
        """Note messages that may or may not count from now on."""
        self.maybe |= set(numbers)
        self.unread -= set(numbers)

    @property
    def fewest(self) -> int:
        """Return how many are unread at least."""
        return len(self.unread)

    @property
    def most(self) -> int:
        """Return how many are unread at most."""
        return len(self.unread | self.maybe)


@dataclass(frozen=True, slots=True)
class ModelMessage:
    """A message: its id and its sender."""

    id: str
    sender: str


@dataclass(slots=True)
class ConversationModel:
    """One conversation between parties, as each of them should see it.

    Messages are numbered by their place in ``said``; ``unsent`` holds those deleted since.
    """

    copies: dict[str, ModelCopy]
    said: list[ModelMessage] = field(default_factory=list)
    unsent: set[int] = field(default_factory=set)

    def say(self, message: ModelMessage) -> None:
        """Add a message: unread for all but its sender; a deleted copy comes back."""
        self.said.append(message)
        for who, copy in self.copies.items():
            copy.is_there = True
            if who != message.sender:
                copy.unread.add(len(self.said) - 1)

    def of_others(self, who: str, *, after: int = -1) -> set[int]:
        """Return the messages of others after a number that are not deleted."""
        return {
            number
            for number in range(max(after + 1, self.copies[who].since), len(self.said))
            if self.said[number].sender != who and number not in self.unsent
        }

    def mark_unread(self, who: str) -> None:
        """Mark the newest message of others as unread, any other perhaps (readings B8)."""
        copy, others = self.copies[who], self.of_others(who)
        newest = max(others)
        copy.mark_uncertain((copy.unread | others) - {newest})
        copy.unread.add(newest)
        copy.maybe.discard(newest)

    def mark_unread_after(self, who: str, number: int) -> None:
        """Mark all of others after a message as unread; it itself and unread ones perhaps."""
        copy, after = self.copies[who], self.of_others(who, after=number)
        copy.mark_uncertain(copy.unread | (self.of_others(who) & {number}))
        copy.unread |= after
        copy.maybe -= after

    def reset(self, who: str) -> None:
        """Set the count to 0; the conversation stays; its tags may or may not (readings B9)."""
        copy = self.copies[who]
        copy.clear()
        if copy.tags:
            copy.tags = None
        copy.since = len(self.said)

    def unsend(self, number: int) -> None:
        """Delete a message; whether it still counts, no document says."""
        self.unsent.add(number)
        for copy in self.copies.values():
            copy.mark_uncertain(copy.unread & {number})

    def delete(self, who: str) -> None:
        """Remove the owner's copy; what it counts when it is back, no document says."""
        copy = self.copies[who]
        copy.is_there, copy.tags = False, None
        copy.mark_uncertain(copy.unread | self.of_others(who))
        copy.since = len(self.said)

    @property
    def last(self) -> str | None:
        """Return the id of the last message to be shown; None if the newest was deleted."""
        if not self.said or len(self.said) - 1 in self.unsent:
            return None
        return self.said[-1].id

    def agrees(self, who: str, seen: View | None) -> bool:
        """Return whether the model allows a view."""
        copy = self.copies[who]
        if seen is None or not copy.is_there:
            return seen is None and not copy.is_there
        tags_agree = (
            seen.tags is None or copy.tags is None or sorted(seen.tags) == sorted(copy.tags)
        )
        return copy.fewest <= seen.count <= copy.most and seen.last == self.last and tags_agree

    def settle(self, who: str, seen: View | None) -> None:
        """Take from a view what the model left open."""
        copy = self.copies[who]
        if seen is not None and seen.count == copy.fewest:
            copy.maybe.clear()
        elif seen is not None and seen.count == copy.most:
            copy.unread |= copy.maybe
            copy.maybe.clear()

    def expected(self, who: str) -> str:
        """Return in words what the owner should be shown."""
        copy = self.copies[who]
        if not copy.is_there:
            return "a refusal: it was deleted, and nobody wrote since"
        few, most = copy.fewest, copy.most
        count = str(few) if few == most else f"{few} to {most}"
        return in_words(count, self.last, copy.tags)


def initial_model(parties: Iterable[str]) -> ConversationModel:
    """Return the model of a conversation without messages."""
    return ConversationModel({who: ModelCopy() for who in parties})
