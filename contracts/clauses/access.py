"""Who may call at all, on whose behalf, and into whose conversations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from duologue.contracts.clause import ALL_OPERATIONS, Basis, clause
from duologue.contracts.clauses.support.reading import id_of
from duologue.contracts.clauses.support.shared_conversations import to_read, to_refuse
from duologue.contracts.clauses.support.steps import lone_user, newcomer
from duologue.contracts.clauses.support.valid_calls import (
    BODIES,
    BY_ID,
    GROUP_OPERATIONS,
    NAMING,
    VERBS,
    all_were_called,
    every_call,
)
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import KINDS, peer_of
from duologue.contracts.context.expectations import Words
from duologue.contracts.context.gateway_answers import GatewayAnswers, whole_answer
from duologue.contracts.errors import NotReached, NotStaged
from duologue.contracts.http.response import Response

UNKNOWN_KEY = "0123456789abcdef0123456789abcdef01234567"


@clause("Readings T4", Basis.OBSERVED)
def key_required(context: CheckContext) -> None:
    """Without an API key no operation is answered but with 401 or 403 and an AUTH_ERR code."""
    _is_kept_out(context, None)


@clause("Readings T4", Basis.OBSERVED)
def key_known(context: CheckContext) -> None:
    """An unknown API key is refused with 401 or 403 and an AUTH_ERR code."""
    _is_kept_out(context, UNKNOWN_KEY)


@clause("Readings T4", Basis.OBSERVED)
def key_scope(context: CheckContext) -> None:
    """A key of scope authOnly is refused with 401 or 403 and an AUTH_ERR code."""
    key = context.client.target.auth_only_key
    if key is None:
        raise NotStaged("set CONTRACTS_AUTH_ONLY_KEY to a key of scope authOnly")
    _is_kept_out(context, key)


def _is_kept_out(context: CheckContext, key: str | None) -> None:
    conversation, gateway = to_refuse(context), GatewayAnswers(context)
    for operation, path, body in [("listConversations", {}, None), *every_call(context)]:
        ask = partial(
            context.client.call,
            operation,
            caller=conversation.caller,
            path=path,
            body=body,
            key=key,
        )
        with context.case():
            answer = gateway.answer(operation, ask)
            context.expect.that(
                operation,
                answer is None
                or (answer.status in (401, 403) and answer.code.startswith("AUTH_ERR")),
                expected="401 or 403 with an AUTH_ERR code",
                actual=answer,
            )
    gateway.require_own_answers()
    all_were_called(context)


@clause("Readings T5", Basis.INFERRED, operations=NAMING)
def caller_required(context: CheckContext) -> None:
    """Without onBehalfOf, the 14 operations that act for a user are refused (4xx)."""
    for operation, path, body in every_call(context):
        with context.case():
            answer = context.client.call(operation, path=path, body=body)
            _is_refused(context, operation, answer)
    all_were_called(context)


def _is_refused(context: CheckContext, name: str, answer: Response) -> None:
    context.expect.that(
        name,
        400 <= answer.status < 500 and not answer.data,
        expected="a refusal (4xx), never the conversation",
        actual=answer,
    )


@clause("Readings B13", Basis.OBSERVED, operations=GROUP_OPERATIONS)
def members_only(context: CheckContext) -> None:
    """Who is not a member of a group, or no more, is refused its conversation, and has no row."""
    conversation = context.conversations.new("group")
    stranger = ConversationHandle(
        context, "group", newcomer(context, "Stranger"), conversation.peer, conversation.other
    )
    for verb in VERBS:
        with context.case():
            answer = stranger.ask(verb, body=BODIES.get(verb))
            _is_refused(context, stranger.operation(verb), answer)
    with context.case():
        row = stranger.view.row()
        context.expect.that("the stranger's list", row is None, expected="no such row", actual=row)
    with context.case("who was kicked"):
        _is_out(context, conversation)


def _is_out(context: CheckContext, conversation: ConversationHandle) -> None:
    """Raise Broken unless a member who wrote and was kicked is refused like a stranger."""
    member = replace(conversation, caller=context.create.user("Member"))
    context.create.join(conversation.peer, [member.caller])
    member.write()
    context.expect.precondition(
        "the row of a member", member.view.row, lambda row: row is not None, expected="a row"
    )
    context.create.kick(conversation.peer, member.caller)
    context.expect.eventually(
        member.operation("get"),
        lambda: member.ask("get"),
        lambda answer: 400 <= answer.status < 500 and answer.data is None,
        expected="a refusal (4xx), never the conversation",
    )
    context.expect.equal("the row in the list", member.view.row, None)


@clause("Readings B13", Basis.OBSERVED, operations=BY_ID)
def parties_only(context: CheckContext) -> None:
    """Who is not a party to a conversation, of two or of a group, is refused it by its id."""
    stranger = newcomer(context, "Stranger")
    for kind in KINDS:
        path = {"conversationId": id_of(to_refuse(context, kind))}
        for name in BY_ID:
            with context.case(kind):
                _is_refused(context, name, context.client.call(name, caller=stranger, path=path))


@clause(
    "Readings T9",
    Basis.OBSERVED,
    operations=["listConversations", "getUserConversation", "getGroupConversation"],
)
def ids_in_any_case(context: CheckContext) -> None:
    """A uid or guid in capitals names whom it names in small letters, as caller and as peer."""

    def check(context: CheckContext, kind: str) -> None:
        conversation = to_read(context, kind)[0]
        wanted = peer_of(conversation.view.fetch())
        if wanted is None:
            raise NotReached("the conversation does not say with whom it is")
        for who, loud in (
            ("peer", replace(conversation, peer=conversation.peer.upper())),
            ("caller", replace(conversation, caller=conversation.caller.upper())),
        ):
            with context.case(f"the {who} in capitals"):
                context.expect.equal(loud.operation("get"), partial(_peer_in_get, loud), wanted)
        with context.case("the list"):
            context.expect.eventually(
                "listConversations",
                lambda: [
                    _peers_listed(context, each)
                    for each in (conversation.caller.upper(), conversation.caller)
                ],
                _same_rows,
                expected="the same rows for a caller in capitals and in small letters",
            )

    context.each_kind(check)


def _same_rows(listed: list[Any]) -> bool:
    """Return whether two lists have the same rows; raise NotReached if none has any."""
    if not listed[1]:
        raise NotReached("the caller's list is empty")
    return bool(listed[0] == listed[1])


def _peers_listed(context: CheckContext, caller: str) -> Any:
    """Return the peers on the caller's first page, or the refusal of the list."""
    answer = context.client.call("listConversations", caller=caller)
    is_list = answer.ok and isinstance(answer.data, list)
    return sorted(map(str, map(peer_of, answer.data))) if is_list else Words(str(answer))


