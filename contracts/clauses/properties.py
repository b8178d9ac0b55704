"""Heading "Conversation properties": each property's type, format and meaning, wherever shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from duologue.contracts.clause import Basis, clause
from duologue.contracts.clauses.support.reading import id_in, id_of, places, time_in
from duologue.contracts.clauses.support.samples import Sample, on_each, samples, samples_of
from duologue.contracts.clauses.support.seconds import a_second_later
from duologue.contracts.clauses.support.shared_conversations import to_read
from duologue.contracts.clauses.support.steps import counts, counts_exactly
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import KINDS, count_of
from duologue.contracts.context.existing_data import NOTHING_NEW
from duologue.contracts.context.expectations import shown
from duologue.contracts.context.target_data import SentMessage
from duologue.contracts.context.values import is_time, is_whole
from duologue.contracts.errors import NotReached, NotStaged
from duologue.contracts.http.client import deprecated_operations
from duologue.contracts.http.response import Response

SOURCE = "Conversation properties"
SHOWING = [
    "listConversations",
    "getConversation",
    "getUserConversation",
    "getGroupConversation",
    "updateUserConversation",
    "updateGroupConversation",
]
READING = ["listConversations", "getUserConversation", "getGroupConversation"]
NEAR_S = 60
COUNTED = ((1, 1), (2, 3))  # how many messages more, and how many in all: counts.py goes on


@clause(SOURCE, operations=SHOWING)
def conversation_id_is_a_string(context: CheckContext) -> None:
    """conversationId is there and is a string that is not empty."""
    name = "conversationId"
    on_each(
        context,
        f"{name}'s type",
        lambda each: isinstance(each.conversation.get(name), str) and bool(each.conversation[name]),
        expected="a string, not empty",
        name=name,
    )


@clause(SOURCE, operations=SHOWING)
def conversation_id_format(context: CheckContext) -> None:
    """conversationId is user_ with the other user's uid, or group_ with the guid."""
    name = "conversationId"
    for kind in KINDS:
        on_each(
            context,
            f"{name}'s form",
            lambda each, kind=kind: each.conversation[name] == f"{kind}_{each.peer}",  # type: ignore[misc]
            expected=f"{kind}_ and the peer's id",
            name=name,
            where=lambda each, kind=kind: (  # type: ignore[misc]
                each.kind == kind and isinstance(each.conversation.get(name), str)
            ),
        )


@clause(SOURCE, operations=READING)
def conversation_id_is_unique(context: CheckContext) -> None:
    """No two conversations of a caller share an id, and one keeps its id from read to read."""
    if context.existing is not None:
        raise NotStaged(NOTHING_NEW)
    conversations = [each for kind in KINDS for each in to_read(context, kind)]
    context.expect.eventually(
        "the ids in one list",
        lambda: [id_in(conversation.view.listed()) for conversation in conversations],
        lambda listed: len(set(listed)) == len(listed),
        expected="all different",
    )
    for conversation in conversations:
        first = id_of(conversation)
        for place, probe in places(conversation):
            with context.case(place):
                context.expect.equal(
                    "conversationId read again",
                    lambda probe=probe: id_in(probe()),  # type: ignore[misc]  # bound early
                    first,
                )


@clause(SOURCE, operations=SHOWING)
def conversation_type(context: CheckContext) -> None:
    """conversationType is user for a 1-on-1 and group for a group."""
    name = "conversationType"
    for kind in KINDS:
        on_each(
            context,
            name,
            lambda each, kind=kind: each.conversation.get(name) == kind,  # type: ignore[misc]
            expected=shown(kind),
            name=name,
            where=lambda each, kind=kind: each.kind == kind,  # type: ignore[misc]
        )


@clause(SOURCE, operations=SHOWING)
def unread_message_count_is_an_integer(context: CheckContext) -> None:
    """unreadMessageCount is there and is an integer, 0 or more."""
    name = "unreadMessageCount"
    on_each(
        context,
        f"{name}'s type",
        lambda each: is_whole(each.conversation.get(name)) and each.conversation[name] >= 0,
        expected="an integer, 0 or more",
        name=name,
    )


