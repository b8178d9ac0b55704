"""Heading "Available operations": each of the 15 does what its row of the table says."""

from __future__ import annotations

from duologue.contracts.clause import clause
from duologue.contracts.clauses.support.reading import by_id, describe, id_of
from duologue.contracts.clauses.support.shared_conversations import to_read
from duologue.contracts.clauses.support.steps import counts, lone_user, must_delete
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import (
    ConversationHandle,
    must_be_done,
)
from duologue.contracts.context.conversation_view import list_rows
from duologue.contracts.context.expectations import shown
from duologue.contracts.context.values import holds_just
from duologue.contracts.errors import Broken
from duologue.contracts.escaping import as_json

SOURCE = "Available operations"


@clause(SOURCE, operations=["listConversations"])
def list_conversations(context: CheckContext) -> None:
    """The list gives a user all conversations of that user, and no other's."""
    context.create.require_empty_lists()
    caller = context.create.user("Caller")
    other, third = map(context.conversations.shared_user, ("Other", "Beside"))
    one_on_one = ConversationHandle(context, "user", caller, other, other)
    guid = context.create.group(other, [caller])
    group = ConversationHandle(context, "group", caller, guid, other)
    foreign = ConversationHandle(context, "user", third, other, other)
    for conversation in (one_on_one, group, foreign):
        conversation.write()
    must_list(context, caller)

    context.expect.eventually(
        "the conversations listed",
        lambda: [describe(row) for row in list_rows(context.client, caller)],
        lambda rows: sorted(rows) == sorted([("user", other), ("group", guid)]),
        expected=f"one with the user {other}, one with the group {guid}, and no other",
    )
    new_user = lone_user(context)
    must_list(context, new_user)
    context.expect.equal(
        "a newcomer's conversations", lambda: len(list_rows(context.client, new_user)), 0
    )


def must_list(context: CheckContext, caller: str) -> None:
    """Raise Broken unless the list is answered as done with rows under data."""
    answer = context.client.call("listConversations", caller=caller)
    must_be_done("listConversations", answer)
    if not isinstance(answer.data, list):
        raise Broken(
            "listConversations is answered as done",
            expected="200 with an array under data",
            actual=str(answer),
        )


@clause(SOURCE, operations=["getConversation"])
def get_conversation(context: CheckContext) -> None:
    """A conversation's own id fetches that conversation, of a user as of a group."""
    context.each_kind(_is_fetched_by_id)


def _is_fetched_by_id(context: CheckContext, kind: str) -> None:
    for conversation in to_read(context, kind):
        key = id_of(conversation)
        context.expect.eventually(
            "the conversation named by its id comes back",
            lambda conversation=conversation, key=key: by_id(context, conversation.caller, key),  # type: ignore[misc]
            conversation.view.owns,
            expected=f"200 with the conversation {key} under data",
        )


@clause(SOURCE, operations=["deleteConversation"])
def delete_conversation(context: CheckContext) -> None:
    """Deleting a conversation by its id takes it out of the caller's view, and touches no other."""
    context.each_kind(_is_deleted)


def _is_deleted(context: CheckContext, kind: str) -> None:
    conversation = context.conversations.new(kind, unread=1)
    beside = context.conversations.beside(conversation)
    for each in (conversation, beside):
        if each:
            context.expect.precondition(
                "its row", each.view.row, lambda row: row is not None, expected="a row"
            )
    must_delete(context, conversation.caller, id_of(conversation))
    context.expect.equal(
        "the row of a deleted conversation in the list", conversation.view.row, None
    )
    context.expect.eventually(
        "fetching a deleted conversation",
        lambda: conversation.ask("get"),
        lambda got: 400 <= got.status < 500,
        expected="a refusal (4xx): no conversation",
    )
    if beside:
        context.expect.eventually(
            "the row of the caller's other conversation",
            beside.view.row,
            lambda row: row is not None,
            expected=f"the conversation with {beside.peer}",
        )


@clause(SOURCE, operations=["getUserConversation"])
def get_user_conversation(context: CheckContext) -> None:
    """A 1-on-1 conversation is fetched by naming the other user."""
    _is_fetched(context, "user")


@clause(SOURCE, operations=["getGroupConversation"])
def get_group_conversation(context: CheckContext) -> None:
    """A group's conversation is fetched by naming the group."""
    _is_fetched(context, "group")


def _is_fetched(context: CheckContext, kind: str) -> None:
    for conversation in to_read(context, kind):
        context.expect.eventually(
            f"the {kind} conversation that was asked for comes back",
            lambda conversation=conversation: conversation.must("get").data,  # type: ignore[misc]  # bound early
            lambda data, conversation=conversation: (
                isinstance(data, dict) and conversation.view.owns(data)
            ),  # type: ignore[misc]
            expected=f"one conversation with {conversation.peer}",
        )


@clause(SOURCE, operations=["updateUserConversation"])
def update_user_conversation(context: CheckContext) -> None:
    """Updating a 1-on-1 conversation stores its tags, and touches no other."""
    _stores_tags(context, "user")


