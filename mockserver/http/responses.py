"""The bodies of answers: success, page, refusal, and the step that sees each answer last."""

from __future__ import annotations

from typing import Any

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain.errors import MethodNotAllowed, Refusal, TooManyRequests
from duologue.mockserver.domain.model import Group, Member, Message, Page, User
from duologue.mockserver.domain.rule import rule
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.usecases.types import (
    ConversationPage,
    Deactivation,
    Deletion,
    Done,
    JoinResults,
    ShownConversation,
    ViewedMessage,
)

# --- behaviours ---------------------------------------------------------------------------------


@rule("T2")
def success(text: str) -> dict[str, Any]:
    """Return the word of success."""
    return {"success": True, "message": text}


@rule("T2")
def done(behaviours: Behaviours, operation_id: str, outcome: Done) -> dict[str, Any]:
    """Return the word of success for a change of a conversation."""
    del operation_id
    body: dict[str, Any] = behaviours.show_success(outcome.text)
    return body


@rule("B8")
def unread_success(behaviours: Behaviours, done: Done) -> dict[str, Any]:
    """Return the word of success for a mark as unread; `done.see` has the conversation."""
    body: dict[str, Any] = behaviours.show_success(done.text)
    return body


@rule("T2")
def envelope(data: Any) -> dict[str, Any]:
    """Return a success body: the content under `data`."""
    return {"data": data}


@rule("T2")
def pagination(total: int, count: int, *, per_page: int, number: int) -> dict[str, Any]:
    """Return the place of a page in the whole list."""
    return {
        "total": total,
        "count": count,
        "per_page": per_page,
        "current_page": number,
        "total_pages": -(-total // per_page),
    }


@rule("T3")
def refusal(problem: Refusal) -> dict[str, Any]:
    """Return an error body: code, message, and details if fields were not accepted."""
    error: dict[str, Any] = {"code": problem.code, "message": str(problem)}
    if problem.details:
        error["details"] = problem.details
    return {"error": error}


@rule("T3")
def status_of(problem: Refusal) -> int:
    """Return the HTTP status of a refusal."""
    return problem.status


@rule("T10", "T11")
def headers_of(problem: Refusal) -> dict[str, str]:
    """Return the headers that belong to a refusal."""
    if isinstance(problem, MethodNotAllowed):
        return {"Allow": ", ".join(problem.allowed)}
    if isinstance(problem, TooManyRequests):
        return {
            "Retry-After": str(problem.retry_after_s),
            "X-Rate-Limit-Reset": str(problem.reset_at),
        }
    return {}


def finish(operation_id: str, answer: ApiResponse) -> ApiResponse:
    """Return the answer as it is sent: unchanged."""
    del operation_id
    return answer


# --- putting them together ----------------------------------------------------------------------


def of_outcome(behaviours: Behaviours, operation_id: str, outcome: Any) -> ApiResponse:
    """Return the success answer for the outcome of a use case."""
    if isinstance(outcome, Page | ConversationPage):
        return _of_page(behaviours, outcome)
    return ApiResponse(200, {}, behaviours.show_envelope(_data(behaviours, operation_id, outcome)))


def of_refusal(behaviours: Behaviours, problem: Refusal) -> ApiResponse:
    """Return the error answer for a refusal."""
    body = behaviours.show_refusal(problem)
    return ApiResponse(behaviours.status_of(problem), behaviours.headers_of(problem), body, problem)


def _data(behaviours: Behaviours, operation_id: str, outcome: Any) -> Any:
    match outcome:
        case ShownConversation():
            return behaviours.show_conversation(behaviours, outcome.copy, outcome.shown)
        case Done():
            return _done(behaviours, operation_id, outcome)
        case Deletion():
            return behaviours.show_success(outcome.text)
        case Deactivation():
            return {"deactivatedUids": [outcome.uid]}
        case JoinResults():
            return _join_results(behaviours, outcome)
    return _item(behaviours, outcome)


def _done(behaviours: Behaviours, operation_id: str, outcome: Done) -> Any:
    if operation_id.endswith("AsUnread"):
        return behaviours.show_unread_success(behaviours, outcome)
    return behaviours.show_done(behaviours, operation_id, outcome)


def _item(behaviours: Behaviours, item: Any) -> Any:
    match item:
        case User():
            return behaviours.show_user(item)
        case Group():
            body = behaviours.show_group(item)
            name = behaviours.conversation_id("group", item.guid, owner="")
            return body | {"conversationId": name}
        case Member():
            return behaviours.show_member(behaviours, item)
        case ViewedMessage():
            return _viewed_message(behaviours, item)
    raise TypeError(f"nothing shows a {type(item).__name__}")


def _viewed_message(behaviours: Behaviours, viewed: ViewedMessage) -> Any:
    message, viewer = viewed
    peer, owner = message.receiver, message.sender
    if message.kind == "user" and viewer == message.receiver:
        peer, owner = owner, peer
    name = behaviours.conversation_id(message.kind, peer, owner=owner)
    return behaviours.show_message(behaviours, message, name)


def _join_results(behaviours: Behaviours, outcome: JoinResults) -> dict[str, Any]:
    def result(outcome: Refusal | Message | None) -> dict[str, Any]:
        if outcome is None:
            return {"success": True}
        if isinstance(outcome, Refusal):
            return {"success": False, **behaviours.show_refusal(outcome)}
        return {"success": True, "data": _viewed_message(behaviours, ViewedMessage(outcome, None))}

    return {
        named: {uid: result(outcome) for uid, outcome in each.items()}
        for named, each in outcome.results.items()
    }


def _of_page(behaviours: Behaviours, outcome: Page[Any] | ConversationPage) -> ApiResponse:
    if isinstance(outcome, ConversationPage):
        page: Page[Any] = outcome.page
        data = [
            behaviours.show_conversation(behaviours, copy, outcome.shown) for copy in page.items
        ]
    else:
        page = outcome
        data = [_item(behaviours, item) for item in page.items]
    meta = behaviours.show_pagination(
        page.total, len(data), per_page=page.per_page, number=page.number
    )
    return ApiResponse(200, {}, behaviours.show_envelope(data) | {"meta": {"pagination": meta}})
