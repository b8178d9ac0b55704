"""Heading "Key behaviors": birth, the 300-member limit, tags, and when lastMessage is absent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from duologue.contracts.clause import Basis, clause
from duologue.contracts.clauses.support.large_groups import group_at_limit, group_over_limit
from duologue.contracts.clauses.support.pairs import each_of_a_pair, each_to_tag
from duologue.contracts.clauses.support.reading import ids, last, must_show, places, time_in
from duologue.contracts.clauses.support.steps import refused
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import count_of
from duologue.contracts.context.expectations import ABSENT, shown
from duologue.contracts.context.limits import WORDS, limits, many
from duologue.contracts.context.target_data import SentMessage
from duologue.contracts.context.values import holds_just
from duologue.contracts.errors import Broken, NotReached
from duologue.contracts.escaping import as_json

SOURCE = "Key behaviors"
READING = ["listConversations", "getUserConversation", "getGroupConversation"]
TAGGING = ["updateUserConversation", "updateGroupConversation"]
MARKING = [
    f"mark{kind}ConversationAs{mark}"
    for kind in ("User", "Group")
    for mark in ("Delivered", "Read", "Unread")
]


@clause(SOURCE, operations=["getUserConversation", "listConversations"])
def user_conversation_starts_with_a_message(context: CheckContext) -> None:
    """A 1-on-1 conversation is there for both sides from the first message, and not before."""
    conversation = context.conversations.unstarted_pair()
    for side in (conversation, conversation.other_side):
        context.expect.that(
            "fetching a conversation before the first message",
            not (early := side.ask("get")).ok,
            expected="no conversation",
            actual=early,
        )
        context.expect.that(
            "its row", side.view.row() is None, expected="none", actual="a row in the list"
        )
    conversation.write()
    for side in (conversation, conversation.other_side):
        is_there(context, side)


def is_there(context: CheckContext, side: ConversationHandle) -> None:
    """Raise Broken unless the conversation is fetched and listed, whatever the answers hold."""
    context.expect.eventually(
        "fetching a conversation after the first message",
        lambda: side.ask("get"),
        lambda got: not 400 <= got.status < 500 and side.view.owns(side.view.shown_in(got)),
        expected=f"200 with the conversation with {side.peer}",
    )
    context.expect.eventually(
        "its row in the list after the first message",
        side.view.row,
        lambda row: row is not None,
        expected=f"the conversation with {side.peer}",
    )


@clause(SOURCE, operations=["getGroupConversation", "listConversations"])
def group_conversation_starts_with_a_message(context: CheckContext) -> None:
    """From its first message a group's conversation is there for each member."""
    writer, second, third = (context.create.user(name) for name in ("Ana", "Bo", "Cleo"))
    guid = context.create.group(writer, [second, third])
    conversations = [
        ConversationHandle(context, "group", uid, guid, writer) for uid in (writer, second, third)
    ]
    conversations[0].write()
    for side in conversations:
        is_there(context, side)


# -- more than 300 members --------------------------------------------------------------------


@clause(SOURCE, operations=["getGroupConversation"], slow=True)
def full_group_still_counts(context: CheckContext) -> None:
    """In a group of exactly 300 members a message moves all it should, be it 300 again or still.

    Again, after a message that was sent while they were 301.
    """
    conversation, small = group_at_limit(context), context.conversations.new("group")
    context.expect.eventually(
        "fetching the conversation of 300 members after a message",
        lambda: conversation.ask("get"),
        lambda got: not 400 <= got.status < 500,
        expected="200 with the conversation",
    )
    context.clock.next_second()
    try:
        _moves(context, small)
        _moves(context, small, is_later=False)
    except Broken as broken:
        raise NotReached(f"in a group of two: {broken}") from broken
    with context.case("300 members"):
        _moves(context, conversation)
    extra = context.conversations.shared_user("Beside")
    context.create.join(conversation.peer, [extra])
    context.create.send(conversation.other, kind="group", to=conversation.peer)
    context.create.kick(conversation.peer, extra)
    context.clock.wait_out_lag()
    with context.case("300 members again"):
        _moves(context, conversation, is_later=False)


