"""What the requests of clients in use carry: content types, optional bodies, ids, repeats."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from duologue.contracts.clause import Basis, clause
from duologue.contracts.clauses.support.marking import (
    DELIVEREDS,
    READS,
    RESETS,
    UNREADS,
    as_sent,
    marked,
)
from duologue.contracts.clauses.support.pairs import brought_back, each_of_a_pair
from duologue.contracts.clauses.support.reading import by_id, id_of
from duologue.contracts.clauses.support.steps import counts, counts_exactly
from duologue.contracts.clauses.support.valid_calls import NAMING
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.expectations import shown
from duologue.contracts.context.target_data import SentMessage
from duologue.contracts.context.values import holds_just
from duologue.contracts.errors import NotReached
from duologue.contracts.http.response import Response

UPDATES = ["updateUserConversation", "updateGroupConversation"]
JSON = "application/json"
WITH_CHARSET = (f"{JSON}; charset=utf-8", f"{JSON};charset=UTF-8")
AT_ONCE = 4


def accepted(context: CheckContext, operation: str, answer: Response, *, how: str) -> None:
    """Raise Broken unless a request in another form is done, as it is in its plain form."""
    context.expect.that(f"{operation} {how}", answer.ok, expected="200", actual=answer)


# -- content types and optional bodies ----------------------------------------------------------


@clause("Readings T14", Basis.INFERRED, operations=[*UPDATES, *READS, *UNREADS], heavy=True)
def content_type_with_charset(context: CheckContext) -> None:
    """A body whose content type names its charset is taken as one whose content type does not."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        plain = {"tags": ["plain"]}
        conversation.do("tag", body=plain)
        for number, content_type in enumerate(WITH_CHARSET, 1):
            tags, how = [f"café {number}", "日本"], f"as {content_type}"
            with context.case():
                answer = conversation.ask("tag", body={"tags": tags}, content_type=content_type)
                accepted(context, conversation.operation("tag"), answer, how=how)
                context.expect.eventually(
                    f"the tags that came {how}",
                    conversation.view.tags,
                    lambda got, tags=tags: holds_just(got, tags),  # type: ignore[misc]
                    expected=shown(tags),
                )
            for verb in ("read", "unread"):
                conversation.do(verb, body={})
                with context.case():
                    answer = conversation.ask(verb, body={}, content_type=content_type)
                    accepted(context, conversation.operation(verb), answer, how=how)

    each_of_a_pair(context, check)


@clause(
    "Readings T14", Basis.OBSERVED, operations=[*READS, *DELIVEREDS, *UNREADS, *RESETS], heavy=True
)
def body_is_optional(context: CheckContext) -> None:
    """Marks and reset take {} for no body, and no body although a content type is named."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        for how, form in (
            ("with {}", {"body": {}}),
            ("without a body, with its content type", {"content_type": JSON}),
        ):
            conversation.receive()
            before = counts(context, conversation, at_least=1)
            for verb, count in (("delivered", before), ("read", 0), ("unread", 1), ("reset", 0)):
                with context.case():
                    answer = conversation.ask(verb, **form)
                    accepted(context, conversation.operation(verb), answer, how=how)
                    _has_count(context, conversation, verb=verb, count=count, how=how)

    each_of_a_pair(context, check)


def _has_count(
    context: CheckContext, conversation: ConversationHandle, *, verb: str, count: int, how: str
) -> None:
    """Raise Broken unless the unread count is as a verb leaves it: for unread at least that."""
    view = conversation.view
    context.clock.wait_out_lag()
    context.expect.eventually(
        f"the unread count after {verb} {how}",
        view.count_in_view if verb == "reset" else view.count,
        lambda seen: seen >= count if verb == "unread" else seen == count,
        expected=f"{count} or more" if verb == "unread" else shown(count),
    )


@clause("Readings B9", Basis.OBSERVED, operations=RESETS, heavy=True)
def reset_takes_its_fields(context: CheckContext) -> None:
    """A reset is done with each of its optional fields, and with all of them."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        bodies: list[dict[str, Any]] = [{"preserveOrder": True}]
        if conversation.kind == "user":
            more = {"conversationWith": conversation.caller, "deleteMessagesPermanently": False}
            bodies += [{name: value} for name, value in more.items()]
            bodies += [{"deleteMessagesPermanently": True}, {**bodies[0], **more}]
        for body in bodies:
            conversation.receive()
            counts(context, conversation, at_least=1)
            how = f"with {', '.join(body)}"
            with context.case():
                answer = conversation.ask("reset", body=body)
                accepted(context, conversation.operation("reset"), answer, how=how)
                _has_count(context, conversation, verb="reset", count=0, how=how)

    each_of_a_pair(context, check)


