"""Conversations as each operation shows them, collected once for all clauses on properties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts.chat import KINDS, Chat, peer_of
from contracts.client import Call
from contracts.scene import Scene
from contracts.transport import Answer

PROPERTIES = {
    "conversationId",
    "conversationType",
    "unreadMessageCount",
    "lastMessage",
    "conversationWith",
    "createdAt",
    "updatedAt",
}


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One conversation as one operation showed it; ``peer`` is whom the caller asked for.

    ``found`` where it was there before the run.
    """

    place: str
    kind: str
    peer: str
    conversation: dict[str, Any]
    call: Call
    found: bool


def exhibits(scene: Scene) -> list[Exhibit]:
    """Conversations of both kinds, unread and read, from each operation that shows one."""
    return scene.once("exhibits", _collect)


def _collect(scene: Scene) -> list[Exhibit]:
    collected: list[Exhibit] = []
    for kind in KINDS:
        chat = scene.chat(kind, unread=2)
        got = _show(collected, chat, chat.operation("get"), chat.ask("get"))
        key = str(got.get("conversationId"))
        path = {"conversationId": key}
        by_id = scene.client.call("getConversation", caller=chat.caller, path=path)
        _show(collected, chat, "getConversation", by_id)
        _show_row(collected, chat)
        body = {"tags": (chat.tags() if chat.found else None) or []}
        _show(collected, chat, chat.operation("tag"), chat.ask("tag", body=body))
        chat.ask("read")
        _show(collected, chat, f"{chat.operation('get')} after read", chat.ask("get"))
    return collected


def _show(collected: list[Exhibit], chat: Chat, place: str, answer: Answer) -> dict[str, Any]:
    shown = answer.data if answer.ok and isinstance(answer.data, dict) else {}
    if PROPERTIES & shown.keys():
        call = chat.scene.client.calls[-1]
        collected.append(Exhibit(place, chat.kind, chat.peer, shown, call, chat.found))
    return shown


def _show_row(collected: list[Exhibit], chat: Chat) -> None:
    """The conversation's row; one that does not say with whom it is, where no other may be it."""
    rows = [row for row in chat.scene.rows(chat.caller) if isinstance(row, dict)]
    mine = [row for row in rows if peer_of(row) == (chat.kind, chat.peer)]
    nameless = [row for row in rows if peer_of(row) is None]
    for row in (mine or nameless)[:1]:
        call = chat.scene.client.calls[-1]
        collected.append(Exhibit("listConversations", chat.kind, chat.peer, row, call, chat.found))


def on_each(
    scene: Scene, title: str, holds: Callable[[Exhibit], bool], *, expected: str, name: str
) -> None:
    """Judges one property on each exhibit; one finding a cause."""
    for exhibit in exhibits(scene):
        with scene.case(f"{exhibit.place}, {exhibit.kind}"):
            scene.client.calls.append(exhibit.call)
            actual = exhibit.conversation.get(name, "nothing: the property is missing")
            scene.require(title, holds(exhibit), expected=expected, actual=actual)
