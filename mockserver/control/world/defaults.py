"""Defaults of the world document: fill in everything that a document may leave out.

What is filled in here is what `dump` leaves out; the two are inverse to each other.
"""

from __future__ import annotations

from typing import Any

from duologue.mockserver.domain.ids import fold

Document = dict[str, Any]

NAME = "put"
PACE_S = 60
FIRST_AT = 1_767_603_600  # 2026-01-05 09:00:00 UTC, as in `fixtures.world`
_HOUR_S = 3600


def fill(written: Document) -> Document:
    """Return the document in full; its form is valid, its references are not checked yet."""
    messages = _messages(written.get("messages", []))
    begins_at = min((one["at"] for one in messages), default=FIRST_AT)
    first_at: dict[str, int] = {}
    for one in messages:
        if "group" in one["to"]:
            first_at.setdefault(one["to"]["group"], one["at"])
    groups = [_group(one, begins_at, first_at) for one in written.get("groups", [])]
    begins_at = min([begins_at, *(one["createdAt"] for one in groups)])
    return {
        "name": written.get("name", NAME),
        "seed": written.get("seed", 0),
        "users": [_user(one, max(0, begins_at - _HOUR_S)) for one in written.get("users", [])],
        "groups": groups,
        "messages": messages,
        "conversations": [_conversation(one) for one in written.get("conversations", [])],
        "copies": [_copy(one) for one in written.get("copies", [])],
        "nextMessageId": written.get("nextMessageId", messages[-1]["id"] + 1 if messages else 1),
    }


def _user(written: Document | str, at: int) -> Document:
    one = {"uid": written} if isinstance(written, str) else written
    uid = fold(one["uid"])
    return (
        {"name": _in_words(uid), "role": "default", "tags": [], "createdAt": at}
        | one
        | {"uid": uid}
    )


def _group(written: Document, begins_at: int, first_at: dict[str, int]) -> Document:
    guid = fold(written["guid"])
    plain: Document = {
        "name": _in_words(guid),
        "type": "public",
        "tags": [],
        "members": [],
        "createdAt": max(0, first_at.get(guid, begins_at) - PACE_S),
    }
    one = plain | written | {"guid": guid}
    uids = [each if isinstance(each, str) else each["uid"] for each in one["members"]]
    owner = one.get("owner", uids[0] if uids else None)
    one["owner"] = None if owner is None else fold(owner)
    one["members"] = [_member(each, one) for each in one["members"]]
    return one


def _member(written: Document | str, group: Document) -> Document:
    one = {"uid": written} if isinstance(written, str) else written
    uid = fold(one["uid"])
    scope = "admin" if uid == group["owner"] else "participant"
    return {"scope": scope, "joinedAt": group["createdAt"]} | one | {"uid": uid}


def _messages(written: list[Document]) -> list[Document]:
    full, number, at = [], 0, FIRST_AT - PACE_S
    for one in written:
        number, at = one.get("id", number + 1), one.get("at", at + PACE_S)
        full.append(_message(one | {"id": number, "at": at}))
    return full


def _message(one: Document) -> Document:
    is_notice = one.get("category") == "action" and one.get("type") == "message"
    plain = {
        "text": "",
        "category": "message",
        "type": "text",
        "updatedAt": one["at"],
        "erased": False,
        "counted": not is_notice,
    }
    full = plain | one | {"to": _peer(one["to"])}
    if "from" in one:
        full["from"] = fold(one["from"])
    if "deletedAt" in one:
        full.setdefault("deletedBy", full.get("from"))
    if full.get("deletedBy") is not None:
        full["deletedBy"] = fold(full["deletedBy"])
    return full


def _conversation(written: Document) -> Document:
    one = dict(written)
    if "group" in one:
        one["group"] = fold(one["group"])
    if "between" in one:
        one["between"] = sorted(map(fold, one["between"]))
    return one


def _copy(written: Document) -> Document:
    one: Document = {"tags": [], "deliveredThrough": 0} | written
    return one | {"of": fold(one["of"]), "with": _peer(one["with"])}


def _peer(written: Document) -> Document:
    return {kind: fold(name) for kind, name in written.items()}


def _in_words(name: str) -> str:
    return name.replace("-", " ").replace("_", " ").title()
