"""Faults of access: a missing check, or one that refuses in another way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import and_, exists, not_, or_

from duologue.mockserver.behaviours import UnitOfWork
from duologue.mockserver.domain.errors import BadRequest, Refusal
from duologue.mockserver.domain.model import Copy, Kind, LookupResult
from duologue.mockserver.faults.combinators import (
    Act,
    Change,
    answered,
    code,
    combined,
    during,
    invented,
    refused_as,
    status,
    wrapped,
)
from duologue.mockserver.faults.errors import failure, success
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.store import schema
from duologue.mockserver.store.criteria import Flag, Tables, Value
from duologue.mockserver.usecases.conversations import USE_CASES
from duologue.mockserver.usecases.types import Call

REQUIRED = "access.key-required"
KNOWN = "access.key-known"
SCOPE = "access.key-scope"
CALLER = "access.caller-required"
MEMBERS = "access.members-only"
PARTIES = "access.parties-only"
PATH = "access.unknown-path"
METHOD = "access.wrong-method"
CAPITALS = "access.ids-in-any-case"

ALL = tuple(USE_CASES)
READING = tuple(name for name in ALL if name.startswith(("get", "list")))
WRITING = tuple(name for name in ALL if name not in READING)


# --- the key --------------------------------------------------------------------------------------


def if_missing(check: Callable[..., None], presented: str | None, keys: frozenset[str]) -> None:
    """Accept a request without a key."""
    if presented:
        check(presented, keys)


def if_given(check: Callable[..., None], presented: str | None, keys: frozenset[str]) -> None:
    """Accept any key."""
    if not presented:
        check(presented, keys)


def unchecked(_: Callable[..., None], *args: Any, **named: Any) -> None:
    """Skip the check."""


_KEYS = (
    Fault(
        "key-is-not-asked-for",
        REQUIRED,
        "A missing key is accepted.",
        wrapped("check_key", if_missing),
    ),
    Fault(
        "key-is-not-asked-for-when-reading",
        REQUIRED,
        "Without a key conversations can be read.",
        during(READING, "check_key", if_missing),
    ),
    Fault(
        "key-is-not-asked-for-when-deleting",
        REQUIRED,
        "Without a key conversations can be deleted and reset.",
        during(
            ["deleteConversation", "resetUserConversation", "resetGroupConversation"],
            "check_key",
            if_missing,
        ),
    ),
    Fault(
        "missing-key-is-400",
        REQUIRED,
        "A missing key is answered 400.",
        answered(ALL, status(400), lambda it: _is(it, "AUTH_ERR_EMPTY_APIKEY")),
    ),
    Fault(
        "missing-key-is-500",
        REQUIRED,
        "A missing key is answered 500.",
        answered(ALL, failure, lambda it: _is(it, "AUTH_ERR_EMPTY_APIKEY")),
    ),
    Fault(
        "missing-key-has-another-code",
        REQUIRED,
        "A missing key is answered 401 ERR_BAD_REQUEST.",
        answered(ALL, code("ERR_BAD_REQUEST"), lambda it: _is(it, "AUTH_ERR_EMPTY_APIKEY")),
    ),
    Fault(
        "any-key-will-do",
        KNOWN,
        "An unknown key is accepted.",
        wrapped("check_key", if_given),
    ),
    Fault(
        "any-key-will-do-for-marks",
        KNOWN,
        "An unknown key is accepted for marking conversations.",
        during([name for name in ALL if name.startswith("mark")], "check_key", if_given),
    ),
    Fault(
        "unknown-key-is-404",
        KNOWN,
        "An unknown key is answered 404.",
        answered(ALL, status(404), lambda it: _is(it, "AUTH_ERR_APIKEY_NOT_FOUND")),
    ),
    Fault(
        "unknown-key-is-200",
        KNOWN,
        "An unknown key is answered 200, with the error in the body.",
        answered(ALL, status(200), lambda it: _is(it, "AUTH_ERR_APIKEY_NOT_FOUND")),
    ),
    Fault(
        "scope-is-not-checked",
        SCOPE,
        "A key of scope authOnly is accepted for all operations.",
        wrapped("check_scope", unchecked),
    ),
    Fault(
        "scope-is-not-checked-when-reading",
        SCOPE,
        "A key of scope authOnly is accepted for reading conversations.",
        during(READING, "check_scope", unchecked),
    ),
    Fault(
        "scope-is-not-checked-when-writing",
        SCOPE,
        "A key of scope authOnly is accepted for changing conversations.",
        during(WRITING, "check_scope", unchecked),
    ),
)


def _is(answer: ApiResponse, name: str) -> bool:
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    return isinstance(error, dict) and error.get("code") == name


# --- the caller -----------------------------------------------------------------------------------


def lacks_caller(problem: Refusal) -> bool:
    """Return whether the refusal is about a missing onBehalfOf."""
    return isinstance(problem, BadRequest) and "onBehalfOf" in problem.details


def acted_for_nobody(operations: Sequence[str]) -> Change:
    """Answer a call without a caller as done, or with an invented conversation."""

    def missing(inner: Callable[..., Copy], caller: str, kind: Kind, peer: str) -> Copy:
        return invented(caller, kind, peer) if not caller else inner(caller, kind, peer)

    def by_id(inner: Callable[..., Copy], caller: str, asked_for: str) -> Copy:
        return invented(caller, "user", asked_for) if not caller else inner(caller, asked_for)

    def check(inner: Callable[..., None], caller: str, *rest: Any, **named: Any) -> None:
        if caller:
            inner(caller, *rest, **named)

    def refuse(inner: Callable[..., Any], problem: Refusal, call: Call, act: Act) -> Any:
        if not lacks_caller(problem) or call.operation_id not in operations:
            return inner(problem, call, act)
        return act(call._replace(caller=""))

    return combined(
        wrapped("missing", missing),
        wrapped("missing_by_id", by_id),
        wrapped("check_caller", check),
        during(operations, "check_party", check),
        wrapped("refuse", refuse),
    )


def _without_caller(change: Callable[[ApiResponse], ApiResponse]) -> Change:
    def when(answer: ApiResponse) -> bool:
        error = answer.body.get("error") if isinstance(answer.body, dict) else None
        return isinstance(error, dict) and "onBehalfOf" in error.get("details", {})

    return answered(ALL, change, when)


_CALLERS = (
    Fault(
        "caller-is-optional",
        CALLER,
        "Without onBehalfOf everything is answered as done.",
        _without_caller(success),
    ),
    Fault(
        "caller-is-optional-when-fetching",
        CALLER,
        "Without onBehalfOf a conversation can be fetched.",
        acted_for_nobody(["getUserConversation", "getGroupConversation"]),
    ),
    Fault(
        "caller-is-optional-by-id",
        CALLER,
        "Without onBehalfOf a conversation can be fetched by its id.",
        acted_for_nobody(["getConversation"]),
    ),
    Fault(
        "missing-caller-is-500",
        CALLER,
        "A call without onBehalfOf is answered 500.",
        _without_caller(failure),
    ),
    Fault(
        "missing-caller-is-200",
        CALLER,
        "A call without onBehalfOf is answered 200, with the error in the body.",
        _without_caller(status(200)),
    ),
)


# --- members and parties --------------------------------------------------------------------------


def open_to_all(*operations: str) -> Change:
    """Skip the membership check of groups in these operations."""
    return during(operations, "check_party", unchecked)


def all_groups_for_newcomers(of_caller: Callable[..., Flag], tables: Tables, caller: Value) -> Flag:
    """Select the caller's copies; for a caller without any, those of all groups' owners."""
    any_of_mine = exists().where(schema.copies.alias("mine").c.uid == caller)
    owners = and_(tables.copy.c.kind == "group", tables.copy.c.scope == "admin")
    return or_(of_caller(tables, caller), and_(not_(any_of_mine), owners))


def kept_by_the_kicked(_: Callable[..., None], uow: UnitOfWork, guid: str, uid: str) -> None:
    """Keep the membership of a kicked user."""
    del uow, guid, uid


def is_party_by_id(_: Callable[[LookupResult], bool], found: LookupResult) -> bool:
    """Accept every user of a conversation fetched by its id."""
    return found.copy is not None


def of_a_stranger(_: Callable[..., Copy], caller: str, asked_for: str) -> Copy:
    """Return an invented conversation for an id that is not the caller's."""
    return invented(caller, "user", asked_for.partition("_")[2])