def _moves(
    context: CheckContext, conversation: ConversationHandle, *, is_later: bool = True
) -> None:
    """Raise Broken unless a message moves count, lastMessage and, where later, updatedAt."""
    before = conversation.view.fetch()
    message = conversation.receive()
    count = count_of(before) + 1
    context.expect.equal("the unread count", conversation.view.count, count)
    context.expect.eventually(
        "the id of lastMessage",
        lambda: last(conversation.view.fetch())[0],
        lambda got: got in ids(message.id),
        expected=message.id,
    )
    if is_later:
        earlier = time_in(before, "updatedAt")
        context.expect.eventually(
            "updatedAt",
            lambda: time_in(conversation.view.fetch(), "updatedAt"),
            lambda at: at >= message.sent_at and at > earlier,
            expected=f"{message.sent_at}, when the message was sent, or later than {earlier}",
        )


@clause(SOURCE, operations=["getGroupConversation"], slow=True)
def crowded_group_keeps_count(context: CheckContext) -> None:
    """In a group of more than 300 members, a message leaves the unread count as it was."""
    large = group_over_limit(context)
    conversation = replace(next(iter(large.sides.values())), context=context)
    context.expect.eventually(
        "fetching the conversation of 301 members, which was there before",
        lambda: conversation.ask("get"),
        lambda got: not 400 <= got.status < 500,
        expected="200 with the conversation",
    )
    _keeps(context, "unreadMessageCount")


@clause(SOURCE, operations=["getGroupConversation"], slow=True)
def crowded_group_keeps_last_message(context: CheckContext) -> None:
    """In a group of more than 300 members, a message leaves lastMessage as it was."""
    _keeps(context, "lastMessage")


@clause(SOURCE, operations=["getGroupConversation"], slow=True)
def crowded_group_keeps_updated_at(context: CheckContext) -> None:
    """In a group of more than 300 members, a message leaves updatedAt as it was."""
    _keeps(context, "updatedAt")


def _keeps(context: CheckContext, name: str) -> None:
    """Raise Broken unless a property stays for each of the members who stand for all.

    NotReached where none of them was shown the conversation.
    """
    large = group_over_limit(context)

    def value(conversation: dict[str, Any]) -> Any:
        value = must_show(conversation, name)
        return last(conversation)[0] if name == "lastMessage" else value

    reached = 0
    for place, probe in large.probes(context):
        before = large.before.get(place)
        if not before:
            continue  # that it is shown there is another clause's matter
        with context.case(f"{place[1]}, {place[0]}"):
            context.expect.equal(
                f"{name} after a message to 301 members",
                lambda probe=probe: value(probe()),  # type: ignore[misc]  # bound early
                value(before),
            )
        reached += 1
    if not reached:
        raise NotReached("the conversation of 301 members was not shown")


# -- tags -------------------------------------------------------------------------------------


@clause(SOURCE, operations=TAGGING)
def at_most_25_tags(context: CheckContext) -> None:
    """25 tags are taken and kept, and 25 others in their place; 26 are refused."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        stores_tags(context, conversation)
        for word in ("tag", "other"):
            _kept(context, conversation, [f"{word} {n}" for n in range(1, limits().most_tags + 1)])
        refused(
            context,
            conversation.operation("tag"),
            conversation.ask("tag", body=many(limits().most_tags + 1)),
        )

    each_to_tag(context, check)


@clause(SOURCE, operations=TAGGING)
def tags_up_to_100_characters(context: CheckContext) -> None:
    """A tag of 100 characters is taken and kept, and 25 of them; one of 101 is refused."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        stores_tags(context, conversation)
        longest, most = limits().longest_tag, limits().most_tags
        _kept(context, conversation, ["t" * longest, "short"])
        _kept(context, conversation, [f"{n:0{longest}}" for n in range(most)])
        long = {"tags": ["t" * (longest + 1), "short"]}
        refused(context, conversation.operation("tag"), conversation.ask("tag", body=long))

    each_to_tag(context, check)