@clause(SOURCE, operations=["updateGroupConversation"])
def update_group_conversation(context: CheckContext) -> None:
    """Updating a group conversation stores its tags, and touches no other."""
    _stores_tags(context, "group")


def _stores_tags(context: CheckContext, kind: str) -> None:
    conversation = context.conversations.any(kind)
    beside = context.conversations.beside(conversation)
    wanted = ["family", "to do"]
    answer = conversation.must("tag", body={"tags": wanted})
    found = answer.data.get("tags") if isinstance(answer.data, dict) else None
    context.expect.that(
        "the answer to the update shows the conversation with its tags",
        holds_just(found, wanted) and conversation.view.owns(answer.data),
        expected=f"the conversation with {conversation.peer}, tags {as_json(wanted)}",
        actual=answer.data,
    )
    context.expect.eventually(
        "the tags are there in a later read",
        conversation.view.tags,
        lambda tags: holds_just(tags, wanted),
        expected=shown(wanted),
    )
    if beside:
        context.expect.eventually(
            "the tags of the caller's other conversation",
            beside.view.tags,
            lambda tags: not tags,
            expected="none",
        )


@clause(SOURCE, operations=["resetUserConversation"])
def reset_user_conversation(context: CheckContext) -> None:
    """Resetting a 1-on-1 conversation sets its unread count to 0, and touches no other."""
    _zeroes(context, "user", "reset")


@clause(SOURCE, operations=["resetGroupConversation"])
def reset_group_conversation(context: CheckContext) -> None:
    """Resetting a group conversation sets its unread count to 0, and touches no other."""
    _zeroes(context, "group", "reset")


@clause(SOURCE, operations=["markUserConversationAsRead"])
def mark_user_conversation_as_read(context: CheckContext) -> None:
    """Marking a 1-on-1 conversation as read leaves none of it unread, and touches no other."""
    _zeroes(context, "user", "read")


@clause(SOURCE, operations=["markGroupConversationAsRead"])
def mark_group_conversation_as_read(context: CheckContext) -> None:
    """Marking a group conversation as read leaves none of it unread, and touches no other."""
    _zeroes(context, "group", "read")


def _zeroes(context: CheckContext, kind: str, verb: str) -> None:
    conversation = (
        context.conversations.any(kind, unread=2)
        if verb == "read"
        else context.conversations.new(kind, unread=2)
    )
    counts(context, conversation, at_least=2)
    beside = context.conversations.beside(conversation, unread=1)
    before = counts(context, beside, at_least=1) if beside else 0
    conversation.must_succeed(verb)
    probe = conversation.view.count_in_view if verb == "reset" else conversation.view.count
    context.expect.equal(f"the unread count after {verb}", probe, 0)
    if beside:
        title = f"the unread count of the caller's other conversation after {verb}"
        context.expect.equal(title, beside.view.count, before)


@clause(SOURCE, operations=["markUserConversationAsDelivered"])
def mark_user_conversation_as_delivered(context: CheckContext) -> None:
    """Marking a 1-on-1 conversation as delivered is done, and reads nothing."""
    _delivers(context, "user")


@clause(SOURCE, operations=["markGroupConversationAsDelivered"])
def mark_group_conversation_as_delivered(context: CheckContext) -> None:
    """Marking a group conversation as delivered is done, and reads nothing."""
    _delivers(context, "group")


def _delivers(context: CheckContext, kind: str) -> None:
    conversation = context.conversations.any(kind, unread=2)
    before = counts(context, conversation, at_least=2)
    conversation.must_succeed("delivered")
    context.expect.stays("the unread count after delivered", conversation.view.count, before)


@clause(SOURCE, operations=["markUserConversationAsUnread"])
def mark_user_conversation_as_unread(context: CheckContext) -> None:
    """Marking a 1-on-1 conversation as unread makes it count again, and touches no other."""
    _becomes_unread(context, "user")


@clause(SOURCE, operations=["markGroupConversationAsUnread"])
def mark_group_conversation_as_unread(context: CheckContext) -> None:
    """Marking a group conversation as unread makes it count again, and touches no other."""
    _becomes_unread(context, "group")


def _becomes_unread(context: CheckContext, kind: str) -> None:
    conversation = context.conversations.any(kind, unread=1)
    beside = context.conversations.beside(conversation, unread=1)
    for each in (conversation, beside) if beside else (conversation,):
        each.do("read")
        context.expect.precondition(
            "the unread count after read", each.view.count, lambda n: n == 0, expected="0"
        )
    answered = conversation.must("unread").data
    context.expect.that(
        "the answer to unread",
        isinstance(answered, dict)
        and (answered.get("success") is True or isinstance(answered.get("conversation"), dict)),
        expected="success: true under data, or the conversation, or both",
        actual=answered,
    )
    context.expect.eventually(
        "the unread count after unread",
        conversation.view.count,
        lambda count: count >= 1,
        expected="1 or more",
    )
    if beside:
        context.expect.equal("the unread count of the caller's other one", beside.view.count, 0)