@clause(SOURCE, operations=READING)
def unread_message_count_counts(context: CheckContext) -> None:
    """Each message of another that the caller has not read adds one to unreadMessageCount."""

    def check(context: CheckContext, kind: str) -> None:
        conversation = context.conversations.new(kind)
        before = conversation.view.count()
        for more, total in COUNTED:
            conversation.receive(more)
            for place, probe in places(conversation):
                with context.case(place):
                    context.expect.equal(
                        f"the unread count after {total} messages of another",
                        lambda probe=probe: count_of(probe()),  # type: ignore[misc]  # bound early
                        before + total,
                    )
        context.conversations.beside(conversation, unread=1)
        context.expect.stays(
            "the unread count after one in another", conversation.view.count, before + total
        )

    context.each_kind(check)
    with context.case("each of three members"):
        _counts_for_all(context)


def _counts_for_all(context: CheckContext) -> None:
    """Raise Broken unless what one member writes counts for each of the others."""
    writer = context.conversations.shared_user("Other")
    others = [context.create.user(name) for name in ("Ana", "Bo")]
    guid = context.create.group(writer, others)
    conversations = [ConversationHandle(context, "group", uid, guid, writer) for uid in others]
    ConversationHandle(context, "group", writer, guid, others[0]).write()
    before = [conversation.view.count() for conversation in conversations]
    conversations[0].receive()
    for conversation, count in zip(conversations, before, strict=True):
        context.expect.equal(
            "the unread count after one more message", conversation.view.count, count + 1
        )


@clause(SOURCE, Basis.INFERRED, operations=SHOWING)
def looking_reads_nothing(context: CheckContext) -> None:
    """Fetching, listing and tagging a conversation leave its unread messages unread."""

    def check(context: CheckContext, kind: str) -> None:
        conversation = context.conversations.new(kind)
        key = str(conversation.view.fetch().get("conversationId"))
        looks: dict[str, Callable[[], Any]] = {
            conversation.operation("get"): lambda: conversation.ask("get"),
            "getConversation": lambda: context.client.call(
                "getConversation", caller=conversation.caller, path={"conversationId": key}
            ),
            "listConversations": conversation.view.row,
            conversation.operation("tag"): lambda: conversation.ask("tag", body={"tags": ["seen"]}),
        }
        looks = {name: look for name, look in looks.items() if context.client.may_call(name)}
        unseen: list[NotReached] = []
        conversation.receive()
        for name, look in looks.items():
            before = counts(context, conversation, at_least=1)
            try:
                _must_look(name, look)
            except NotReached as failure:  # that it is answered is another clause's matter
                context.client.explain(failure)
                unseen += [] if name in deprecated_operations() else [failure]
                continue
            with context.case(name):
                context.expect.stays(
                    "the unread count after a look", conversation.view.count, before
                )

        if unseen:
            raise unseen[0]

    context.each_kind(check)


def _must_look(name: str, look: Callable[[], Any]) -> None:
    """Look at a conversation; raise NotReached where it is not shown."""
    looked = look()
    if looked is None or (isinstance(looked, Response) and not looked.ok):
        raise NotReached(f"{name} was answered {looked or 'without the row'}")


@clause("Readings B4", Basis.INFERRED, operations=READING)
def own_messages_never_count(context: CheckContext) -> None:
    """What the caller writes is not unread for the caller, and reads nothing of the others."""

    def check(context: CheckContext, kind: str) -> None:
        conversation = context.conversations.unstarted(
            kind
        )  # the other begins: no own message may spoil the first count
        conversation.receive()
        count = counts(context, conversation, at_least=1)
        _stays_with_own(context, conversation, count)
        conversation.receive()
        counts_exactly(context, conversation, count + 1)
        _stays_with_own(context, conversation, count + 1)

    context.each_kind(check)


def _stays_with_own(context: CheckContext, conversation: ConversationHandle, count: int) -> None:
    """Raise Broken unless a message of the caller leaves the unread count."""
    conversation.write()
    context.expect.stays("the unread count after own messages", conversation.view.count, count)


@clause(SOURCE, operations=SHOWING)
def last_message_is_an_object(context: CheckContext) -> None:
    """lastMessage is an object with the message's details: id, sender, receiver, time, data.

    In a conversation that was there before, it may be absent: its last message may be deleted.
    """
    name = "lastMessage"
    if all(each.found and name not in each.conversation for each in samples(context)):
        raise NotStaged("the existing conversations show no lastMessage")
    on_each(
        context,
        name,
        lambda each: (
            (each.found and name not in each.conversation)
            or is_message(each.conversation.get(name))
        ),
        expected=f"an object with {', '.join(DETAILS)}, of their types",
        name=name,
    )


