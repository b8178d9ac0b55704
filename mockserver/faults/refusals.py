"""Faults of "Error handling": errors outside their envelope, and malformed input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from duologue.mockserver.faults.combinators import (
    PAGE,
    Body,
    Change,
    answered,
    body,
    code_of,
    refused_as,
    text,
    wrapped,
)
from duologue.mockserver.faults.errors import ALL, failure
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.api_response import ApiResponse

ENVELOPE = "errors.envelope"
MALFORMED = "errors.malformed-input"


# --- the envelope ---------------------------------------------------------------------------------

EVERY = ("", *ALL)


def is_refused(answer: ApiResponse) -> bool:
    """Return whether the answer is an error with a code."""
    return bool(code_of(answer))


def is_refused_for_tags(answer: ApiResponse) -> bool:
    """Return whether the answer refuses tags."""
    details = answer.body["error"].get("details", {}) if is_refused(answer) else {}
    return any(name.startswith("tags") for name in details)


def error_as(change: Callable[[Body], Any]) -> Change:
    """Change the body of every error; `change` gets the `error` object."""
    return answered(
        EVERY,
        lambda answer: answer._replace(body=change(answer.body["error"])),
        lambda answer: is_refused(answer) and not code_of(answer).startswith("AUTH"),
    )


def _unknown_path(change: Callable[[ApiResponse], ApiResponse]) -> Change:
    return answered([""], change, lambda answer: answer.status == 404)


_ENVELOPE = (
    Fault(
        "error-has-no-message",
        ENVELOPE,
        "Errors have a code and no message.",
        error_as(lambda error: {"error": {"code": error["code"]}}),
    ),
    Fault(
        "error-has-an-empty-message",
        ENVELOPE,
        "The message of an error is empty.",
        error_as(lambda error: {"error": {**error, "message": ""}}),
    ),
    Fault(
        "error-has-a-message-of-parts",
        ENVELOPE,
        "The message of an error is an object.",
        error_as(lambda error: {"error": {**error, "message": {"en": error["message"]}}}),
    ),
    Fault(
        "error-comes-with-data",
        ENVELOPE,
        "Errors come with an object under data, too.",
        error_as(lambda error: {"data": {}, "error": error}),
    ),
    Fault(
        "error-of-a-missing-key-is-text",
        ENVELOPE,
        "A missing key is answered in plain text, not in JSON.",
        answered(
            ALL,
            text("No key."),
            lambda answer: code_of(answer) == "AUTH_ERR_EMPTY_APIKEY",
        ),
    ),
    Fault(
        "error-of-tags-is-bare",
        ENVELOPE,
        "Refused tags are answered with the content of error, without the envelope.",
        answered(
            ALL, lambda answer: answer._replace(body=answer.body["error"]), is_refused_for_tags
        ),
    ),
    Fault(
        "unknown-path-is-a-page",
        ENVELOPE,
        "An unknown path is answered 404 with a web page.",
        _unknown_path(text(PAGE, "text/html")),
    ),
    Fault(
        "unknown-path-is-empty",
        ENVELOPE,
        "An unknown path is answered 404 without a body.",
        _unknown_path(body(b"")),
    ),
    Fault(
        "unknown-group-is-a-list-of-errors",
        ENVELOPE,
        "An unknown group is answered with a list under errors.",
        refused_as(
            "check_peer",
            lambda answer: (
                answer._replace(body={"errors": [answer.body["error"]]})
                if code_of(answer) == "ERR_GUID_NOT_FOUND"
                else answer
            ),
        ),
    ),
)


# --- malformed input ------------------------------------------------------------------------------


def malformed(
    operations: Sequence[str], field: str, change: Callable[[ApiResponse], ApiResponse]
) -> Change:
    """Change the answer to requests that are refused because of one field."""

    def when(answer: ApiResponse) -> bool:
        details = answer.body["error"].get("details", {}) if is_refused(answer) else {}
        return answer.status == 400 and any(
            name == field or name.startswith(f"{field}.") for name in details
        )

    return answered(operations, change, when)


MARKS = tuple(name for name in ALL if name.startswith("mark"))
_TAGGING = ("updateUserConversation", "updateGroupConversation")


def _limits_apart(_: Callable[[ApiResponse], ApiResponse]) -> Change:
    """Answer 500 to tags that are not strings; tags past a limit are refused as usual."""

    def around(refuse: Callable[..., Any], problem: Any, call: Any, act: Any) -> Any:
        tags = call.body.get("tags") if isinstance(call.body, dict) else None
        is_list = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
        if call.operation_id in _TAGGING and isinstance(call.body, dict) and not is_list:
            problem.add_note("malformed")
        return refuse(problem, call, act)

    def with_status(healthy: Any) -> Any:
        def status_of(problem: Any) -> int:
            return (
                500
                if "malformed" in getattr(problem, "__notes__", ())
                else healthy.status_of(problem)
            )

        return wrapped("status_of", lambda _, problem: status_of(problem))(healthy)

    return lambda healthy: with_status(wrapped("refuse", around)(healthy))


_MALFORMED = (
    Fault(
        "broken-json-is-500",
        MALFORMED,
        "A body that is no JSON is answered 500.",
        malformed(_TAGGING, "body", failure),
    ),
    Fault(
        "tags-of-another-type-are-500",
        MALFORMED,
        "Tags that are no texts are answered 500.",
        _limits_apart(failure),
    ),
    Fault(
        "message-id-of-another-type-is-500",
        MALFORMED,
        "A message id that is no number is answered 500.",
        malformed(MARKS, "messageId", failure),
    ),
    Fault(
        "message-id-of-another-type-is-text",
        MALFORMED,
        "A message id that is no number is refused in plain text, not in JSON.",
        malformed(MARKS, "messageId", text("Bad message id.")),
    ),
    Fault(
        "page-of-another-type-is-500",
        MALFORMED,
        "A page that is no number from 1 is answered 500.",
        malformed(["listConversations"], "page", failure),
    ),
    Fault(
        "unread-of-another-type-is-500",
        MALFORMED,
        "A filter that is neither true nor false is answered 500.",
        malformed(["listConversations"], "unread", failure),
    ),
    Fault(
        "type-of-another-word-is-a-page",
        MALFORMED,
        "An invalid conversationType is refused with a web page.",
        malformed(["listConversations"], "conversationType", text(PAGE, "text/html")),
    ),
)

FAULTS: tuple[Fault, ...] = (*_ENVELOPE, *_MALFORMED)
