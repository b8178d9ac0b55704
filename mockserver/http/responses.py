"""The bodies of answers: success, page, refusal, and the step that sees each answer last."""

from __future__ import annotations

from typing import Any

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.domain.errors import MethodNotAllowed, Refusal, TooManyRequests
from duologue.mockserver.domain.model import Message, Page, Shown
from duologue.mockserver.domain.rule import rule
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.representations import items, serializers
from duologue.mockserver.usecases.types import (
    ConversationPage,
    Deactivation,
    Deletion,
    Done,
    MarkedUnread,
    MessagePage,
    PlainData,
    ShownConversation,
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
def unread_success(behaviours: Behaviours, done: MarkedUnread) -> dict[str, Any]:
    """Return what marking as unread answers: success, with the conversation as it is (B8a)."""
    shown = Shown(tags=True, single=True)
    conversation = behaviours.show_conversation(behaviours, done.copy, shown)
    return behaviours.show_success(done.text) | {"conversation": conversation}


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
    if isinstance(outcome, MessagePage):
        return _of_messages(behaviours, outcome)
    headers = dict(outcome.headers) if isinstance(outcome, PlainData) else {}
    body = behaviours.show_envelope(_data(behaviours, operation_id, outcome))
    return ApiResponse(200, headers, body)


def of_refusal(behaviours: Behaviours, problem: Refusal) -> ApiResponse:
    """Return the error answer for a refusal."""
    body = behaviours.show_refusal(problem)
    return ApiResponse(behaviours.status_of(problem), behaviours.headers_of(problem), body, problem)


def _data(behaviours: Behaviours, operation_id: str, outcome: Any) -> Any:
    match outcome:
        case ShownConversation():
            return behaviours.show_conversation(behaviours, outcome.copy, outcome.shown)
        case MarkedUnread():
            return behaviours.show_unread_success(behaviours, outcome)
        case Done():
            return behaviours.show_done(behaviours, operation_id, outcome)
        case Deletion():
            return behaviours.show_success(outcome.text)
        case Deactivation():
            return {"deactivatedUids": [outcome.uid]}
    return items.item(behaviours, outcome)


def _of_page(behaviours: Behaviours, outcome: Page[Any] | ConversationPage) -> ApiResponse:
    if isinstance(outcome, ConversationPage):
        page: Page[Any] = outcome.page
        data = [
            behaviours.show_conversation(behaviours, copy, outcome.shown) for copy in page.items
        ]
    else:
        page = outcome
        data = [items.item(behaviours, item) for item in page.items]
    meta = behaviours.show_pagination(
        page.total, len(data), per_page=page.per_page, number=page.number
    )
    body = behaviours.show_envelope(data) | {"meta": {"pagination": meta}}
    return ApiResponse(200, {}, body, depends_on_tags=_depends_on_tags(behaviours, outcome))


def _depends_on_tags(behaviours: Behaviours, outcome: Page[Any] | ConversationPage) -> bool:
    """Return whether other tags of copies could make another page."""
    if isinstance(outcome, ConversationPage) and behaviours.show_tags is serializers.tags:
        return outcome.depends_on_tags
    return True


def _of_messages(behaviours: Behaviours, outcome: MessagePage) -> ApiResponse:
    """Return a page of messages: its place in the whole, and where its neighbours begin."""
    answer = _of_page(behaviours, outcome.page)
    shown = answer.body.get("data") if type(answer.body) is dict else None
    if type(shown) is not list or "meta" not in answer.body:
        return answer
    items_ = [viewed.message for viewed in outcome.page.items]
    meta = {"current": {"limit": outcome.page.per_page, "count": len(items_)}}
    if items_:
        meta["previous"] = _cursor("prepend", items_[0])
        meta["next"] = _cursor("append", items_[-1])
        meta["cursor"] = meta["previous" if outcome.is_backwards else "next"]
    answer.body["meta"] |= meta
    return answer


def _cursor(affix: str, message: Message) -> dict[str, Any]:
    return {"affix": affix, "id": str(message.id), "sentAt": message.sent_at}