DETAILS = ("id", "sender", "receiver", "receiverType", "sentAt", "data")


def is_message(value: Any) -> bool:
    """Return whether a value is a message, with its details of their types."""
    return (
        isinstance(value, dict)
        and all(value.get(detail) is not None for detail in DETAILS)
        and all(isinstance(value[name], str) for name in ("sender", "receiver"))
        and value["receiverType"] in KINDS
        and isinstance(value["id"], (str, int))
        and isinstance(value["data"], dict)
        and is_time(value["sentAt"])
    )


@clause(SOURCE, operations=SHOWING)
def conversation_with_is_an_object(context: CheckContext) -> None:
    """conversationWith is an object that names the peer by id and by name."""
    name = "conversationWith"
    keys = {"user": "uid", "group": "guid"}
    on_each(
        context,
        name,
        lambda each: (
            isinstance(each.conversation.get(name), dict)
            and isinstance(each.conversation[name].get(keys[each.kind]), str)
            and isinstance(each.conversation[name].get("name"), str)
        ),
        expected="an object with uid or guid, and name, as strings",
        name=name,
    )


@clause(SOURCE, operations=SHOWING)
def created_at_is_unix_seconds(context: CheckContext) -> None:
    """createdAt is an integer of UNIX seconds: when the conversation was created."""
    name = "createdAt"
    on_each(
        context,
        f"{name}'s type",
        lambda each: is_time(each.conversation.get(name)),
        expected="an integer of UNIX seconds",
        name=name,
    )
    conversation = context.conversations.unstarted()
    sent = conversation.write().sent_at
    context.expect.eventually(
        "createdAt of a conversation that began with a message now",
        lambda: time_in(conversation.view.fetch(), name),
        lambda at: abs(at - sent) <= NEAR_S,
        expected=f"about {sent}, the time of its first message",
    )


@clause(SOURCE, operations=READING, slow=True)
def created_at_stays(context: CheckContext) -> None:
    """createdAt does not change, whatever happens in the conversation later."""

    def begin(kind: str) -> tuple[ConversationHandle, int]:
        conversation = context.conversations.new(kind, unread=1)
        return conversation, time_in(conversation.view.fetch(), "createdAt")

    begun = a_second_later(context, begin)

    def check(context: CheckContext, kind: str) -> None:
        conversation, before = begun(kind)
        conversation.receive()
        with suppress(NotReached):  # a gateway may refuse a method
            conversation.ask("read")
            conversation.ask("tag", body={"tags": ["later"]})
        for place, probe in places(conversation):
            with context.case(place):
                context.expect.stays(
                    "createdAt after a later message, read and tags",
                    lambda probe=probe: time_in(probe(), "createdAt"),  # type: ignore[misc]
                    before,
                )

    context.each_kind(check)


@clause(SOURCE, operations=SHOWING)
def updated_at_is_unix_seconds(context: CheckContext) -> None:
    """updatedAt is an integer of UNIX seconds."""
    name = "updatedAt"
    on_each(
        context,
        f"{name}'s type",
        lambda each: is_time(each.conversation.get(name)),
        expected="an integer of UNIX seconds",
        name=name,
    )


def is_early(conversation: dict[str, Any]) -> bool:
    """Return whether updatedAt lies before createdAt or before the shown message was sent."""
    updated = conversation.get("updatedAt")
    message = conversation.get("lastMessage")
    sent = message.get("sentAt") if isinstance(message, dict) else None
    earlier = [at for at in (conversation.get("createdAt"), sent) if is_time(at)]
    return is_time(updated) and any(at > updated for at in earlier)


@clause(SOURCE, operations=READING, slow=True)
def updated_at_moves_with_messages(context: CheckContext) -> None:
    """updatedAt moves on with each message, and is never before the last one, or what it was.

    Neither a mark, an update, a reset nor the deletion of a message sets it back.
    """
    if context.existing is not None:
        _is_never_early(context, samples(context))
    made = {kind: context.conversations.unstarted(kind) for kind in KINDS}
    oldest = {kind: conversation.write() for kind, conversation in made.items()}

    def look(context: CheckContext, kind: str) -> None:
        _is_never_early(context, samples_of(made[kind]))

    def mark_and_delete(context: CheckContext, kind: str) -> None:
        _never_goes_back(context, made[kind], older=oldest[kind])

    # It is looked at a second after a message, which came a second after the conversation began.
    _each_moves(context, made, ConversationHandle.receive)
    _each_moves(context, made, ConversationHandle.write, before=look)
    context.each_kind(mark_and_delete)


