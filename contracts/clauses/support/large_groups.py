"""Groups of 300 and 301 members, for the clauses on the 300-member limit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from duologue.contracts.clauses.support.answers import by_id
from duologue.contracts.clauses.support.reading import id_of, places
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.errors import NotReached

MOST_MEMBERS = 300


Place = tuple[str, str]  # whose copy, and where it is read


@dataclass(frozen=True, slots=True)
class LargeGroup:
    """A group past the limit in which a message was sent; ``before`` that, by place.

    ``sides`` are the copies of members who stand for all; the first is read by the
    conversation's id, too.
    """

    sides: dict[str, ConversationHandle]
    before: dict[Place, dict[str, Any]]

    def probes(self, context: CheckContext) -> list[tuple[Place, Callable[[], dict[str, Any]]]]:
        """Return how each place is read, for another context: its findings show its own calls."""
        return _probes({who: replace(side, context=context) for who, side in self.sides.items()})


def many_users(context: CheckContext) -> list[str]:
    """Return the uids of 300 users, made once a run."""
    return context.run_fixture("people", lambda run_context: run_context.create.users(MOST_MEMBERS))


def group_at_limit(context: CheckContext) -> ConversationHandle:
    """Return a member's view of a group of exactly 300, in which one message was sent."""
    people = many_users(context)
    guid = context.create.group(people[0], people[1:])
    conversation = ConversationHandle(context, "group", people[1], guid, people[0])
    conversation.write()
    return conversation


def group_over_limit(context: CheckContext) -> LargeGroup:
    """Return a group that grew to 301, and a message that was sent in it a second later."""
    return context.run_fixture("crowded group", _make_group_over_limit)


def _make_group_over_limit(context: CheckContext) -> LargeGroup:
    conversation = group_at_limit(context)
    conversation.receive()
    extra, middle = context.create.user("One too many"), many_users(context)[MOST_MEMBERS // 2]
    context.create.join(conversation.peer, [extra])
    sides = {
        "a member": conversation,
        "the sender": replace(conversation, caller=conversation.other, other=conversation.caller),
        "a member in the middle": replace(conversation, caller=middle),
        "the last member": replace(conversation, caller=extra),
    }
    context.clock.wait_out_lag()
    before = {place: _seen(probe) for place, probe in _probes(sides)}
    context.clock.next_second()
    context.create.send(conversation.other, kind="group", to=conversation.peer)
    context.clock.wait_out_lag()
    return LargeGroup(sides, before)


def _probes(
    sides: dict[str, ConversationHandle],
) -> list[tuple[Place, Callable[[], dict[str, Any]]]]:
    who, first = next(iter(sides.items()))
    probes: list[tuple[Place, Callable[[], dict[str, Any]]]] = [
        ((name, place), probe) for name, side in sides.items() for place, probe in places(side)
    ]
    with suppress(NotReached):  # the deprecated GET may be missing
        probes += [((who, place), probe) for place, probe in by_id(first, id_of(first))]
    return probes


def _seen(probe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the conversation before the message; empty where it is not shown any more."""
    try:
        return probe()
    except NotReached:
        return {}