# -- the message that a mark names --------------------------------------------------------------


def _forms(message: SentMessage) -> tuple[int | str, str]:
    """Return a message's id as an integer, where it is one, and as text."""
    return as_sent(message.id), message.id


@clause("Readings B7", Basis.INFERRED, operations=DELIVEREDS, heavy=True)
def delivered_up_to_reads_nothing(context: CheckContext) -> None:
    """Marking as delivered up to a message, of the caller or of another, reads nothing."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        own, newest = conversation.write(), conversation.receive(2)
        before = counts(context, conversation, at_least=2)
        for what, message in (("an own", own), ("the newest", newest)):
            for form in _forms(message):
                with context.case():
                    how = f"up to {what} message"
                    answer = conversation.ask("delivered", body={"messageId": form})
                    accepted(context, conversation.operation("delivered"), answer, how=how)
                    context.expect.stays(
                        f"the unread count after delivered {how}", conversation.view.count, before
                    )

    each_of_a_pair(context, check)


@clause("Readings B6", Basis.INFERRED, operations=READS, heavy=True)
def read_up_to_any_message(context: CheckContext) -> None:
    """Reading goes up to the message named, be it an own one, the newest, or one that is deleted.

    One that is deleted may be refused as well.
    """

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        marked(context, conversation, "read")
        first, _, own = conversation.receive(), conversation.receive(), conversation.write()
        deleted, newest = conversation.receive(), conversation.receive()
        counts_exactly(context, conversation, 4)
        _reads_up_to(context, conversation, "the first", as_sent(first.id), leaves=3)
        _reads_up_to(context, conversation, "an own", as_sent(own.id), leaves=2)
        may_delete = context.create.unsend(deleted).ok
        if may_delete:
            context.clock.wait_out_lag()
            with context.case("a deleted message"):
                _leaves(context, conversation, "read", deleted, counts=(1, 2))
        _reads_up_to(context, conversation, "the newest", newest.id, leaves=0)
        if not may_delete:
            raise NotReached("a message could not be deleted")

    each_of_a_pair(context, check)


def _reads_up_to(
    context: CheckContext,
    conversation: ConversationHandle,
    what: str,
    message_id: int | str,
    *,
    leaves: int,
) -> None:
    """Add a finding unless reading up to a message is done and leaves that many unread."""
    with context.case():
        how = f"up to {what} message"
        answer = conversation.ask("read", body={"messageId": message_id})
        accepted(context, conversation.operation("read"), answer, how=how)
        context.expect.equal(
            f"the unread count after reading {how}", conversation.view.count, leaves
        )


@clause("Readings B8", Basis.INFERRED, operations=UNREADS, heavy=True)
def unread_after_any_message(context: CheckContext) -> None:
    """Marking as unread reaches back to the message named, be it an own one or the newest.

    Also to one that is deleted, unless that is refused.
    """

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        own, newest = conversation.write(), conversation.receive(2)
        for what, message, allowed in (("an own", own, (2,)), ("the newest", newest, (0, 1))):
            for form in _forms(message):
                marked(context, conversation, "read")
                with context.case():
                    answer = conversation.ask("unread", body={"messageId": form})
                    how = f"after {what} message"
                    accepted(context, conversation.operation("unread"), answer, how=how)
                    context.clock.wait_out_lag()
                    context.expect.eventually(
                        f"the unread count after unread {how}",
                        conversation.view.count,
                        lambda seen, allowed=allowed: seen in allowed,  # type: ignore[misc]
                        expected=" or ".join(map(str, allowed)),
                    )
        deleted = _deleted_before_another(context, conversation)
        marked(context, conversation, "read")
        with context.case("a deleted message"):
            _leaves(context, conversation, "unread", deleted, counts=(0, 1, 2))

    each_of_a_pair(context, check)


def _deleted_before_another(context: CheckContext, conversation: ConversationHandle) -> SentMessage:
    """Return the first of two messages of the other, deleted; NotReached if that is refused."""
    message = conversation.receive()
    conversation.receive()
    if not context.create.unsend(message).ok:
        raise NotReached("a message could not be deleted")
    context.clock.wait_out_lag()
    return message


def _leaves(
    context: CheckContext,
    conversation: ConversationHandle,
    verb: str,
    message: SentMessage,
    *,
    counts: tuple[int, ...],
) -> None:
    """Raise Broken unless a mark up to a message is done or refused, and leaves a right count."""
    answer = conversation.ask(verb, body={"messageId": as_sent(message.id)})
    context.expect.that(
        conversation.operation(verb),
        answer.ok or 400 <= answer.status < 500,
        expected="200, or a refusal (4xx)",
        actual=answer,
    )
    context.clock.wait_out_lag()
    context.expect.eventually(
        f"the unread count after {verb}",
        conversation.view.count,
        lambda seen: seen in counts,
        expected=f"{counts[0]} to {counts[-1]}",
    )


# -- ids in capitals ---------------------------------------------------------------------------


@clause("Readings T9", Basis.OBSERVED, operations=NAMING, heavy=True)
def capitals_in_every_operation(context: CheckContext) -> None:
    """Each operation takes ids in capitals, of the peer and of the caller, for the small ones."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        for who, loud in (
            ("the peer", replace(conversation, peer=conversation.peer.upper())),
            ("the caller", replace(conversation, caller=conversation.caller.upper())),
        ):
            with context.case(f"{who} in capitals"):
                _does_all(context, conversation, loud, how=f"with {who} in capitals")
        if context.client.may_call("deleteConversation"):
            brought_back(context, conversation)
            _by_id(context, conversation, conversation.caller.upper())

    each_of_a_pair(context, check)


