"""Groups at the line of 300 members, made for the clauses that tell what happens there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from duologue.contracts.clauses.support.reading import places
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.errors import NotReached

MOST_MEMBERS = 300


@dataclass(frozen=True, slots=True)
class LargeGroup:
    """A group past the limit in which a message was sent; ``before`` that, by where it is read."""

    conversation: ConversationHandle
    before: dict[str, dict[str, Any]]


def crowd_of(context: CheckContext) -> list[str]:
    """The uids of 300 users, made once a run."""
    return context.run_fixture("people", lambda backstage: backstage.create.users(MOST_MEMBERS))


def full_group(context: CheckContext) -> ConversationHandle:
    """A member's view of a group of exactly 300, in which one message was sent."""
    people = crowd_of(context)
    guid = context.create.group(people[0], people[1:])
    conversation = ConversationHandle(context, "group", people[1], guid, people[0])
    conversation.write()
    return conversation


def crowded_group(context: CheckContext) -> LargeGroup:
    """A group that grew to 301, and a message that was sent in it a second later."""
    return context.run_fixture("crowded group", _overcrowd)


def _overcrowd(context: CheckContext) -> LargeGroup:
    conversation = full_group(context)
    conversation.receive(2)
    context.create.join(conversation.peer, [context.create.user("One too many")])
    context.clock.wait_out_lag()
    before = {place: _seen(probe) for place, probe in places(conversation)}
    context.clock.next_second()
    context.create.send(conversation.other, kind="group", to=conversation.peer)
    context.clock.wait_out_lag()
    return LargeGroup(conversation, before)


def _seen(probe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The conversation before the message; empty where it is not shown any more."""
    try:
        return probe()
    except NotReached:
        return {}
