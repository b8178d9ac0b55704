"""Departures from "Error handling": other codes, other statuses, no envelope, no error at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mockserver.domain.model import Copy, Kind
from mockserver.faults.fault import Fault
from mockserver.faults.ways import (
    PAGE,
    Body,
    Change,
    answered,
    body,
    code,
    code_of,
    during,
    failed_as,
    invented,
    refused_as,
    status,
    text,
    wrapped,
)
from mockserver.http.answers import Answer
from mockserver.service import USE_CASES

UID = "errors.uid-not-found"
CALLER = "errors.caller-not-found"
CONVERSATION = "errors.conversation-not-found"
GUID = "errors.guid-not-found"
ENVELOPE = "errors.envelope"
MALFORMED = "errors.malformed-input"

ALL = tuple(USE_CASES)
BY_ID = ("getConversation", "deleteConversation")
MARKS = tuple(name for name in ALL if name.startswith("mark"))
NO_CONVERSATION = "ERR_CONVERSATION_NOT_FOUND"


def failure(answer: Answer) -> Answer:
    """A failure of the server's own, in the envelope."""
    error = {"code": "ERR_EXCEPTION", "message": "Something went wrong."}
    return Answer(500, answer.headers, {"error": error})


def success(answer: Answer) -> Answer:
    """A success without a content worth the name."""
    return Answer(200, answer.headers, {"data": {"success": True, "message": "done"}})


def nothing(answer: Answer) -> Answer:
    """A success that holds null."""
    return Answer(200, answer.headers, {"data": None})


# --- who and what is not found ------------------------------------------------------------------


def _of_check(word: str, check: str, clause: str, right: str) -> tuple[Fault, ...]:
    """The departures that any check of existence can have."""
    what = {"uid": "user in the path", "caller": "caller", "guid": "group in the path"}[word]
    return (
        Fault(
            f"{word}-not-found-is-500",
            clause,
            f"An unknown {what} is answered 500.",
            refused_as(check, failure),
        ),
        Fault(
            f"{word}-not-found-is-200",
            clause,
            f"An unknown {what} is answered 200, with the error in the body.",
            refused_as(check, status(200)),
        ),
        Fault(
            f"{word}-not-found-is-success",
            clause,
            f"An unknown {what} is answered as if all were well.",
            refused_as(check, success),
        ),
        *(
            ()
            if word == "guid"  # any 4xx with any code will do there (readings T7)
            else (
                Fault(
                    f"{word}-not-found-is-400",
                    clause,
                    f"An unknown {what} is answered 400 {right}.",
                    refused_as(check, status(400)),
                ),
                Fault(
                    f"{word}-not-found-is-403",
                    clause,
                    f"An unknown {what} is answered 403 {right}.",
                    refused_as(check, status(403)),
                ),
                Fault(
                    f"{word}-not-found-has-another-code",
                    clause,
                    f"An unknown {what} is answered 404 ERR_USER_NOT_FOUND.",
                    refused_as(check, code("ERR_USER_NOT_FOUND")),
                ),
                Fault(
                    f"{word}-not-found-has-the-other-code",
                    clause,
                    f"An unknown {what} is answered 404 {NO_CONVERSATION}.",
                    refused_as(check, code(NO_CONVERSATION)),
                ),
                Fault(
                    f"{word}-not-found-is-a-page",
                    clause,
                    f"An unknown {what} is answered 404 with a web page.",
                    refused_as(check, text(PAGE, "text/html")),
                ),
            )
        ),
    )


def _missing_for(operations: Sequence[str], change: Callable[[Answer], Answer]) -> Change:
    return failed_as(operations, NO_CONVERSATION, change)


def made_up(_: Callable[..., Copy], caller: str, kind: Kind, peer: str) -> Copy:
    """A conversation in which nothing was said."""
    return invented(caller, kind, peer)


_USERS = tuple(name for name in ALL if "UserConversation" in name)
_CONVERSATIONS = (
    Fault(
        "no-conversation-is-403",
        CONVERSATION,
        "Where there is no conversation, it is answered 403 ERR_CONVERSATION_NOT_ACCESSIBLE.",
        _missing_for(
            ALL,
            lambda answer: code("ERR_CONVERSATION_NOT_ACCESSIBLE")(answer._replace(status=403)),
        ),
    ),
    Fault(
        "no-conversation-is-400",
        CONVERSATION,
        "Where there is no conversation, it is answered 400.",
        _missing_for(ALL, status(400)),
    ),
    Fault(
        "no-conversation-has-another-code",
        CONVERSATION,
        "Where there is no conversation, the code is ERR_NOT_FOUND.",
        _missing_for(ALL, code("ERR_NOT_FOUND")),
    ),
    Fault(
        "no-conversation-is-500",
        CONVERSATION,
        "Where there is no conversation, it is answered 500.",
        _missing_for(ALL, failure),
    ),
    Fault(
        "no-conversation-is-200",
        CONVERSATION,
        "Where there is no conversation, it is answered 200, with the error in the body.",
        _missing_for(_USERS, status(200)),
    ),
    Fault(
        "no-conversation-is-a-page",
        CONVERSATION,
        "Where there is no conversation, it is answered 404 with a web page.",
        _missing_for(ALL, text(PAGE, "text/html")),
    ),
    *(
        Fault(
            f"no-conversation-is-done-by-{word}",
            CONVERSATION,
            f"{told} a conversation that is not there is answered as done.",
            _missing_for([operation], success),
        )
        for word, told, operation in (
            ("reset", "Resetting", "resetUserConversation"),
            ("read", "Marking as read", "markUserConversationAsRead"),
            ("delivered", "Marking as delivered", "markUserConversationAsDelivered"),
            ("unread", "Marking as unread", "markUserConversationAsUnread"),
        )
    ),
    Fault(
        "no-conversation-is-made-by-tags",
        CONVERSATION,
        "Tagging a conversation that is not there answers as if it were.",
        during(["updateUserConversation"], "missing", made_up),
    ),
    Fault(
        "no-id-is-null",
        CONVERSATION,
        "An id that names nothing fetches null.",
        _missing_for(["getConversation"], nothing),
    ),
    Fault(
        "no-id-is-deleted",
        CONVERSATION,
        "Deleting by an id that names nothing is answered as done.",
        _missing_for(["deleteConversation"], success),
    ),
    Fault(
        "no-id-is-403",
        CONVERSATION,
        "An id that names nothing is answered 403 ERR_CONVERSATION_NOT_ACCESSIBLE.",
        _missing_for(
            BY_ID,
            lambda answer: code("ERR_CONVERSATION_NOT_ACCESSIBLE")(answer._replace(status=403)),
        ),
    ),
)