def _does_all(
    context: CheckContext, conversation: ConversationHandle, loud: ConversationHandle, *, how: str
) -> None:
    """Raise Broken unless each verb on ``loud`` does to ``conversation`` what it should."""
    conversation.receive()
    before = counts(context, conversation, at_least=1)
    with context.case():
        tags = {"tags": [how]}
        accepted(context, loud.operation("tag"), loud.ask("tag", body=tags), how=how)
        context.expect.eventually(
            f"the tags after an update {how}",
            conversation.view.tags,
            lambda got: holds_just(got, [how]),
            expected=shown([how]),
        )
    # The reset comes last: where it hides the conversation (readings B9), nothing else is possible.
    for verb, count in (("delivered", before), ("read", 0), ("unread", 1), ("reset", 0)):
        with context.case():
            accepted(context, loud.operation(verb), loud.ask(verb), how=how)
            _has_count(context, conversation, verb=verb, count=count, how=how)


def _by_id(context: CheckContext, conversation: ConversationHandle, caller: str) -> None:
    """Raise Broken unless a caller in capitals fetches and deletes a conversation by its id."""
    key, how = id_of(conversation), "with the caller in capitals"
    with context.case():
        context.expect.eventually(
            f"getConversation {how}",
            lambda: by_id(context, caller, key),
            lambda got: not isinstance(got, str) and conversation.view.owns(got),
            expected=f"200 with the conversation with {conversation.peer}",
        )
    with context.case():
        path = {"conversationId": key}
        answer = context.client.call("deleteConversation", caller=caller, path=path)
        accepted(context, "deleteConversation", answer, how=how)
        context.expect.eventually(
            f"fetching a conversation that was deleted {how}",
            lambda: conversation.ask("get"),
            lambda got: 400 <= got.status < 500,
            expected="a refusal (4xx): no conversation",
        )


# -- repeats under way at once ------------------------------------------------------------------


@clause(
    "Readings B14",
    Basis.INFERRED,
    operations=[*READS, *DELIVEREDS, *UNREADS, *RESETS, *UPDATES],
    heavy=True,
)
def repeats_at_once_are_as_one(context: CheckContext) -> None:
    """A mark, a reset or an update that is sent several times at once is done, and done as once."""

    def check(context: CheckContext, conversation: ConversationHandle) -> None:
        conversation.receive()
        before, tags = counts(context, conversation, at_least=1), ["at", "once"]
        with context.case():
            _at_once(context, conversation, "tag", body={"tags": tags})
            context.expect.eventually(
                "the tags after the same update several times",
                conversation.view.tags,
                lambda got: holds_just(got, tags),
                expected=shown(tags),
            )
        for verb, count in (("delivered", before), ("read", 0), ("unread", 1), ("reset", 0)):
            with context.case():
                _at_once(context, conversation, verb)
                _has_count(context, conversation, verb=verb, count=count, how="several times")

    each_of_a_pair(context, check)


def _at_once(
    context: CheckContext, conversation: ConversationHandle, verb: str, body: Any = None
) -> None:
    """Raise Broken unless each of several requests under way at once is done."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sent = [pool.submit(conversation.ask, verb, body=body) for _ in range(AT_ONCE)]
    for answer in [each.result() for each in sent]:
        accepted(context, conversation.operation(verb), answer, how=f"{AT_ONCE} times at once")