@clause(SOURCE, operations=TAGGING)
def tags_are_utf8mb4(context: CheckContext) -> None:
    """Tags hold any character of UTF8mb4, and 100 of them count as 100 whatever their bytes."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        stores_tags(context, conversation)
        _kept(context, conversation, WORDS)
        longest = limits().longest_tag
        _kept(context, conversation, ["🎂" * longest, "é" * longest, "nai\u0308ve"])

    each_to_tag(context, check)


def stores_tags(context: CheckContext, conversation: ConversationHandle) -> None:
    """Raise NotReached unless the conversation stores and replaces plain tags."""
    for tags in (["one", "two"], ["three", "four"]):
        tagged(context, conversation, tags)


def _kept(context: CheckContext, conversation: ConversationHandle, tags: list[str]) -> None:
    conversation.must("tag", body={"tags": tags})
    context.expect.eventually(
        f"the tags after storing {len(tags)}",
        conversation.view.tags,
        lambda got: holds_just(got, tags),
        expected=shown(tags),
    )


@clause(SOURCE, Basis.INFERRED, operations=TAGGING)
def refused_tags_change_nothing(context: CheckContext) -> None:
    """A refused update leaves the tags that were there."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        kept: list[str] | None = ["kept"]
        tagged(context, conversation, ["kept"])
        too_long = "t" * (limits().longest_tag + 1)
        for body in (many(limits().most_tags + 1), {"tags": ["good", too_long]}):
            answer = conversation.ask("tag", body=body)
            if answer.ok:
                raise NotReached(f"tags past a limit were not refused: {answer}")
            context.expect.stays("the tags after a refused update", conversation.view.tags, kept)

    each_to_tag(context, check)


def tagged(context: CheckContext, conversation: ConversationHandle, tags: list[str]) -> None:
    """Set these tags on the caller's copy; raise NotReached where they do not show."""
    conversation.do("tag", body={"tags": tags})
    context.expect.precondition(
        "the tags set on the way",
        conversation.view.tags,
        lambda got: holds_just(got, tags),
        expected=shown(tags),
    )


@clause("Readings B11", Basis.OBSERVED, operations=TAGGING)
def tags_are_replaced(context: CheckContext) -> None:
    """An update replaces the whole list of tags; an empty list clears it; a repeat keeps it."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        tagged(context, conversation, ["first", "second"])
        for tags in (["third"], ["third"], []):
            conversation.must("tag", body={"tags": tags})
            context.expect.eventually(
                f"the tags after replacing them with {as_json(tags)}",
                conversation.view.tags,
                lambda got, tags=tags: (got or []) == tags,  # type: ignore[misc]  # bound early
                expected=shown(tags),
            )

    each_to_tag(context, check)


@clause("Readings C6", Basis.OBSERVED, operations=TAGGING)
def tags_are_the_callers_alone(context: CheckContext) -> None:
    """Tags belong to the caller's copy: the other side does not see them."""

    def check(context: CheckContext, kind: str) -> None:
        conversation = context.conversations.pair(kind, unread=1)
        tagged(context, conversation, ["mine"])
        context.expect.eventually(
            "the other side's tags",
            conversation.other_side.view.tags,
            lambda got: not got,
            expected="none",
        )

    context.each_kind(check)


