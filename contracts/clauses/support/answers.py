"""The answers that show one conversation, and what they tell of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from duologue.contracts.clauses.support.reading import last_id
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import count_of, peer_of
from duologue.contracts.context.expectations import ABSENT
from duologue.contracts.errors import NotReached
from duologue.contracts.http.response import Response

Facts = dict[str, Any]
Probe = Callable[[], dict[str, Any]]


def further_places(conversation: ConversationHandle, key: str) -> list[tuple[str, Probe]]:
    """Return where else than by GET and in the list a conversation is shown: by id, by an update.

    Each raises NotReached where it is refused.
    """
    return [
        *by_id(conversation, key),
        (
            conversation.operation("tag"),
            lambda: _shown(conversation.ask("tag", body={"tags": ["same"]})),
        ),
    ]


def by_id(conversation: ConversationHandle, key: str) -> list[tuple[str, Probe]]:
    """Return how the caller reads the conversation by its id; nothing where the run may not."""
    client, path = conversation.context.client, {"conversationId": key}
    if not client.may_call("getConversation"):
        return []
    probe = partial(client.call, "getConversation", caller=conversation.caller, path=path)
    return [("getConversation", lambda: _shown(probe()))]


def _shown(answer: Response) -> dict[str, Any]:
    if not answer.ok or not isinstance(answer.data, dict):
        raise NotReached(f"the conversation was answered {answer}")
    return answer.data


def shown_by_unread(conversation: ConversationHandle) -> dict[str, Any] | None:
    """Mark as unread; return the conversation that the answer shows (readings B8a), if any."""
    data = conversation.do("unread").data
    shown = data.get("conversation") if isinstance(data, dict) else None
    return shown if isinstance(shown, dict) else None


def facts_of(conversation: dict[str, Any]) -> Facts:
    """Return what each answer has to tell alike, by property; without those that are not shown.

    The id of lastMessage is text, or ABSENT where there is no lastMessage.
    """
    peer = conversation.get("conversationWith")
    facts = {
        "unreadMessageCount": count_of(conversation),
        "lastMessage": str(last_id(conversation)) if "lastMessage" in conversation else ABSENT,
        "conversationWith": peer_of(conversation),
        "its name": peer.get("name") if isinstance(peer, dict) else None,
        **{
            name: conversation.get(name)
            for name in ("conversationId", "conversationType", "createdAt")
        },
    }
    return {name: value for name, value in facts.items() if value is not None}


def agree(told: Facts, wanted: Facts) -> bool:
    """Return whether what was told holds everything that is wanted."""
    return all(told.get(name) == value for name, value in wanted.items())
