"""Pairs of a 1-on-1 and a group of one caller, used by one clause after another.

A clause that measures differences needs no conversation of its own: it takes an idle pair, or a new
one where all are in use, and gives it back. So a run makes few, whatever the number of clauses.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.errors import NotReached

Pair = dict[str, ConversationHandle]  # by kind
MOST_PAIRS = 4


@dataclass(slots=True)
class Pairs:
    """The pairs of a run, made in a context that lasts as long."""

    context: CheckContext
    _idle: list[Pair] = field(default_factory=list)
    _slots: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(MOST_PAIRS))
    _making: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def one(self) -> Iterator[Pair]:
        """Yield a pair that nobody else uses meanwhile; wait for one where all are in use."""
        with self._slots:
            try:
                pair = self._idle.pop()
            except IndexError:
                pair = self._make()
            try:
                yield pair
            finally:
                self._idle.append(pair)

    def _make(self) -> Pair:
        """Return a new pair; one at a time, so that the last call is the one that failed."""
        with self._making:
            try:
                return self._made()
            except NotReached as failure:
                self.context.client.explain(failure)
                raise

    def _made(self) -> Pair:
        create = self.context.create
        caller, other = create.user("Caller"), self.context.conversations.shared_user("Other")
        peers = {"user": other, "group": create.group(other, [caller])}
        return {
            kind: ConversationHandle(self.context, kind, caller, peer, other)
            for kind, peer in peers.items()
        }


@contextmanager
def pair_of(context: CheckContext) -> Iterator[Pair]:
    """Yield a pair for this context alone: its findings show its own calls."""
    with context.run_fixture("pairs", Pairs).one() as pair:
        yield {kind: replace(conversation, context=context) for kind, conversation in pair.items()}


def each_of_a_pair(
    context: CheckContext, check: Callable[[CheckContext, ConversationHandle], None]
) -> None:
    """Check a 1-on-1 and a group of one pair, each as a case of its own.

    A conversation that has left the caller's view is brought back with a message of the other. How
    much is unread before, and which tags are set, is not known.
    """
    with pair_of(context) as pair:
        context.each(
            {
                kind: partial(_started, context, conversation, check)
                for kind, conversation in pair.items()
            }
        )


def each_to_tag(
    context: CheckContext, check: Callable[[CheckContext, ConversationHandle], None]
) -> None:
    """Check the tags of a 1-on-1 and a group: those of a pair, or existing ones."""
    if context.existing is None:
        each_of_a_pair(context, check)
    else:
        context.each_kind(lambda context, kind: check(context, context.conversations.any(kind)))


def _started(
    context: CheckContext,
    conversation: ConversationHandle,
    check: Callable[[CheckContext, ConversationHandle], None],
) -> None:
    brought_back(context, conversation)
    check(context, conversation)


def brought_back(context: CheckContext, conversation: ConversationHandle) -> None:
    """Send a message of the other where the conversation has left the caller's view."""
    # On a target whose writes show late, what is shown may be gone in a moment.
    if context.clock.lag_s or not conversation.ask("get").ok:
        conversation.receive()
