"""Heading "How conversations connect to other resources": users, groups and messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.chat import Chat
from contracts.clause import clause
from contracts.clauses.marks import ids
from contracts.scene import Scene

SOURCE = "How conversations connect to other resources"
READING = ["listConversations", "getUserConversation", "getGroupConversation"]


@clause(SOURCE, operations=READING)
def conversation_with_is_the_other_user(scene: Scene) -> None:
    """In a 1-on-1, conversationWith holds the other user's details, for each of the two sides."""
    ana, bo = scene.user("Ana Silva 🌻"), scene.user("Bo Österberg")
    mine = Chat(scene, "user", ana, bo, bo)
    mine.write()
    for side, name in ((mine, "Bo Österberg"), (mine.other_side, "Ana Silva 🌻")):
        wanted = {"uid": side.peer, "name": name}
        for place, probe in places(side):
            with scene.case(place):
                _is_named(scene, probe, wanted)


@clause(SOURCE, operations=READING)
def conversation_with_is_the_group(scene: Scene) -> None:
    """In a group, conversationWith holds the group's details, not a member's."""
    caller, other = scene.user("Ana"), scene.user("Bo")
    guid = scene.group(other, [caller], name="Sunday hikers ⛰")
    chat = Chat(scene, "group", caller, guid, other)
    chat.write()
    for place, probe in places(chat):
        with scene.case(place):
            _is_named(scene, probe, {"guid": guid, "name": "Sunday hikers ⛰"})


def _is_named(scene: Scene, probe: Callable[[], Any], wanted: dict[str, str]) -> None:
    scene.expect(
        "conversationWith",
        lambda: (probe() or {}).get("conversationWith"),
        lambda got: isinstance(got, dict) and {k: got.get(k) for k in wanted} == wanted,
        expected=str(wanted),
    )


def places(chat: Chat) -> list[tuple[str, Callable[[], Any]]]:
    """Where a conversation is read: its own GET, and its row in the caller's list."""
    return [(chat.operation("get"), chat.conversation), ("listConversations", chat.listed)]


@clause(SOURCE, operations=READING)
def last_message_is_the_newest(scene: Scene) -> None:
    """lastMessage is the most recent message, whoever wrote it: after each new one."""

    def check(scene: Scene, kind: str) -> None:
        chat = scene.fresh_chat(kind)
        for say in (chat.receive, chat.write):
            message = say()
            wanted = (message.sender, message.text)
            for place, probe in places(chat):
                with scene.case(place):
                    scene.expect(
                        "lastMessage after a new one",
                        lambda probe=probe: last(probe()),  # type: ignore[misc]  # bound early
                        lambda got, m=message, w=wanted: got[0] in ids(m.id) and got[1:] == w,  # type: ignore[misc]
                        expected=f"id {message.id}, sender and text {wanted}",
                    )

    scene.each_kind(check)


def last(conversation: Any) -> tuple[Any, Any, Any]:
    """The last message's id, sender and text; None for what is not there."""
    message = conversation.get("lastMessage") if isinstance(conversation, dict) else None
    if not isinstance(message, dict):
        return None, None, None
    data = message.get("data")
    return (
        message.get("id"),
        message.get("sender"),
        data.get("text") if isinstance(data, dict) else None,
    )
