"""Heading "Error handling": the codes, where they come, and the envelope they come in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from typing import Any

from duologue.contracts.clause import ALL_OPERATIONS, Basis, clause
from duologue.contracts.clauses.support.reading import id_of
from duologue.contracts.clauses.support.shared_conversations import to_refuse
from duologue.contracts.clauses.support.steps import lone_user
from duologue.contracts.clauses.support.valid_calls import (
    BODIES,
    BY_ID,
    GROUP_OPERATIONS,
    USER_OPERATIONS,
    VERBS,
    all_were_called,
    every_call,
    unknown,
)
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation import ConversationHandle
from duologue.contracts.context.conversation_view import KINDS, OPERATION
from duologue.contracts.context.gateway_answers import GatewayAnswers
from duologue.contracts.context.limits import limits, many
from duologue.contracts.errors import NotReached
from duologue.contracts.escaping import as_json
from duologue.contracts.http.response import Response

SOURCE = "Error handling"


def must_fail(
    context: CheckContext, name: str, answer: Response, *, status: int | None, code: str | None
) -> None:
    """Raise Broken unless the answer is an error with that status (any 4xx for None) and code."""
    right_status = answer.status == status if status else 400 <= answer.status < 500
    right_code = answer.code == code if code else bool(answer.code)
    context.expect.that(
        name,
        right_status and right_code,
        expected=f"{status or '4xx'} {code or 'with an error code'}",
        actual=answer,
    )


@clause(SOURCE, operations=USER_OPERATIONS)
def uid_not_found(context: CheckContext) -> None:
    """A uid in the path that no user has is answered 404 ERR_UID_NOT_FOUND."""
    caller = lone_user(context)
    for verb in VERBS:
        with context.case():
            answer = context.client.call(
                OPERATION[verb, "user"],
                caller=caller,
                path={"uid": unknown(context)},
                body=BODIES.get(verb),
            )
            name = OPERATION[verb, "user"]
            must_fail(context, name, answer, status=404, code="ERR_UID_NOT_FOUND")


@clause(SOURCE, operations=ALL_OPERATIONS)
def caller_not_found(context: CheckContext) -> None:
    """A caller in onBehalfOf that no user is, is answered 404 ERR_UID_NOT_FOUND."""
    ignore = unknown(context)
    for operation, path, body in every_call(context):
        with context.case():
            answer = context.client.call(operation, caller=ignore, path=path, body=body)
            must_fail(context, operation, answer, status=404, code="ERR_UID_NOT_FOUND")
    with context.case():
        answer = context.client.call("listConversations", caller=ignore)
        must_fail(context, "listConversations", answer, status=404, code="ERR_UID_NOT_FOUND")
    all_were_called(context)


@clause(SOURCE, operations=[*USER_OPERATIONS, *BY_ID])
def conversation_not_found(context: CheckContext) -> None:
    """Where there is no conversation, not yet or no more, 404 ERR_CONVERSATION_NOT_FOUND comes."""
    pair = context.conversations.unstarted()
    for verb in VERBS:
        with context.case():
            answer = pair.ask(verb, body=BODIES.get(verb))
            must_fail(
                context, pair.operation(verb), answer, status=404, code="ERR_CONVERSATION_NOT_FOUND"
            )
    if context.client.may_call("deleteConversation"):
        _is_not_found_once_deleted(context)


def _is_not_found_once_deleted(context: CheckContext) -> None:
    conversation = context.conversations.new()
    path = {"conversationId": id_of(conversation)}
    answer = context.client.call("deleteConversation", caller=conversation.caller, path=path)
    if not answer.ok:
        raise NotReached(f"deleting a conversation was answered {answer}")
    context.expect.precondition(
        "fetching a deleted conversation",
        lambda: conversation.ask("get").status,
        lambda status: 400 <= status < 500,
        expected="a refusal (4xx)",
    )
    asked = [(name, partial(_by_id, context, name, conversation.caller, path)) for name in BY_ID]
    for verb in VERBS:
        ask = partial(conversation.ask, verb, body=BODIES.get(verb))
        asked.append((f"{conversation.operation(verb)} after a deletion", ask))
    for name, ask in asked:
        with context.case():
            must_fail(context, name, ask(), status=404, code="ERR_CONVERSATION_NOT_FOUND")


def _by_id(context: CheckContext, name: str, caller: str, path: dict[str, str]) -> Response:
    return context.client.call(name, caller=caller, path=path)


@clause("Readings T7", Basis.OBSERVED, operations=GROUP_OPERATIONS)
def guid_not_found(context: CheckContext) -> None:
    """A guid in the path that no group has is refused with an error code."""
    caller = lone_user(context)
    for verb in VERBS:
        with context.case():
            answer = context.client.call(
                OPERATION[verb, "group"],
                caller=caller,
                path={"guid": unknown(context)},
                body=BODIES.get(verb),
            )
            must_fail(context, OPERATION[verb, "group"], answer, status=None, code=None)


@clause("Readings T3", Basis.OBSERVED)
def envelope(context: CheckContext) -> None:
    """An error is JSON: an object under error, with code and message as strings, not empty."""
    conversation, refused, gateway = to_refuse(context), 0, GatewayAnswers(context)
    for name, provoke in provocations(context, conversation):
        with context.case():
            answer = gateway.answer(name, provoke)
            if answer is None or answer.status < 400:
                continue  # that this is no error is another clause's matter
            refused += 1
            context.expect.that(
                f"the error of {name}",
                is_envelope(answer),
                expected="JSON with error.code and error.message, and no data",
                actual=f"{answer.status} {answer.beginning}",
            )
    if not gateway.own:
        gateway.require_own_answers()
    if not refused:
        raise NotReached("nothing was refused")


def provocations(
    context: CheckContext, conversation: ConversationHandle
) -> list[tuple[str, Callable[[], Response]]]:
    """Return requests to be refused, one of each kind: key, caller, path, conversation, limits."""
    call, caller = context.client.call, conversation.caller
    ignore = unknown(context)
    return [
        ("a missing key", lambda: call("listConversations", caller=caller, key=None)),
        ("an unknown caller", lambda: call("listConversations", caller=ignore)),
        (
            "an unknown user",
            lambda: call("getUserConversation", caller=caller, path={"uid": ignore}),
        ),
        (
            "an unknown group",
            lambda: call("getGroupConversation", caller=caller, path={"guid": ignore}),
        ),
        ("too many tags", lambda: conversation.ask("tag", body=many(limits().most_tags + 1))),
        ("an unknown path", lambda: context.client.request("GET", "/no-such-thing")),
    ]


def is_envelope(answer: Response) -> bool:
    """Return whether the answer is an error in the documented envelope."""
    words = [answer.error.get(name) for name in ("code", "message")]
    return (
        answer.status >= 400
        and all(isinstance(word, str) and word for word in words)
        and "data" not in answer.body
        and "json" in answer.headers.get("content-type", "")
    )


MALFORMED: tuple[tuple[str, str, Any], ...] = (
    ("tags that are not a list", "tag", {"tags": "family"}),
    ("a tag that is not text", "tag", {"tags": [1, None, {}]}),
    ("a body that is a list", "tag", ["tags"]),
    ("a body without tags", "tag", {}),
    ("a message id that is an object", "unread", {"messageId": {}}),
    ("a message id past all bounds", "read", {"messageId": 10**30}),
    ("a message id that is text", "delivered", {"messageId": "\u0000' OR 1=1 --"}),
    ("a body that is no JSON", "tag", b'{"tags": ['),
    ("a body that is no text", "read", b"\xff\xfe\x00"),
)
QUERIES: tuple[dict[str, str], ...] = (
    {"perPage": "many"},
    {"page": "-1"},
    {"page": "9" * 40},
    {"unread": "perhaps"},
    {"conversationType": "crowd"},
    {"tags": "%00,\u0000"},
    {"searchKey": "\u0000'\"%_\\"},
)
LONG_ID = ("an id of 151 characters", "a" * 151)
ODD_IDS = (
    ("an id outside ASCII", "\N{SEEDLING}\u00e9t\u00e9"),
    ("an id with spaces", "a b"),
    ("an id with quotes", "'\"`"),
)


@clause("Readings T13", Basis.OBSERVED)
def malformed_input(context: CheckContext) -> None:
    """Malformed input is taken or refused, but never a 5xx and never outside the envelope."""
    plain = context.client.call("listConversations", caller=unknown(context))
    if not is_envelope(plain):
        raise NotReached(f"an unknown caller is not refused within the envelope: {plain}")
    gateway = GatewayAnswers(context)

    def check(context: CheckContext, kind: str) -> None:
        conversation = context.conversations.new(kind, unread=1)
        for name, verb, body in MALFORMED:
            with context.case():
                _is_answered(
                    gateway,
                    f"{conversation.operation(verb)} with {name}",
                    partial(conversation.ask, verb, body=body),
                )

    context.each_kind(check)
    caller = lone_user(context)
    for query in QUERIES:
        with context.case():
            ask = partial(context.client.call, "listConversations", caller=caller, query=query)
            _is_answered(gateway, f"listConversations with {as_json(query)}", ask)
    _odd_ids_are_answered(context, gateway, caller)
    if not gateway.own:
        gateway.require_own_answers()


def _odd_ids_are_answered(context: CheckContext, gateway: GatewayAnswers, caller: str) -> None:
    """Check ids in the path that can be none.

    Raises NotReached for an operation that answers an ordinary unknown id no better: its own
    clauses judge that.
    """
    unjudged: list[NotReached] = []
    for operation, name, path in _odd_paths():
        if not context.client.may_call(operation):
            continue
        body = BODIES["tag"] if operation in TAGGING else None
        with context.case():
            ask = partial(context.client.call, operation, caller=caller, path=path, body=body)
            answer = gateway.answer(f"{operation} with {name}", ask)
            if answer is not None and not _is_taken_or_refused(answer):
                ordinary = context.client.call(
                    operation, caller=caller, path=dict.fromkeys(path, unknown(context)), body=body
                )
                if not _is_taken_or_refused(ordinary):
                    unjudged.append(NotReached(f"{operation} was answered {ordinary}"))
                    context.client.explain(unjudged[-1])
                    continue
            _is_right(context, f"{operation} with {name}", answer)
    if unjudged:
        raise unjudged[0]


TAGGING = tuple(OPERATION["tag", kind] for kind in KINDS)


def _odd_paths() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield each operation with an id that is too long, and with one of odd characters."""
    parameters = {
        **dict.fromkeys(USER_OPERATIONS, "uid"),
        **dict.fromkeys(GROUP_OPERATIONS, "guid"),
    }
    parameters |= dict.fromkeys(BY_ID, "conversationId")
    for (operation, parameter), odd in zip(parameters.items(), cycle(ODD_IDS), strict=False):
        for name, value in (LONG_ID, odd):
            yield operation, name, {parameter: value}


def _is_taken_or_refused(answer: Response) -> bool:
    return answer.ok or (400 <= answer.status < 500 and is_envelope(answer))


def _is_answered(gateway: GatewayAnswers, name: str, ask: Callable[[], Response]) -> None:
    _is_right(gateway.context, name, gateway.answer(name, ask))


def _is_right(context: CheckContext, name: str, answer: Response | None) -> None:
    """Raise Broken for an answer of another form; None is a gateway's, which is not judged."""
    if answer is not None:
        context.expect.that(
            name,
            _is_taken_or_refused(answer),
            expected="2xx with data, or 4xx with error.code and error.message",
            actual=f"{answer.status} {answer.beginning}",
        )
