"""Read what a clause looks at in conversations that were answered: ids, peers, last messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import peer_of
from duologue.contracts.context.expectations import Words, shown
from duologue.contracts.context.values import is_time, number_in
from duologue.contracts.errors import NotReached, NotStaged


def describe(row: Any) -> tuple[str, str]:
    """Return a row's kind and peer; raise NotReached where they cannot be read."""
    peer = peer_of(row)
    if peer is None:
        raise NotReached("a row does not say with whom the conversation is")
    return peer


def id_of(conversation: ConversationHandle) -> str:
    """Return the conversation's id as the target gives it; raise NotReached without one."""
    return id_in(conversation.view.fetch())


def id_in(conversation: dict[str, Any]) -> str:
    """Return a shown conversation's id; raise NotReached where it has none that could be used."""
    key = conversation.get("conversationId")
    if not isinstance(key, str) or not key:
        raise NotReached(f"the conversation has no id: {shown(key)}")
    return key


def by_id(context: CheckContext, caller: str, key: str) -> object:
    """Return what the deprecated GET shows under data, or the refusal in words."""
    answer = context.client.call("getConversation", caller=caller, path={"conversationId": key})
    return answer.data if answer.ok else Words(str(answer))


def places(conversation: ConversationHandle) -> list[tuple[str, Callable[[], Any]]]:
    """Return where a conversation is read: its own GET, and its row in the caller's list."""
    return [
        (conversation.operation("get"), conversation.view.fetch),
        ("listConversations", conversation.view.listed),
    ]


def last(conversation: Any) -> tuple[Any, Any, Any]:
    """Return the last message's id, sender and text, None for each where there is none.

    NotReached where there is one that lacks them: what it holds is a clause of its own.
    """
    if not isinstance(conversation, dict) or "lastMessage" not in conversation:
        return None, None, None
    message = conversation["lastMessage"]
    held = message if isinstance(message, dict) else {}
    data = held.get("data")
    text = data.get("text") if isinstance(data, dict) else None
    found = (held.get("id"), held.get("sender"), text)
    if None in found:
        raise NotReached(f"lastMessage does not say what it is: {shown(message)}")
    return found


def last_id(conversation: Any) -> Any:
    """Return the id of lastMessage, None where it cannot be read."""
    message = conversation.get("lastMessage") if isinstance(conversation, dict) else None
    return message.get("id") if isinstance(message, dict) else None


def must_show(conversation: Any, name: str) -> Any:
    """Return a property; raise NotStaged where it is not shown, so that nothing about it is held.

    That it is there is a clause of its own.
    """
    value = conversation.get(name) if isinstance(conversation, dict) else None
    if value is None:
        raise NotStaged(f"the target shows no {name}")
    return value


def time_in(conversation: Any, name: str) -> int:
    """Return a time in UNIX seconds; NotStaged where none is shown, NotReached for another form."""
    at = must_show(conversation, name)
    if not is_time(at):
        raise NotReached(f"{name} is no time in UNIX seconds: {shown(at)}")
    return at


def ids(message_id: str) -> tuple[str | int, ...]:
    """Return the forms a message id may come back in."""
    number = number_in(message_id)
    return (message_id,) if number is None else (message_id, number)
