"""Faults of "Error handling": other codes, other statuses, no error at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from duologue.mockserver.domain.model import Copy, Kind
from duologue.mockserver.faults.combinators import (
    PAGE,
    Change,
    code,
    during,
    failed_as,
    invented,
    refused_as,
    replaced,
    status,
    text,
)
from duologue.mockserver.faults.fault import Fault
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.usecases.conversations import USE_CASES

UID = "errors.uid-not-found"
CALLER = "errors.caller-not-found"
CONVERSATION = "errors.conversation-not-found"
GUID = "errors.guid-not-found"

ALL = tuple(USE_CASES)
BY_ID = ("getConversation", "deleteConversation")
NO_CONVERSATION = "ERR_CONVERSATION_NOT_FOUND"


def failure(answer: ApiResponse) -> ApiResponse:
    """Return a 500 in the error envelope."""
    error = {"code": "ERR_EXCEPTION", "message": "Something went wrong."}
    return ApiResponse(500, answer.headers, {"error": error})


def success(answer: ApiResponse) -> ApiResponse:
    """Return a success with a generic content."""
    return ApiResponse(200, answer.headers, {"data": {"success": True, "message": "done"}})


def nothing(answer: ApiResponse) -> ApiResponse:
    """Return a success with null."""
    return ApiResponse(200, answer.headers, {"data": None})


# --- not found ------------------------------------------------------------------------------------


def _of_check(
    word: str, check: str, clause: str, right: str, *, kind: Kind | None = None
) -> tuple[Fault, ...]:
    """Return the faults that each check of existence can have."""
    what = {"uid": "user in the path", "caller": "caller", "guid": "group in the path"}[word]
    return (
        Fault(
            f"{word}-not-found-is-500",
            clause,
            f"An unknown {what} is answered 500.",
            refused_as(check, failure, kind),
        ),
        Fault(
            f"{word}-not-found-is-200",
            clause,
            f"An unknown {what} is answered 200, with the error in the body.",
            refused_as(check, status(200), kind),
        ),
        Fault(
            f"{word}-not-found-is-success",
            clause,
            f"An unknown {what} is answered with a success.",
            refused_as(check, success, kind),
        ),
        *(
            ()
            if word == "guid"  # any 4xx with any code is accepted there (readings T7)
            else (
                Fault(
                    f"{word}-not-found-is-400",
                    clause,
                    f"An unknown {what} is answered 400 {right}.",
                    refused_as(check, status(400), kind),
                ),
                Fault(
                    f"{word}-not-found-is-403",
                    clause,
                    f"An unknown {what} is answered 403 {right}.",
                    refused_as(check, status(403), kind),
                ),
                Fault(
                    f"{word}-not-found-has-another-code",
                    clause,
                    f"An unknown {what} is answered 404 ERR_USER_NOT_FOUND.",
                    refused_as(check, code("ERR_USER_NOT_FOUND"), kind),
                ),
                Fault(
                    f"{word}-not-found-has-the-other-code",
                    clause,
                    f"An unknown {what} is answered 404 {NO_CONVERSATION}.",
                    refused_as(check, code(NO_CONVERSATION), kind),
                ),
                Fault(
                    f"{word}-not-found-is-a-page",
                    clause,
                    f"An unknown {what} is answered 404 with a web page.",
                    refused_as(check, text(PAGE, "text/html"), kind),
                ),
            )
        ),
    )


def _missing_for(operations: Sequence[str], change: Callable[[ApiResponse], ApiResponse]) -> Change:
    return failed_as(operations, NO_CONVERSATION, change)


def made_up(_: Callable[..., Copy], caller: str, kind: Kind, peer: str) -> Copy:
    """Return an invented conversation without messages."""
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
        "Where there is no conversation, all but fetching it is answered 500.",
        _missing_for([name for name in ALL if not name.startswith("get")], failure),
    ),
    Fault(
        "deleted-conversation-is-reset",
        CONVERSATION,
        "Resetting a conversation that the caller has deleted is answered as done.",
        replaced(resets_unseen=lambda _: True),
    ),
    Fault(
        "deleted-group-conversation-is-500",
        "operations.delete-conversation",
        "A group's conversation that the caller has deleted is answered 500.",
        failed_as(["getGroupConversation"], "ERR_CONVERSATION_NOT_FOUND", failure),
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
            f"{action} a conversation that does not exist is answered as done.",
            _missing_for([operation], success),
        )
        for word, action, operation in (
            ("reset", "Resetting", "resetUserConversation"),
            ("read", "Marking as read", "markUserConversationAsRead"),
            ("delivered", "Marking as delivered", "markUserConversationAsDelivered"),
            ("unread", "Marking as unread", "markUserConversationAsUnread"),
        )
    ),
    Fault(
        "no-conversation-is-made-by-tags",
        CONVERSATION,
        "Tagging a conversation that does not exist is answered as if it existed.",
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

FAULTS: tuple[Fault, ...] = (
    *_of_check("uid", "check_peer", UID, "ERR_UID_NOT_FOUND", kind="user"),
    *_of_check("caller", "check_caller", CALLER, "ERR_UID_NOT_FOUND"),
    *_of_check("guid", "check_peer", GUID, "ERR_GUID_NOT_FOUND", kind="group"),
    *_CONVERSATIONS,
)
