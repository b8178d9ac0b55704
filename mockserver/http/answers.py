"""What an answer is made of: success, page, refusal, and the last word on each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.domain.errors import MethodNotAllowed, Refusal, TooManyRequests
from mockserver.domain.model import Group, Member, Message, Page, User
from mockserver.service import Done, Listed, Seen
from mockserver.stagehand import Deactivated, Gone, Joined, Told

if TYPE_CHECKING:
    from mockserver.parts import Parts


class Answer(NamedTuple):
    """What goes over the wire; a body that is not bytes is sent as JSON."""

    status: int
    headers: dict[str, str]
    body: Any
    problem: Refusal | None = None  # what it tells of, where it is an error


# --- parts --------------------------------------------------------------------------------------


def success(text: str) -> dict[str, Any]:
    """The word of success (readings T2)."""
    return {"success": True, "message": text}


def done(parts: Parts, operation_id: str, outcome: Done) -> dict[str, Any]:
    """The word of success of what was done to a conversation (readings T2)."""
    del operation_id
    body: dict[str, Any] = parts.show_success(outcome.text)
    return body


def unread_success(parts: Parts, done: Done) -> dict[str, Any]:
    """The word of success of marking as unread; `done.see` has the conversation (readings B8)."""
    body: dict[str, Any] = parts.show_success(done.text)
    return body


def envelope(data: Any) -> dict[str, Any]:
    """A success: its content under `data` (readings T2)."""
    return {"data": data}


def pagination(total: int, count: int, *, per_page: int, number: int) -> dict[str, Any]:
    """Where a page stands in the whole (readings T2)."""
    return {
        "total": total,
        "count": count,
        "per_page": per_page,
        "current_page": number,
        "total_pages": -(-total // per_page),
    }


def refusal(problem: Refusal) -> dict[str, Any]:
    """A refusal: code, message, and details where a field is to blame (readings T3)."""
    error: dict[str, Any] = {"code": problem.code, "message": str(problem)}
    if problem.details:
        error["details"] = problem.details
    return {"error": error}


def status_of(problem: Refusal) -> int:
    """The HTTP status of a refusal."""
    return problem.status


def headers_of(problem: Refusal) -> dict[str, str]:
    """The headers that go with a refusal (readings T10, T11)."""
    if isinstance(problem, MethodNotAllowed):
        return {"Allow": ", ".join(problem.allowed)}
    if isinstance(problem, TooManyRequests):
        return {
            "Retry-After": str(problem.retry_after_s),
            "X-Rate-Limit-Reset": str(problem.reset_at),
        }
    return {}


def finish(operation_id: str, answer: Answer) -> Answer:
    """The answer as it is sent: as it is."""
    del operation_id
    return answer


# --- putting them together ----------------------------------------------------------------------


def of_outcome(parts: Parts, operation_id: str, outcome: Any) -> Answer:
    """The success that tells of what a use case gave."""
    if isinstance(outcome, Page | Listed):
        return _of_page(parts, outcome)
    return Answer(200, {}, parts.show_envelope(_data(parts, operation_id, outcome)))


def of_refusal(parts: Parts, problem: Refusal) -> Answer:
    """The error that tells of a refusal."""
    body = parts.show_refusal(problem)
    return Answer(parts.status_of(problem), parts.headers_of(problem), body, problem)


def _data(parts: Parts, operation_id: str, outcome: Any) -> Any:
    match outcome:
        case Seen():
            return parts.show_conversation(parts, outcome.copy, outcome.shown)
        case Done():
            return _done(parts, operation_id, outcome)
        case Gone():
            return parts.show_success(outcome.text)
        case Deactivated():
            return {"deactivatedUids": [outcome.uid]}
        case Joined():
            return _joined(parts, outcome)
    return _item(parts, outcome)


def _done(parts: Parts, operation_id: str, outcome: Done) -> Any:
    if operation_id.endswith("AsUnread"):
        return parts.show_unread_success(parts, outcome)
    return parts.show_done(parts, operation_id, outcome)


def _item(parts: Parts, item: Any) -> Any:
    match item:
        case User():
            return parts.show_user(item)
        case Group():
            body = parts.show_group(item)
            name = parts.conversation_id("group", item.guid, owner="")
            return body | {"conversationId": name}
        case Member():
            return parts.show_member(parts, item)
        case Told():
            return _told(parts, item)
    raise TypeError(f"nothing shows a {type(item).__name__}")


def _told(parts: Parts, told: Told) -> Any:
    message, viewer = told
    peer, owner = message.receiver, message.sender
    if message.kind == "user" and viewer == message.receiver:
        peer, owner = owner, peer
    name = parts.conversation_id(message.kind, peer, owner=owner)
    return parts.show_message(parts, message, name)


def _joined(parts: Parts, joined: Joined) -> dict[str, Any]:
    def result(outcome: Refusal | Message | None) -> dict[str, Any]:
        if outcome is None:
            return {"success": True}
        if isinstance(outcome, Refusal):
            return {"success": False, **parts.show_refusal(outcome)}
        return {"success": True, "data": _told(parts, Told(outcome, None))}

    return {
        named: {uid: result(outcome) for uid, outcome in each.items()}
        for named, each in joined.results.items()
    }


def _of_page(parts: Parts, outcome: Page[Any] | Listed) -> Answer:
    if isinstance(outcome, Listed):
        page: Page[Any] = outcome.page
        data = [parts.show_conversation(parts, copy, outcome.shown) for copy in page.items]
    else:
        page = outcome
        data = [_item(parts, item) for item in page.items]
    meta = parts.show_pagination(page.total, len(data), per_page=page.per_page, number=page.number)
    return Answer(200, {}, parts.show_envelope(data) | {"meta": {"pagination": meta}})