_MEMBERS = (
    *(
        Fault(
            f"group-is-open-to-{word}",
            MEMBERS,
            f"A user who is not a member can {action}.",
            open_to_all(operation),
        )
        for word, action, operation in (
            ("fetching", "fetch a group's conversation", "getGroupConversation"),
            ("tags", "tag a group's conversation", "updateGroupConversation"),
            ("reset", "reset a group's conversation", "resetGroupConversation"),
            ("read", "mark a group's conversation as read", "markGroupConversationAsRead"),
            (
                "delivered",
                "mark a group's conversation as delivered",
                "markGroupConversationAsDelivered",
            ),
            ("unread", "mark a group's conversation as unread", "markGroupConversationAsUnread"),
        )
    ),
    Fault(
        "group-is-open-by-id",
        PARTIES,
        "A user who is not a member can fetch a group's conversation by its id.",
        wrapped("is_party", is_party_by_id),
    ),
    Fault(
        "groups-are-listed-for-newcomers",
        MEMBERS,
        "A user without conversations is shown those of all groups.",
        wrapped("of_caller", all_groups_for_newcomers),
    ),
    Fault(
        "kicked-members-keep-the-conversation",
        MEMBERS,
        "A user who was kicked out of a group still has its conversation.",
        wrapped("kick", kept_by_the_kicked),
    ),
    Fault(
        "non-members-are-500",
        MEMBERS,
        "A user who is not a member is answered 500.",
        refused_as("check_party", failure),
    ),
    Fault(
        "non-members-are-200",
        MEMBERS,
        "A user who is not a member is answered 200, with the error in the body.",
        refused_as("check_party", status(200)),
    ),
)

