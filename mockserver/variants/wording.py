"""Variants in the form of a server's answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from duologue.mockserver.domain.model import Copy
from duologue.mockserver.faults.combinators import (
    Body,
    Change,
    answered,
    code,
    code_of,
    combined,
    during,
    refused_as,
    shown,
    status,
    wrapped,
)
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.representations.serializers import ABSENT
from duologue.mockserver.http.routes import USE_CASES as EVERYTHING
from duologue.mockserver.usecases.conversations import USE_CASES
from duologue.mockserver.variants.variant import Variant

ALL = tuple(USE_CASES)
EVERY = ("", *EVERYTHING)
FETCHING = ("getConversation", "getUserConversation", "getGroupConversation")
UNREAD = ("markUserConversationAsUnread", "markGroupConversationAsUnread")
MORE: Body = {"x-extra": {"of": "no document"}, "extras": [], "extra": None}


def with_more(inner: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """Show a thing with unknown properties added."""
    body = inner(*args, **named)
    return {**body, **MORE} if isinstance(body, dict) else body


def rich(show: Callable[..., Body], problem: Any) -> Body:
    """Show a refusal with everything that a service may add to it."""
    error = show(problem)["error"]
    more = {
        "details": {},
        "devMessage": f"See the guide on {error['code']}.",
        "source": "chat-api",
        "traceId": "0af7651916cd43dd8448eb211c80319c",
    }
    return {"error": {**more, **error}, "status": "error"}


def capital(data: Any) -> Any:
    """Show the success answer with a key in capitals."""
    if not isinstance(data, dict) or "message" not in data:
        return data
    return {"Message" if name == "message" else name: value for name, value in data.items()}


def only_conversation(data: Any) -> Any:
    """Show the conversation alone, without the success properties."""
    return {"conversation": data["conversation"]}


def without_empty_tags(was: Any, _: Copy) -> Any:
    """Show no tags where there are none."""
    return was or ABSENT


def no_tags(*_: Any) -> Any:
    """Show no tags at all."""
    return ABSENT


def numbered(was: Any, _: Copy) -> Any:
    """Show the last message with an integer id."""
    return was if was is ABSENT else {**was, "id": int(was["id"])}


def no_owner(_: Any, __: Copy) -> Any:
    """Show no owner."""
    return ABSENT


def in_chunks(answer: ApiResponse) -> ApiResponse:
    """Send the answer in chunks, without a length."""
    if not isinstance(answer.body, dict):
        return answer
    whole = orjson.dumps(answer.body, option=orjson.OPT_INDENT_2)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(whole), 64):
            yield whole[start : start + 64]

    return answer._replace(body=pieces())


def with_headers(**headers: str) -> Callable[[ApiResponse], ApiResponse]:
    """Send the answer with other headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda answer: answer._replace(headers={**answer.headers, **named})


def recoded(was: str, number: int, name: str) -> Change:
    """Send one refusal with another status and code."""
    return answered(
        EVERY,
        lambda answer: code(name)(status(number)(answer)),
        lambda answer: code_of(answer) == was,
    )