def _peer_in_get(conversation: ConversationHandle) -> Any:
    """Return the peer as GET shows it, or the refusal."""
    answer = conversation.ask("get")
    return (
        peer_of(answer.data) if answer.ok and isinstance(answer.data, dict) else Words(str(answer))
    )


@clause("Readings T10", Basis.OBSERVED)
def unknown_path(context: CheckContext) -> None:
    """A path that the API does not have is answered 404 or 405."""
    caller = lone_user(context)
    paths = (("GET", "/conversation"), ("GET", f"/users/{caller}/conversations/read"))
    _are_unknown(context, paths, caller=caller)


@clause("Readings T10", Basis.OBSERVED, operations=ALL_OPERATIONS)
def wrong_method(context: CheckContext) -> None:
    """A method that a path does not have is answered 404 or 405."""
    conversation = to_refuse(context)
    path = f"/users/{conversation.peer}/conversation"
    methods = (
        ("PATCH", path),
        ("POST", path),
        ("GET", f"{path}/delivered"),
        ("PUT", "/conversations"),
    )
    _are_unknown(context, methods, caller=conversation.caller)


def _are_unknown(
    context: CheckContext, requests: Sequence[tuple[str, str]], *, caller: str
) -> None:
    """Raise Broken unless each method and path is answered 404 or 405, by whomever."""
    gateway = GatewayAnswers(context)
    for method, path in requests:
        with context.case():
            name = f"{method} {path.replace(caller, '…')}"
            answer = whole_answer(partial(context.client.request, method, path, caller=caller))
            holds = answer.status in (404, 405) or not gateway.is_own(name, answer)
            context.expect.that(name, holds, expected="404 or 405", actual=answer)
    gateway.require_own_answers()
