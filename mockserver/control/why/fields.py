"""The fields of an answer: what is explained one by one and compared by value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from duologue.mockserver.control.why.replay import ReplayedResponse
from duologue.mockserver.domain.model import Kind

Fields = dict[str, Any]
MISSING: Final = object()  # the value of a field that is not there

# The fields of a list row; those that name the conversation are part of the row's name.
_IN_ROWS = ("unreadMessageCount", "lastMessage", "updatedAt", "tags")
_OF_MESSAGES = ("deliveredAt", "readAt")


class Conversation(NamedTuple):
    """A conversation as one user sees it; the owner is "" where no caller is named."""

    owner: str
    kind: Kind
    peer: str


def fields_of(response: ReplayedResponse, *, whole: bool = False) -> Fields:
    """Return the fields of an answer by name, in its order.

    Messages and users are reduced to their ids, or kept whole with `whole`.
    """
    body = response.body if isinstance(response.body, dict) else {}
    if isinstance(body.get("error"), dict):
        return dict(_of_error(body["error"]))
    data = body.get("data", MISSING)
    if isinstance(data, list):
        return dict(_of_list(data, body, whole=whole))
    if is_conversation(data):
        return dict(_of_conversation(data, "data.", whole=whole))
    if isinstance(data, dict):
        return {f"data.{name}": value for name, value in data.items()}
    return {} if data is MISSING else {"data": data}


def conversations(response: ReplayedResponse, caller: str) -> dict[str, Conversation]:
    """Return the conversations in an answer, by the prefix of their fields' names."""
    body = response.body if isinstance(response.body, dict) else {}
    data: Any = body.get("data")
    if is_conversation(data):
        return {"data.": _named(data, caller)}
    rows = data if isinstance(data, list) else []
    return {f"{_row(one)}.": _named(one, caller) for one in rows if is_conversation(one)}


def property_of(field: str) -> str:
    """Return the property that a field name ends with."""
    return field.partition("].")[2] or field.partition("data.")[2] or field


def is_conversation(data: Any) -> bool:
    """Return whether a JSON value is a conversation."""
    return isinstance(data, dict) and "conversationType" in data and "conversationWith" in data


def _of_error(error: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "error.code", error.get("code")
    details = error.get("details")
    for place, texts in (details if isinstance(details, dict) else {}).items():
        yield f"error.details.{place}", texts


def _of_list(rows: list[Any], body: dict[str, Any], *, whole: bool) -> Iterator[tuple[str, Any]]:
    yield "data", [_name(one) for one in rows]
    for one in rows:
        if is_conversation(one):
            for name, value in _of_conversation(one, f"{_row(one)}.", whole=whole):
                if property_of(name).partition(".")[0] in _IN_ROWS:
                    yield name, value
    pagination = (body.get("meta") or {}).get("pagination") or {}
    if "total" in pagination:
        yield "meta.pagination.total", pagination["total"]


def _of_conversation(one: dict[str, Any], prefix: str, *, whole: bool) -> Iterator[tuple[str, Any]]:
    for name in ("conversationId", "conversationType", "unreadMessageCount"):
        yield prefix + name, one.get(name, MISSING)
    last = one.get("lastMessage", MISSING)
    yield f"{prefix}lastMessage", last if last is MISSING or whole else _name(last)
    for name in _OF_MESSAGES:
        if isinstance(last, dict) and name in last:
            yield f"{prefix}lastMessage.{name}", last[name]
    peer = one["conversationWith"]
    yield f"{prefix}conversationWith", peer if whole else _name(peer)
    shown = {"conversationId", "conversationType", "unreadMessageCount", "lastMessage"}
    for name, value in one.items():
        if name not in shown | {"conversationWith"}:
            yield prefix + name, value


def _row(one: dict[str, Any]) -> str:
    owner = f"{one['uid']}/" if isinstance(one.get("uid"), str) else ""
    return f"data[{owner}{one.get('conversationId')}]"


def _named(one: dict[str, Any], caller: str) -> Conversation:
    kind: Kind = "group" if one["conversationType"] == "group" else "user"
    owner = one.get("uid")
    peer = str(_name(one["conversationWith"]))
    return Conversation(owner if isinstance(owner, str) else caller, kind, peer)


def _name(thing: Any) -> Any:
    """Return the id of a JSON object; the object itself if it has none."""
    if isinstance(thing, dict):
        if is_conversation(thing):
            return _row(thing)[5:-1]
        return next((thing[name] for name in ("uid", "guid", "id") if name in thing), thing)
    return thing
