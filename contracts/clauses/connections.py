"""Heading "How conversations connect to other resources": users, groups and messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.chat import Chat, peer_of
from contracts.clause import clause
from contracts.clauses.marks import ids
from contracts.errors import NotReached
from contracts.scene import Scene
from contracts.stage import Message

SOURCE = "How conversations connect to other resources"
READING = ["listConversations", "getUserConversation", "getGroupConversation"]


@clause(SOURCE, operations=READING)
def conversation_with_is_the_other_user(scene: Scene) -> None:
    """In a 1-on-1, conversationWith holds the other user's details, for each of the two sides."""
    ana, bo = scene.user("Ana Silva 🌻"), scene.user("Bo Österberg")
    mine = Chat(scene, "user", ana, bo, bo)
    mine.write()
    for side, name in ((mine, "Bo Österberg"), (mine.other_side, "Ana Silva 🌻")):
        _is_named(scene, side, {"uid": side.peer, "name": name})


@clause(SOURCE, operations=READING)
def conversation_with_is_the_group(scene: Scene) -> None:
    """In a group, conversationWith holds the group's details, not a member's."""
    caller, other = scene.user("Ana"), scene.user("Bo")
    guid = scene.group(other, [caller], name="Sunday hikers ⛰")
    chat = Chat(scene, "group", caller, guid, other)
    chat.write()
    _is_named(scene, chat, {"guid": guid, "name": "Sunday hikers ⛰"})


def _is_named(scene: Scene, chat: Chat, wanted: dict[str, str]) -> None:
    """Broken unless the peer is who it should be, fetched and listed.

    NotReached where conversationWith names nobody: that it does is a clause of its own.
    """
    for place, probe in ((chat.operation("get"), chat.conversation), ("the list", chat.only_row)):
        with scene.case(place):
            scene.expect(
                "conversationWith",
                lambda probe=probe: _named(probe()),  # type: ignore[misc]  # bound early
                lambda got: {key: got.get(key) for key in wanted} == wanted,
                expected=str(wanted),
            )


def _named(conversation: dict[str, Any]) -> dict[str, Any]:
    peer = conversation.get("conversationWith")
    if peer_of(conversation) is None or not isinstance(peer, dict):
        raise NotReached(f"conversationWith names nobody: {peer!r}")
    if not isinstance(peer.get("name"), str):
        raise NotReached(f"conversationWith has no name: {peer!r}")
    return peer


def places(chat: Chat) -> list[tuple[str, Callable[[], Any]]]:
    """Where a conversation is read: its own GET, and its row in the caller's list."""
    return [(chat.operation("get"), chat.conversation), ("listConversations", chat.listed)]


@clause(SOURCE, operations=READING)
def last_message_is_the_newest(scene: Scene) -> None:
    """lastMessage is the most recent message of its conversation, whoever wrote it."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind)
        for say in (chat.receive, chat.write, chat.receive):
            message = say()
            scene.beside(chat)
            for place, probe in places(chat):
                with scene.case(place):
                    shows(scene, probe, message)

    scene.each_kind(check)


def shows(scene: Scene, probe: Callable[[], Any], message: Message) -> None:
    """Broken unless the conversation shows this message as the last."""
    wanted = (message.sender, message.text)
    scene.expect(
        "lastMessage after a new one",
        lambda: last(probe()),
        lambda got: got[0] in ids(message.id) and got[1:] == wanted,
        expected=f"id {message.id}, sender and text {wanted}",
    )


def last(conversation: Any) -> tuple[Any, Any, Any]:
    """The last message's id, sender and text, None for each where there is none.

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
        raise NotReached(f"lastMessage does not say what it is: {message!r}")
    return found