def lacks_caller(answer: ApiResponse) -> bool:
    """Return whether an answer refuses a call for its missing caller."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    return isinstance(error, dict) and "onBehalfOf" in error.get("details", {})


_SHOWS = (
    "show_user", "show_group", "show_message", "show_content", "show_success", "show_pagination",
    "show_envelope", "show_conversation",
)  # fmt: skip

VARIANTS: tuple[Variant, ...] = (
    Variant(
        "rich-errors",
        "T3",
        "Errors carry all documented extra properties, and some unknown ones.",
        own=wrapped("show_refusal", rich),
    ),
    Variant(
        "more-properties",
        "T2",
        "Every object has undocumented properties.",
        own=combined(*(wrapped(name, with_more) for name in _SHOWS)),
    ),
    Variant(
        "capital-message",
        "E32",
        "The success message is under the key Message.",
        own=wrapped("show_success", lambda show, text: capital(show(text))),
    ),
    Variant(
        "unread-answers-success",
        "B8a",
        "Marking as unread answers success alone.",
        own=wrapped(
            "show_unread_success",
            lambda _, behaviours, done: behaviours.show_success(done.text),
        ),
    ),
    Variant(
        "unread-answers-the-conversation",
        "B8",
        "Marking as unread answers the conversation alone.",
        own=wrapped(
            "show_unread_success",
            lambda show, behaviours, done: only_conversation(show(behaviours, done)),
        ),
    ),
    Variant(
        "tags-not-in-get",
        "C6",
        "A conversation that is fetched does not show its tags.",
        sent=during(FETCHING, "show_tags", no_tags),
    ),
    Variant(
        "empty-tags-left-out",
        "C6",
        "Tags are left out where there are none.",
        own=shown("tags", without_empty_tags),
    ),
    Variant(
        "tags-in-another-order",
        "B11",
        "Tags come back in another order than they were sent in.",
        own=shown("tags", lambda was, _: was if was is ABSENT else sorted(was, reverse=True)),
    ),
    Variant(
        "numbers-as-message-ids",
        "E53",
        "lastMessage.id is a number.",
        own=shown("last_message", numbered),
    ),
    Variant(
        "owner-left-out",
        "C7",
        "The list of the whole app does not show the owner of each copy.",
        own=shown("owner", no_owner),
    ),
    Variant(
        "chunked-answers",
        "HTTP",
        "Answers come in pieces, without a length, spread over lines.",
        sent=answered(EVERY, in_chunks),
    ),
    Variant(
        "other-headers",
        "HTTP",
        "Answers name their charset, and may be stored by the client.",
        sent=answered(
            EVERY,
            with_headers(
                Content_Type="application/json; charset=utf-8", Cache_Control="private, max-age=0"
            ),
            lambda answer: "Content-Type" not in answer.headers,
        ),
    ),
    Variant(
        "keys-are-403",
        "T4",
        "A missing or unknown key is answered 403, with codes of its own.",
        sent=combined(
            recoded("AUTH_ERR_EMPTY_APIKEY", 403, "AUTH_ERR_NO_KEY"),
            recoded("AUTH_ERR_APIKEY_NOT_FOUND", 403, "AUTH_ERR_BAD_KEY"),
        ),
    ),
    Variant(
        "missing-caller-is-401",
        "T5",
        "A call without onBehalfOf is answered 401.",
        sent=answered(ALL, lambda it: code("ERR_CALLER_MISSING")(status(401)(it)), lacks_caller),
    ),
    Variant(
        "unknown-group-is-403",
        "T7",
        "An unknown group is answered 403.",
        sent=recoded("ERR_GUID_NOT_FOUND", 403, "ERR_GROUP_NOT_ACCESSIBLE"),
    ),
    Variant(
        "non-members-are-401",
        "B13",
        "A user who is not a member of a group is answered 401 ERR_GROUP_NOT_JOINED.",
        sent=refused_as("check_party", lambda it: code("ERR_GROUP_NOT_JOINED")(status(401)(it))),
    ),
    Variant(
        "non-members-are-404",
        "B13",
        "A user who is not a member of a group is answered that the group does not exist.",
        sent=refused_as("check_party", lambda it: code("ERR_GUID_NOT_FOUND")(status(404)(it))),
    ),
    Variant(
        "unknown-path-is-405",
        "T10",
        "An unknown path is answered 405, a method it does not have 404.",
        sent=answered(
            [""],
            lambda it: status({404: 405, 405: 404}[it.status])(it),
            lambda it: it.status in (404, 405),
        ),
    ),
    Variant(
        "tag-limits-are-413",
        "B11",
        "Too many tags, or too long ones, are answered 413 with a code of their own.",
        sent=answered(
            ("updateUserConversation", "updateGroupConversation"),
            lambda it: code("ERR_TAGS_LIMIT_EXCEEDED")(status(413)(it)),
            lambda it: any(name.startswith("tags") for name in _details(it)),
        ),
    ),
)


def _details(answer: ApiResponse) -> Body:
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    return details if isinstance(details, dict) else {}