# --- the envelope -------------------------------------------------------------------------------

EVERY = ("", *ALL)


def is_refused(answer: Answer) -> bool:
    """Whether it is a refusal of the mock's making."""
    return bool(code_of(answer))


def is_refused_for_tags(answer: Answer) -> bool:
    """Whether it refuses tags."""
    details = answer.body["error"].get("details", {}) if is_refused(answer) else {}
    return any(name.startswith("tags") for name in details)


def told(change: Callable[[Body], Any]) -> Change:
    """Every error told otherwise; `change` gets what stands under `error`."""
    return answered(
        EVERY,
        lambda answer: answer._replace(body=change(answer.body["error"])),
        lambda answer: is_refused(answer) and not code_of(answer).startswith("AUTH"),
    )


def _unknown_path(change: Callable[[Answer], Answer]) -> Change:
    return answered([""], change, lambda answer: answer.status == 404)


_ENVELOPE = (
    Fault(
        "error-has-no-message",
        ENVELOPE,
        "Errors have a code and no message.",
        told(lambda error: {"error": {"code": error["code"]}}),
    ),
    Fault(
        "error-has-an-empty-message",
        ENVELOPE,
        "The message of an error is empty.",
        told(lambda error: {"error": {**error, "message": ""}}),
    ),
    Fault(
        "error-has-a-message-of-parts",
        ENVELOPE,
        "The message of an error is an object.",
        told(lambda error: {"error": {**error, "message": {"en": error["message"]}}}),
    ),
    Fault(
        "error-comes-with-data",
        ENVELOPE,
        "Errors come with an object under data, too.",
        told(lambda error: {"data": {}, "error": error}),
    ),
    Fault(
        "error-of-a-missing-key-is-text",
        ENVELOPE,
        "A missing key is answered in words, not in JSON.",
        answered(
            ALL,
            text("No key."),
            lambda answer: code_of(answer) == "AUTH_ERR_EMPTY_APIKEY",
        ),
    ),
    Fault(
        "error-of-tags-is-bare",
        ENVELOPE,
        "Tags are refused with what is wrong, without error around it.",
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


# --- malformed input ----------------------------------------------------------------------------


def malformed(operations: Sequence[str], field: str, change: Callable[[Answer], Answer]) -> Change:
    """Requests that are refused because of one field, answered otherwise."""

    def when(answer: Answer) -> bool:
        details = answer.body["error"].get("details", {}) if is_refused(answer) else {}
        return answer.status == 400 and any(
            name == field or name.startswith(f"{field}.") for name in details
        )

    return answered(operations, change, when)


_TAGGING = ("updateUserConversation", "updateGroupConversation")


def _limits_apart(_: Callable[[Answer], Answer]) -> Change:
    """Tags that are no texts, answered otherwise; what is past a limit is refused as ever."""

    def around(refuse: Callable[..., Any], problem: Any, call: Any, act: Any) -> Any:
        tags = call.body.get("tags") if isinstance(call.body, dict) else None
        is_list = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
        if call.operation_id in _TAGGING and isinstance(call.body, dict) and not is_list:
            problem.add_note("malformed")
        return refuse(problem, call, act)

    def tell(healthy: Any) -> Any:
        def status_of(problem: Any) -> int:
            return (
                500
                if "malformed" in getattr(problem, "__notes__", ())
                else healthy.status_of(problem)
            )

        return wrapped("status_of", lambda _, problem: status_of(problem))(healthy)

    return lambda healthy: tell(wrapped("refuse", around)(healthy))


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
        "A message id that is no number is refused in words, not in JSON.",
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
        "A conversationType that is none is refused with a web page.",
        malformed(["listConversations"], "conversationType", text(PAGE, "text/html")),
    ),
)

FAULTS: tuple[Fault, ...] = (
    *_of_check("uid", "check_peer", UID, "ERR_UID_NOT_FOUND"),
    *_of_check("caller", "check_caller", CALLER, "ERR_UID_NOT_FOUND"),
    *_of_check("guid", "check_peer", GUID, "ERR_GUID_NOT_FOUND"),
    *_CONVERSATIONS,
    *_ENVELOPE,
    *_MALFORMED,
)