def _each_moves(
    context: CheckContext,
    made: Mapping[str, ConversationHandle],
    say: Callable[[ConversationHandle], SentMessage],
    *,
    before: Callable[[CheckContext, str], None] = lambda _, __: None,
) -> None:
    """Raise Broken unless a message in the next second moves updatedAt of each kind.

    ``before`` is done in that second, before the message.
    """
    earlier = {kind: conversation.view.fetch() for kind, conversation in made.items()}
    context.clock.next_second()
    context.each_kind(before)
    context.each_kind(lambda context, kind: _moves(context, made[kind], earlier[kind], say))


def _is_never_early(context: CheckContext, shown: Sequence[Sample]) -> None:
    """Raise Broken where updatedAt lies before createdAt or before the message that is shown."""
    name = "updatedAt"
    on_each(
        context,
        f"{name} beside createdAt and lastMessage.sentAt",
        lambda each: not is_early(each.conversation),
        expected="neither before createdAt nor before lastMessage.sentAt",
        name=name,
        where=lambda each: is_time(each.conversation.get(name)),
        of=shown,
    )


def _moves(
    context: CheckContext,
    conversation: ConversationHandle,
    earlier: dict[str, Any],
    say: Callable[[ConversationHandle], SentMessage],
) -> None:
    """Raise Broken unless updatedAt is later than it was, wherever it is shown, after a message."""
    before, sent = time_in(earlier, "updatedAt"), say(conversation).sent_at
    for place, probe in places(conversation):
        with context.case(place):
            _has_moved(context, probe, sent=sent, before=before)


def _never_goes_back(
    context: CheckContext, conversation: ConversationHandle, *, older: SentMessage
) -> None:
    """Raise Broken where a mark, an update, a reset or a deletion sets updatedAt back."""
    newest = conversation.receive()
    steps: list[tuple[str, Callable[[], object]]] = [
        *((verb, partial(conversation.ask, verb)) for verb in ("delivered", "read", "unread")),
        ("tag", partial(conversation.ask, "tag", body={"tags": ["later"]})),
        ("an older message was deleted", partial(context.create.unsend, older)),
        ("the newest was deleted", partial(context.create.unsend, newest)),
        ("reset", partial(conversation.ask, "reset")),
    ]
    for name, step in steps:
        moved = time_in(conversation.view.fetch(), "updatedAt")
        step()
        for place, probe in places(conversation):
            if name == "reset" and conversation.view.row() is None:
                break  # where it hides the conversation (readings B9), there is nothing to see
            with context.case(f"{place} after {name}"):
                context.expect.eventually(
                    "updatedAt",
                    lambda probe=probe: time_in(probe(), "updatedAt"),  # type: ignore[misc]
                    lambda at, moved=moved: at >= moved,  # type: ignore[misc]
                    expected=f"{moved} or later",
                )


def _has_moved(context: CheckContext, probe: Callable[[], Any], *, sent: int, before: int) -> None:
    context.expect.eventually(
        "updatedAt after a new message",
        lambda: time_in(probe(), "updatedAt"),
        lambda at: at >= sent and at > before,
        expected=f"{sent} or later, and later than {before}",
    )


@clause(SOURCE, Basis.INFERRED, operations=READING, slow=True)
def updated_at_rests(context: CheckContext) -> None:
    """updatedAt stays while nothing happens in a conversation, whatever happens in others."""
    conversations = {kind: context.conversations.new(kind, unread=1) for kind in KINDS}
    context.clock.wait_out_lag()
    before = {
        (kind, place): context.expect.precondition(
            f"updatedAt, {place}",
            lambda probe=probe: time_in(probe(), "updatedAt"),  # type: ignore[misc]  # bound early
            is_time,
            expected="UNIX seconds",
        )
        for kind, conversation in conversations.items()
        for place, probe in places(conversation)
    }
    context.clock.next_second()
    for conversation in conversations.values():
        context.conversations.beside(conversation)  # begins with a message

    def check(context: CheckContext, kind: str) -> None:
        for place, probe in places(conversations[kind]):
            with context.case(place):
                context.expect.stays(
                    "updatedAt a second later",
                    lambda probe=probe: time_in(probe(), "updatedAt"),  # type: ignore[misc]
                    before[kind, place],
                )

    context.each_kind(check)