@clause("Readings C6", Basis.INFERRED, operations=[*TAGGING, *MARKING])
def tags_stay(context: CheckContext) -> None:
    """Tags stay until they are replaced: a message and the marks leave them as they are."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        tagged(context, conversation, ["kept"])
        steps: list[tuple[str, Callable[[], Any]]] = [
            ("a message of the other", conversation.receive),
            ("a message of the caller", conversation.write),
            *((verb, partial(conversation.do, verb)) for verb in ("delivered", "read", "unread")),
        ]
        for name, step in steps:
            step()
            with context.case(name):
                context.expect.stays("the tags", lambda: conversation.view.tags() or [], ["kept"])

    each_of_a_pair(context, check)


# -- lastMessage ------------------------------------------------------------------------------


@clause(SOURCE, operations=READING)
def deleted_last_message_is_hidden(context: CheckContext) -> None:
    """When the newest message is deleted, lastMessage is absent for both sides.

    It is not null, and not the one before.
    """

    def check(context: CheckContext, kind: str) -> None:
        conversation = context.conversations.pair(kind, unread=1)
        message = conversation.receive()
        is_last(context, conversation, message)
        for side in (conversation, conversation.other_side):
            for place, probe in places(side):
                context.expect.precondition(
                    f"lastMessage before its deletion, {place}",
                    lambda probe=probe: last(probe())[0],  # type: ignore[misc]  # bound early
                    lambda got: got in ids(message.id),
                    expected=message.id,
                )
        taken_back(context, message)
        for side, who in ((conversation, "the receiver"), (conversation.other_side, "the sender")):
            for place, probe in places(side):
                with context.case(f"{place}, {who}"):
                    context.expect.eventually(
                        "lastMessage after its deletion",
                        lambda probe=probe: probe().get("lastMessage", ABSENT),  # type: ignore[misc]
                        lambda got: got is ABSENT,
                        expected="absent",
                    )

    context.each_kind(check)


@clause(SOURCE, Basis.INFERRED, operations=READING)
def other_deletions_leave_last_message(context: CheckContext) -> None:
    """Deleting an older message leaves lastMessage, and a new message shows after any deletion."""

    def check(context: CheckContext, kind: str) -> None:
        conversation = context.conversations.unstarted(kind)
        older, message = conversation.receive(), conversation.receive()
        is_last(context, conversation, message)
        taken_back(context, older)
        context.expect.stays(
            "the id of lastMessage after an older one is deleted",
            lambda: str(last(conversation.view.fetch())[0]),
            message.id,
        )
        taken_back(context, message)
        message = conversation.receive()
        for place, probe in places(conversation):
            with context.case(f"{place}, after the last was deleted"):
                context.expect.eventually(
                    "the id of lastMessage",
                    lambda probe=probe: last(probe())[0],  # type: ignore[misc]  # bound early
                    lambda got, message=message: got in ids(message.id),  # type: ignore[misc]
                    expected=message.id,
                )

    context.each_kind(check)


def is_last(context: CheckContext, conversation: ConversationHandle, message: SentMessage) -> None:
    """Raise NotReached unless the conversation shows this message as the last."""
    context.expect.precondition(
        "the id of lastMessage",
        lambda: last(conversation.view.fetch())[0],
        lambda got: got in ids(message.id),
        expected=message.id,
    )


def taken_back(context: CheckContext, message: SentMessage) -> None:
    """Delete a message; raise NotReached where that is refused."""
    context.expect.precondition(
        "deleting a message on the way",
        lambda: context.create.unsend(message),
        lambda answer: answer.ok,
        expected="200",
    )


@clause(SOURCE, operations=["getGroupConversation", "listConversations"])
def new_group_has_no_last_message(context: CheckContext) -> None:
    """A new group's conversation has no lastMessage, or is not there yet.

    An action on the members (added, joined) is not a message of theirs, and may show.
    """
    conversation = context.conversations.unstarted("group")
    answer = conversation.ask("get")
    shown = [answer.data] if isinstance(answer.data, dict) else []
    row = conversation.view.row()
    for each in (*shown, *([row] if row else [])):
        message = each.get("lastMessage", ABSENT)
        is_action = isinstance(message, dict) and message.get("category") == "action"
        context.expect.that(
            "lastMessage of a group without messages",
            message is ABSENT or is_action,
            expected="absent",
            actual=message,
        )
    is_last(context, conversation, conversation.write())  # else its absence would say nothing
