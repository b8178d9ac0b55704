"""Faults of "How conversations connect": the other party of a conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from duologue.mockserver.domain.model import Copy
from duologue.mockserver.faults.combinators import (
    Body,
    alone,
    in_lists,
    of_groups,
    of_users,
    shown,
    valued,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.representations.serializers import ABSENT

PEER = "properties.conversation-with-is-an-object"
OTHER_USER = "connections.conversation-with-is-the-other-user"
GROUP = "connections.conversation-with-is-the-group"

Value = Callable[[Any, Copy], Any]


# --- conversationWith -----------------------------------------------------------------------------


def renamed(change: Callable[[Body, Copy], Any]) -> Value:
    """Change the name of the other party."""
    return lambda was, copy: {**was, "name": change(was, copy)}


def the_owner(was: Body, copy: Copy) -> Body:
    """Show the copy's owner in place of the other party."""
    return {**was, "uid": copy.owner}


def of_the_sender(was: Any, copy: Copy) -> Any:
    """Show the sender of the last message in place of the group."""
    last = copy.last_message
    return was if last is None else {**was, "guid": last.sender}


_PEER = (
    Fault(
        "peer-is-missing",
        PEER,
        "No conversation has a conversationWith.",
        valued("conversation_with", ABSENT),
    ),
    Fault(
        "peer-is-missing-in-lists",
        PEER,
        "Conversations in a list have no conversationWith.",
        valued("conversation_with", ABSENT, in_lists),
    ),
    Fault("peer-is-null", PEER, "conversationWith is null.", valued("conversation_with", None)),
    Fault(
        "peer-is-an-id",
        PEER,
        "conversationWith is the other party's id alone.",
        shown("conversation_with", lambda _, copy: copy.peer),
    ),
    Fault(
        "peer-is-a-list",
        PEER,
        "conversationWith is a list that holds the other party.",
        shown("conversation_with", lambda was, _: [was]),
    ),
    Fault(
        "peer-of-groups-is-empty",
        PEER,
        "conversationWith of a group's conversation is an object without details.",
        valued("conversation_with", {}, of_groups),
    ),
    Fault(
        "peer-has-no-name",
        PEER,
        "conversationWith has no name.",
        shown(
            "conversation_with",
            lambda was, _: {name: value for name, value in was.items() if name != "name"},
        ),
    ),
    Fault(
        "peer-has-a-number-as-name",
        PEER,
        "conversationWith.name is a number.",
        shown("conversation_with", renamed(lambda _, copy: copy.conversation)),
    ),
    Fault(
        "peer-is-the-owner",
        OTHER_USER,
        "conversationWith of a 1-on-1 is the caller, not the other user.",
        shown("conversation_with", the_owner, of_users),
    ),
    Fault(
        "peer-has-the-owners-id-as-name",
        OTHER_USER,
        "conversationWith of a 1-on-1 has the caller's uid as its name.",
        shown("conversation_with", renamed(lambda _, copy: copy.owner), of_users),
    ),
    Fault(
        "peer-has-its-id-as-name",
        OTHER_USER,
        "conversationWith of a 1-on-1 has the uid as its name.",
        shown("conversation_with", renamed(lambda was, _: was["uid"]), of_users),
    ),
    Fault(
        "peer-has-plain-letters-in-lists",
        OTHER_USER,
        "The other user's name loses all but plain letters in a list.",
        shown(
            "conversation_with",
            renamed(lambda was, _: was["name"].encode("ascii", "replace").decode()),
            lambda copy, how: in_lists(copy, how) and of_users(copy, how),
        ),
    ),
    Fault(
        "peer-of-groups-is-the-writer",
        GROUP,
        "conversationWith of a group's conversation has the id of the last sender.",
        shown("conversation_with", of_the_sender, of_groups),
    ),
    Fault(
        "peer-of-groups-has-its-id-as-name",
        GROUP,
        "conversationWith of a group's conversation has the guid as its name.",
        shown("conversation_with", renamed(lambda was, _: was["guid"]), of_groups),
    ),
    Fault(
        "peer-of-groups-is-named-after-the-writer",
        GROUP,
        "conversationWith of a group's conversation has the last writer's uid as its name.",
        shown(
            "conversation_with",
            renamed(
                lambda was, copy: copy.last_message.sender if copy.last_message else was["name"]
            ),
            lambda copy, how: of_groups(copy, how) and alone(copy, how),
        ),
    ),
)

FAULTS: tuple[Fault, ...] = _PEER
