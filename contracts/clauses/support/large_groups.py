"""Groups of 300 and 301 members, for the clauses on the 300-member limit."""

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
    conversation.receive(2)
    context.create.join(conversation.peer, [context.create.user("One too many")])
    context.clock.wait_out_lag()
    before = {place: _seen(probe) for place, probe in places(conversation)}
    context.clock.next_second()
    context.create.send(conversation.other, kind="group", to=conversation.peer)
    context.clock.wait_out_lag()
    return LargeGroup(conversation, before)


def _seen(probe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the conversation before the message; empty where it is not shown any more."""
    try:
        return probe()
    except NotReached:
        return {}
