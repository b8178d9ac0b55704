"""Faults of "Conversation properties": missing, malformed or wrong ids and types."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from duologue.mockserver.domain.model import Kind
from duologue.mockserver.faults.combinators import (
    Body,
    Change,
    done_as,
    in_lists,
    of_groups,
    of_users,
    replaced,
    shown,
    valued,
    with_own_state,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.representations.serializers import ABSENT

ID_TYPE = "properties.conversation-id-is-a-string"
ID_FORMAT = "properties.conversation-id-format"
ID_UNIQUE = "properties.conversation-id-is-unique"
TYPE = "properties.conversation-type"


# --- conversationId -------------------------------------------------------------------------------


def with_id_format(
    name: Callable[[Kind, str, str], str], read: Callable[[str, str], tuple[Kind, str] | None]
) -> Change:
    """Use another format for conversation ids, in answers and in paths."""
    return replaced(
        conversation_id=lambda kind, peer, *, owner: name(kind, peer, owner),
        parse_conversation_id=read,
    )


def _bare_user(text: str, _: str) -> tuple[Kind, str]:
    kind, _, guid = text.partition("_")
    return ("group", guid) if kind == "group" else ("user", text)


def _bare_group(text: str, _: str) -> tuple[Kind, str]:
    kind, _, uid = text.partition("_")
    return ("user", uid) if kind == "user" else ("group", text)


def _both_uids(text: str, caller: str) -> tuple[Kind, str] | None:
    if text.startswith("group_"):
        return "group", text.removeprefix("group_")
    peers = [uid for uid in text.split("_user_") if uid != caller]
    return ("user", peers[0]) if len(peers) == 1 else None


def _by_dash(text: str, _: str) -> tuple[Kind, str] | None:
    kind, _, peer = text.partition("-")
    return ("group", peer) if kind == "group" else ("user", peer)


def unstable_ids() -> Change:
    """Change the id each third time that a conversation is shown."""
    numbers = itertools.count(1)
    return shown(
        "conversation_id", lambda was, _: f"{was}_{n}" if (n := next(numbers)) % 3 == 0 else was
    )


def one_id_for_all_users(rows: list[Body]) -> list[Body]:
    """Show the id of the first 1-on-1 for all 1-on-1s of a list."""
    first = next((row["conversationId"] for row in rows if row["conversationType"] == "user"), "")
    return [
        row | {"conversationId": first} if row["conversationType"] == "user" else row
        for row in rows
    ]


_IDS = (
    Fault(
        "id-is-a-number",
        ID_TYPE,
        "conversationId is a number.",
        shown("conversation_id", lambda _, copy: copy.conversation),
    ),
    Fault(
        "id-is-missing",
        ID_TYPE,
        "No conversation has a conversationId.",
        valued("conversation_id", ABSENT),
    ),
    Fault(
        "id-is-missing-in-lists",
        ID_TYPE,
        "Conversations in a list have no conversationId.",
        valued("conversation_id", ABSENT, in_lists),
    ),
    Fault(
        "id-is-null-for-groups",
        ID_TYPE,
        "conversationId is null where the conversation is a group's.",
        valued("conversation_id", None, of_groups),
    ),
    Fault(
        "id-is-empty",
        ID_TYPE,
        "conversationId is an empty string.",
        valued("conversation_id", ""),
    ),
    Fault(
        "user-id-is-the-bare-uid",
        ID_FORMAT,
        "The id of a 1-on-1 is the other's uid, without user_ before it.",
        with_id_format(
            lambda kind, peer, _: peer if kind == "user" else f"group_{peer}", _bare_user
        ),
    ),
    Fault(
        "group-id-is-the-bare-guid",
        ID_FORMAT,
        "The id of a group's conversation is the guid, without group_ before it.",
        with_id_format(
            lambda kind, peer, _: peer if kind == "group" else f"user_{peer}", _bare_group
        ),
    ),
    Fault(
        "user-id-has-both-uids",
        ID_FORMAT,
        "The id of a 1-on-1 is made of both uids.",
        with_id_format(
            lambda kind, peer, owner: (
                f"group_{peer}" if kind == "group" else "_user_".join(sorted((owner, peer)))
            ),
            _both_uids,
        ),
    ),
    Fault(
        "id-has-a-dash",
        ID_FORMAT,
        "conversationId has a dash where it should have an underscore.",
        with_id_format(lambda kind, peer, _: f"{kind}-{peer}", _by_dash),
    ),
    Fault(
        "user-id-names-the-owner-in-lists",
        ID_FORMAT,
        "The id of a 1-on-1 in a list is made of the caller's own uid.",
        shown(
            "conversation_id",
            lambda _, copy: f"user_{copy.owner}",
            lambda copy, how: copy.kind == "user" and not how.single,
        ),
    ),
    Fault(
        "id-is-shared-by-all-users-in-lists",
        ID_UNIQUE,
        "All 1-on-1s of a list have the id of the first.",
        done_as(["listConversations"], one_id_for_all_users),
    ),
    Fault(
        "id-changes-now-and-then",
        ID_UNIQUE,
        "Each third time that a conversation is shown, it has another id.",
        with_own_state(unstable_ids),
    ),
)


# --- conversationType -----------------------------------------------------------------------------

_TYPES = (
    Fault(
        "type-is-missing",
        TYPE,
        "No conversation has a conversationType.",
        valued("conversation_type", ABSENT),
    ),
    Fault("type-is-null", TYPE, "conversationType is null.", valued("conversation_type", None)),
    Fault(
        "type-is-a-number",
        TYPE,
        "conversationType is 1 for a user and 2 for a group.",
        shown("conversation_type", lambda was, _: {"user": 1, "group": 2}[was]),
    ),
    Fault(
        "type-is-always-user",
        TYPE,
        "conversationType is user for a group's conversation, too.",
        valued("conversation_type", "user"),
    ),
    Fault(
        "type-is-in-capitals",
        TYPE,
        "conversationType is USER or GROUP.",
        shown("conversation_type", lambda was, _: was.upper()),
    ),
    Fault(
        "type-of-users-is-another-word",
        TYPE,
        "conversationType of a 1-on-1 is private.",
        valued("conversation_type", "private", of_users),
    ),
    Fault(
        "type-is-missing-in-lists",
        TYPE,
        "Conversations in a list have no conversationType.",
        valued("conversation_type", ABSENT, in_lists),
    ),
)


FAULTS: tuple[Fault, ...] = (*_IDS, *_TYPES)
