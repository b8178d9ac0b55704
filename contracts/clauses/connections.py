"""Heading "How conversations connect to other resources": users, groups and messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from duologue.contracts.clause import clause
from duologue.contracts.clauses.support.reading import ids, last, places
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import peer_of
from duologue.contracts.context.expectations import shown
from duologue.contracts.context.target_data import SentMessage
from duologue.contracts.errors import NotReached

SOURCE = "How conversations connect to other resources"
READING = ["listConversations", "getUserConversation", "getGroupConversation"]


@clause(SOURCE, operations=READING)
def conversation_with_is_the_other_user(context: CheckContext) -> None:
    """In a 1-on-1, conversationWith holds the other user's details, for each of the two sides."""
    ana, bo = context.create.user("Ana Silva 🌻"), context.create.user("Bo Österberg")
    mine = ConversationHandle(context, "user", ana, bo, bo)
    mine.write()
    for side, name in ((mine, "Bo Österberg"), (mine.other_side, "Ana Silva 🌻")):
        _is_named(context, side, {"uid": side.peer, "name": name})


@clause(SOURCE, operations=READING)
def conversation_with_is_the_group(context: CheckContext) -> None:
    """In a group, conversationWith holds the group's details, not a member's."""
    caller, other = context.create.user("Ana"), context.create.user("Bo")
    guid = context.create.group(other, [caller], name="Sunday hikers ⛰")
    conversation = ConversationHandle(context, "group", caller, guid, other)
    conversation.write()
    _is_named(context, conversation, {"guid": guid, "name": "Sunday hikers ⛰"})


def _is_named(
    context: CheckContext, conversation: ConversationHandle, wanted: dict[str, str]
) -> None:
    """Raise Broken unless the peer is who it should be, fetched and listed.

    NotReached where conversationWith names no peer: that it does is a clause of its own.
    """
    for place, probe in (
        (conversation.operation("get"), conversation.view.fetch),
        ("the list", conversation.view.only_row),
    ):
        with context.case(place):
            context.expect.eventually(
                "conversationWith",
                lambda probe=probe: _named(probe()),  # type: ignore[misc]  # bound early
                lambda got: {key: got.get(key) for key in wanted} == wanted,
                expected=shown(wanted),
            )


def _named(conversation: dict[str, Any]) -> dict[str, Any]:
    peer = conversation.get("conversationWith")
    if peer_of(conversation) is None or not isinstance(peer, dict):
        raise NotReached(f"conversationWith names no peer: {peer!r}")
    if not isinstance(peer.get("name"), str):
        raise NotReached(f"conversationWith has no name: {peer!r}")
    return peer


@clause(SOURCE, operations=READING)
def last_message_is_the_newest(context: CheckContext) -> None:
    """lastMessage is the most recent message of its conversation, whoever wrote it."""

    def check(context: CheckContext, kind: str) -> None:
        conversation = context.conversations.new(kind)
        beside = context.conversations.beside(conversation)
        for say in (conversation.receive, conversation.write, conversation.receive):
            message = say()
            if beside:
                beside.write()
            for place, probe in places(conversation):
                with context.case(place):
                    shows(context, probe, message)

    context.each_kind(check)


def shows(context: CheckContext, probe: Callable[[], Any], message: SentMessage) -> None:
    """Raise Broken unless the conversation shows this message as the last."""
    wanted = (message.sender, message.text)
    context.expect.eventually(
        "lastMessage after a new one",
        lambda: last(probe()),
        lambda got: got[0] in ids(message.id) and got[1:] == wanted,
        expected=f"id {message.id}, sender and text {wanted}",
    )
