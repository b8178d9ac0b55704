"""One valid call of each operation that names a conversation, to be varied by a clause."""

from __future__ import annotations

from typing import Any

from duologue.contracts.clause import ALL_OPERATIONS
from duologue.contracts.clauses.support.reading import id_of
from duologue.contracts.clauses.support.shared_conversations import to_refuse
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation_view import KINDS, OPERATION
from duologue.contracts.errors import NotStaged

BODIES: dict[str, Any] = {"tag": {"tags": ["a"]}}

VERBS = ("get", "tag", "reset", "read", "delivered", "unread")

BY_ID = ("getConversation", "deleteConversation")
# What a target does all the same could not be undone on an existing conversation.
FOR_GOOD = ("resetUserConversation", "resetGroupConversation", "deleteConversation")

USER_OPERATIONS = tuple(OPERATION[verb, "user"] for verb in VERBS)

GROUP_OPERATIONS = tuple(OPERATION[verb, "group"] for verb in VERBS)

NAMING = tuple(name for name in ALL_OPERATIONS if name != "listConversations")


def unknown(context: CheckContext) -> str:
    """Return an id that nobody has."""
    return context.data.fresh_id()


def by_id_operations(context: CheckContext) -> list[str]:
    """Return the deprecated operations that the run calls: both, or none."""
    return [name for name in BY_ID if context.client.may_call(name)]


def every_call(context: CheckContext) -> list[tuple[str, dict[str, str], Any]]:
    """Return a valid call of each of the 14 operations that name a conversation: id, path, body.

    They name conversations that several clauses share: for calls that are to be refused. Existing
    ones are not named by resets and deletes: see ``all_were_called``. Deprecated operations that
    the run does not call are left out.
    """
    calls: list[tuple[str, dict[str, str], Any]] = []
    for kind in KINDS:
        conversation = to_refuse(context, kind)
        path = {"uid" if kind == "user" else "guid": conversation.peer}
        calls += [(OPERATION[verb, kind], path, BODIES.get(verb)) for verb in VERBS]
    key = id_of(conversation)
    calls += [(name, {"conversationId": key}, None) for name in by_id_operations(context)]
    return [call for call in calls if context.existing is None or call[0] not in FOR_GOOD]


def all_were_called(context: CheckContext) -> None:
    """Raise NotStaged where some calls were left out for the sake of existing conversations."""
    if context.existing is not None:
        raise NotStaged("resets and deletes are not tried on existing conversations")
