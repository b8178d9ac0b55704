"""Heading "How conversations connect to other resources": users, groups and messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from duologue.contracts.clause import Basis, clause
from duologue.contracts.clauses.support.answers import by_id
from duologue.contracts.clauses.support.pairs import brought_back, pair_of
from duologue.contracts.clauses.support.reading import id_of, ids, last, places
from duologue.contracts.clauses.support.seconds import a_second_later
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import peer_of
from duologue.contracts.context.expectations import shown
from duologue.contracts.context.target_data import SentMessage
from duologue.contracts.errors import NotReached
from duologue.contracts.escaping import as_json

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
    context.create.require_empty_lists()
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
        raise NotReached(f"conversationWith names no peer: {shown(peer)}")
    if not isinstance(peer.get("name"), str):
        raise NotReached(f"conversationWith has no name: {shown(peer)}")
    return peer


@clause(SOURCE, operations=READING)
def last_message_is_the_newest(context: CheckContext) -> None:
    """lastMessage is the most recent message of its conversation, whoever wrote it."""

    def check(context: CheckContext, kind: str) -> None:
        conversation = context.conversations.unstarted(kind)
        for number, say in enumerate(
            (conversation.receive, conversation.write, conversation.receive)
        ):
            message = say()
            if number == 0:  # not each time: a defect of every second message is seen
                context.conversations.beside(conversation)  # its message comes after this one
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
        expected=f"id {message.id}, sender and text {as_json(wanted)}",
    )


KEPT = ("sender", "receiver", "receiverType", "category", "type", "sentAt", "muid", "tags")
SHORT = 60
AS_SENT = {"category": "message", "type": "text"}  # see TargetData.send
LONG_TEXT = "First line\n\tand a second one, \N{SEEDLING} été <b>&amp;</b>. " * 20


@clause(
    "Readings C9", Basis.INFERRED, operations=[*READING, "getConversation"], slow=True, heavy=True
)
def last_message_is_whole(context: CheckContext) -> None:
    """lastMessage holds every field that the message had when it was sent, and its whole text.

    It is of the category and type that were sent, and names sender and receiver under entities.
    """
    with pair_of(context) as pair:

        def send(kind: str) -> dict[str, Any]:
            brought_back(context, pair[kind])
            return _sent_whole(context, pair[kind])

        sent = a_second_later(context, send)  # or sentAt might be the present time
        context.each_kind(lambda context, kind: _is_whole(context, pair[kind], sent(kind)))


def _sent_whole(context: CheckContext, conversation: ConversationHandle) -> dict[str, Any]:
    """Send a message with all fields; return what is to be seen of it, by field."""
    word = context.data.fresh_id()
    more = {
        "muid": word,
        "tags": ["pinned", "to do"],
        "data": {"text": f"{word} {LONG_TEXT}", "metadata": {"city": "Łódź", "seats": [1, 2]}},
    }
    receiver = conversation.caller if conversation.kind == "user" else conversation.peer
    message = context.create.send(
        conversation.other, kind=conversation.kind, to=receiver, more=more
    )
    conversation.let_show(message)
    kept = _kept_of(message.answered)
    return {
        **kept,
        **{name: value for name, value in AS_SENT.items() if name in kept},
        "id": message.id,
        "data.text": message.text,
        "data.entities": [["user", conversation.other], [conversation.kind, receiver]],
    }


def _is_whole(
    context: CheckContext, conversation: ConversationHandle, wanted: dict[str, Any]
) -> None:
    """Raise Broken unless lastMessage shows all that is wanted, wherever it is read."""
    for place, probe in [*places(conversation), *by_id(conversation, id_of(conversation))]:
        with context.case(place):
            context.expect.eventually(
                "what of lastMessage is not as it was sent",
                lambda probe=probe: _differing(probe(), wanted),  # type: ignore[misc]
                lambda differing: not differing,
                expected="nothing: each field that the message was sent with",
            )


def _differing(conversation: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what of lastMessage is shown otherwise than it was sent: both values, or absent."""
    told = _kept_of(conversation.get("lastMessage"))
    return {
        name: {"shown": _short(told[name]) if name in told else "absent", "sent": _short(value)}
        for name, value in wanted.items()
        if told.get(name) != value
    }


def _short(value: Any) -> Any:
    """Return a long text as its beginning and its length."""
    if not isinstance(value, str) or len(value) <= SHORT:
        return value
    return f"{value[:SHORT]}... ({len(value)} characters)"


def _entities_in(data: dict[str, Any]) -> list[Any] | None:
    """Return type and id of the sender and of the receiver; None where they are not named."""
    entities = data.get("entities")
    if not isinstance(entities, dict):
        return None
    named = [entities.get(role) for role in ("sender", "receiver")]
    return [_type_and_id(each) if isinstance(each, dict) else each for each in named]


def _type_and_id(named: dict[str, Any]) -> list[Any]:
    entity = named.get("entity")
    whole = entity if isinstance(entity, dict) else {}
    return [named.get("entityType"), whole.get("uid", whole.get("guid"))]


def _kept_of(message: Any) -> dict[str, Any]:
    """Return what a message keeps from when it was sent, by field; what it does not show is out."""
    told: dict[str, Any] = message if isinstance(message, dict) else {}
    data = told["data"] if isinstance(told.get("data"), dict) else {}
    kept = {name: told.get(name) for name in KEPT}
    kept |= {"id": str(told.get("id"))}
    kept |= {f"data.{name}": data.get(name) for name in ("text", "metadata")}
    kept |= {"data.entities": _entities_in(data)}
    return {name: value for name, value in kept.items() if value is not None}