_PARTIES = (
    Fault(
        "strangers-fetch-by-id",
        PARTIES,
        "A user who is no party of a 1-on-1 can fetch it by its id.",
        during(["getConversation"], "missing_by_id", of_a_stranger),
    ),
    Fault(
        "strangers-delete-by-id",
        PARTIES,
        "A user who is no party of a 1-on-1 can delete it by its id.",
        during(["deleteConversation"], "missing_by_id", of_a_stranger),
    ),
)


# --- paths and methods ----------------------------------------------------------------------------


def _off_the_map(number: int, change: Callable[[ApiResponse], ApiResponse]) -> Change:
    return answered([""], change, lambda answer: answer.status == number)


def empty_list(answer: ApiResponse) -> ApiResponse:
    """Return a success with an empty list."""
    return ApiResponse(200, answer.headers, {"data": []})


_ROUTES = (
    Fault(
        "unknown-path-is-200",
        PATH,
        "An unknown path is answered 200.",
        _off_the_map(404, empty_list),
    ),
    Fault(
        "unknown-path-is-500", PATH, "An unknown path is answered 500.", _off_the_map(404, failure)
    ),
    Fault(
        "unknown-path-is-400",
        PATH,
        "An unknown path is answered 400.",
        _off_the_map(404, status(400)),
    ),
    Fault(
        "wrong-method-is-200",
        METHOD,
        "A method that a path does not have is answered 200.",
        _off_the_map(405, empty_list),
    ),
    Fault(
        "wrong-method-is-500",
        METHOD,
        "A method that a path does not have is answered 500.",
        _off_the_map(405, failure),
    ),
    Fault(
        "wrong-method-is-403",
        METHOD,
        "A method that a path does not have is answered 403.",
        _off_the_map(405, status(403)),
    ),
)


def letter_for_letter(_: Callable[[str], str], name: str) -> str:
    """Return an id unchanged."""
    return name


_IDS = (
    Fault(
        "ids-are-taken-letter-for-letter",
        CAPITALS,
        "An id in capital letters is not found.",
        wrapped("fold", letter_for_letter),
    ),
    Fault(
        "uids-are-taken-letter-for-letter",
        CAPITALS,
        "The uid of a 1-on-1 is not found in capital letters.",
        during(["getUserConversation"], "fold", letter_for_letter),
    ),
    Fault(
        "guids-are-taken-letter-for-letter",
        CAPITALS,
        "The guid of a group's conversation is not found in capital letters.",
        during(["getGroupConversation"], "fold", letter_for_letter),
    ),
    Fault(
        "callers-of-lists-are-taken-letter-for-letter",
        CAPITALS,
        "The caller of a list is not found in capital letters.",
        during(["listConversations"], "fold", letter_for_letter),
    ),
)

FAULTS: tuple[Fault, ...] = (*_KEYS, *_CALLERS, *_MEMBERS, *_PARTIES, *_ROUTES, *_IDS)
