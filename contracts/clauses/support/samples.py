"""Conversations as each operation shows them, collected once for all clauses on properties."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import KINDS, list_rows, peer_of
from duologue.contracts.context.expectations import shown
from duologue.contracts.errors import NotReached, NotStaged
from duologue.contracts.http.client import RecordedCall
from duologue.contracts.http.response import Response

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
class Sample:
    """One conversation as one operation showed it; ``peer`` is whom the caller asked for.

    ``found`` where it was there before the run.
    """

    place: str
    kind: str
    peer: str
    conversation: dict[str, Any]
    call: RecordedCall
    found: bool


def samples(context: CheckContext) -> list[Sample]:
    """Return conversations of both kinds, unread and read, from each operation that shows one.

    Existing ones are not marked: what they are is seen without that.
    """
    return context.run_fixture("samples", _collect)


def _collect(context: CheckContext) -> list[Sample]:
    unread = 0 if context.existing else 2
    return [
        # One is shown before the next is made: a row may tell neither its kind nor its peer.
        sample
        for kind in KINDS
        for sample in samples_of(context.conversations.any(kind, unread=unread))
    ]


def samples_of(conversation: ConversationHandle) -> list[Sample]:
    """Return one conversation from each operation that shows one; mark it where it is new."""
    client, collected = conversation.context.client, list[Sample]()
    got = _show(collected, conversation, conversation.operation("get"), conversation.ask("get"))
    if client.may_call("getConversation"):
        path = {"conversationId": str(got.get("conversationId"))}
        by_id = client.call("getConversation", caller=conversation.caller, path=path)
        _show(collected, conversation, "getConversation", by_id)
    _show_row(collected, conversation)
    # What a gateway refuses, or a read-only run does not send, shows nothing.
    with suppress(NotReached, NotStaged):
        _show_updated(collected, conversation)
    if not conversation.found:
        with suppress(NotReached, NotStaged):
            _show_marked(collected, conversation)
    return collected


def _show_updated(collected: list[Sample], conversation: ConversationHandle) -> None:
    """Collect the conversation that an update with its own tags answers with."""
    body = {"tags": (conversation.view.tags() if conversation.found else None) or []}
    answer = conversation.ask("tag", body=body)
    _show(collected, conversation, conversation.operation("tag"), answer)


def _show_marked(collected: list[Sample], conversation: ConversationHandle) -> None:
    """Collect the conversation after it was read, and as marking as unread shows it."""
    conversation.ask("read")
    place = f"{conversation.operation('get')} after read"
    _show(collected, conversation, place, conversation.ask("get"))
    _show_unread(collected, conversation)


def _show_unread(collected: list[Sample], conversation: ConversationHandle) -> None:
    """Collect the conversation that marking as unread answers with, if it does (readings B8a)."""
    answer = conversation.ask("unread")
    data = answer.data if answer.ok and isinstance(answer.data, dict) else {}
    shown = data.get("conversation")
    if isinstance(shown, dict):
        _keep(collected, conversation, conversation.operation("unread"), shown)


def _show(
    collected: list[Sample], conversation: ConversationHandle, place: str, answer: Response
) -> dict[str, Any]:
    shown = answer.data if answer.ok and isinstance(answer.data, dict) else {}
    _keep(collected, conversation, place, shown)
    return shown


def _keep(
    collected: list[Sample], conversation: ConversationHandle, place: str, shown: dict[str, Any]
) -> None:
    if PROPERTIES & shown.keys():
        call = conversation.context.client.calls[-1]
        collected.append(
            Sample(place, conversation.kind, conversation.peer, shown, call, conversation.found)
        )


def _show_row(collected: list[Sample], conversation: ConversationHandle) -> None:
    """Collect the conversation's row, or else a row that names no peer."""
    rows = [
        row
        for row in list_rows(conversation.context.client, conversation.caller)
        if isinstance(row, dict)
    ]
    mine = [row for row in rows if peer_of(row) == (conversation.kind, conversation.peer)]
    nameless = [row for row in rows if peer_of(row) is None]
    for row in (mine or nameless)[:1]:
        call = conversation.context.client.calls[-1]
        collected.append(
            Sample(
                "listConversations",
                conversation.kind,
                conversation.peer,
                row,
                call,
                conversation.found,
            )
        )


def on_each(  # noqa: PLR0913 - what is judged, how a finding says it, and of which samples
    context: CheckContext,
    title: str,
    holds: Callable[[Sample], bool],
    *,
    expected: str,
    name: str,
    where: Callable[[Sample], bool] = lambda _: True,
    of: Sequence[Sample] | None = None,
) -> None:
    """Judge one property on each sample that ``where`` picks; one finding for each cause.

    The samples are those of the run, or ``of`` some conversation of the check's own.
    Raises NotReached where no operation showed a conversation, NotStaged where none of those shown
    is picked: nothing was seen of what the clause says.
    """
    every = samples(context) if of is None else of
    if not every:
        raise NotReached("no operation showed a conversation")
    some = [sample for sample in every if where(sample)]
    if not some:
        is_shown = any(name in sample.conversation for sample in every)
        raise NotStaged(
            f"no conversation shows what is judged: {title}"
            if is_shown
            else f"the target shows no {name}"
        )
    for sample in some:
        with context.case(f"{sample.place}, {sample.kind}"):
            context.client.calls.append(sample.call)
            has = name in sample.conversation
            actual = shown(sample.conversation[name]) if has else "the property is missing"
            context.expect.that(title, holds(sample), expected=expected, actual=actual)
