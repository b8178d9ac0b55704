"""The state as a world document, without what follows from the rest.

What `defaults` fills in is left out, so a world that is read and put back is the same world.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from duologue.mockserver.control.world.derived import DerivedConversation, Key, derive_conversations
from duologue.mockserver.store import schema
from duologue.mockserver.store.dump import StateDump
from duologue.mockserver.store.tags import unpack

Document = dict[str, Any]
Row = Mapping[str, Any]


def to_document(dump: StateDump) -> Document:
    """Return the whole state as a document."""
    tables = {name: list(_rows(dump, name)) for name in dump.rows}
    seqs: dict[int, dict[int, int]] = {}  # of each conversation, the messages by their numbers
    for row in tables["messages"]:
        if row["seq"] is not None:
            seqs.setdefault(row["conversation_id"], {})[row["seq"]] = row["id"]
    members: dict[str, list[Row]] = {}
    for row in tables["copies"]:
        if row["kind"] == "group":
            members.setdefault(row["peer"], []).append(row)
    blocked = _by_first(tables["blocks"], "uid", "blocked", "blocked_at")
    banned = _by_first(tables["bans"], "guid", "uid", "banned_at")
    groups = [
        _group(row, members.get(row["guid"], []), banned.get(row["guid"]))
        for row in tables["groups"]
    ]
    messages = [_message(row) for row in tables["messages"]]
    differences = _Differences(
        derive_conversations(groups, map(_in_full, messages)), tables["conversations"], seqs
    )
    fields = {
        "name": next((row["world"] for row in tables["origin"]), None),
        "seed": next((row["seed"] or None for row in tables["origin"]), None),
        "users": [_user(row, blocked.get(row["uid"])) for row in tables["users"]],
        "groups": groups,
        "messages": messages,
        "conversations": [*differences.conversations()] or None,
        "copies": [each for row in tables["copies"] if (each := differences.copy(row))] or None,
        "nextMessageId": _next_id(dump, messages),
    }
    return _given(**fields)


@dataclass(slots=True)
class _Differences:
    """The differences between the state and what follows from the messages."""

    derived: Mapping[Key, DerivedConversation]
    rows: list[Row]
    seqs: Mapping[int, Mapping[int, int]]

    def conversations(self) -> Iterator[Document]:
        """Yield the fields of each conversation that do not follow from its messages."""
        for row in self.rows:
            derived = self.derived.get((row["kind"], row["key"]))
            fields = {}
            if derived is None or derived.began_at != row["created_at"]:
                fields["createdAt"] = row["created_at"]
            if derived is None or derived.updated_at != row["updated_at"]:
                fields["updatedAt"] = row["updated_at"]
            if derived is not None and derived.last_message != row["last_message"]:
                fields["lastMessage"] = row["last_message"]
            if fields:
                is_group = row["kind"] == "group"
                named = {"group": row["key"]} if is_group else {"between": row["key"].split("|")}
                yield named | fields

    def copy(self, row: Row) -> Document | None:
        """Return what a user's copy adds to the defaults; None if nothing."""
        read, delivered = (self._through(row, row[name]) for name in ("read_seq", "delivered_seq"))
        fields = _given(
            readThrough=read or None,
            tags=_tags(row),
            deliveredThrough=delivered or None,
            **self._hidden(row),
        )
        named = {"of": row["uid"], "with": {row["kind"]: row["peer"]}}
        return named | fields if fields else None

    def _hidden(self, row: Row) -> Document:
        if row["hidden_seq"] < 0:
            return {}
        if row["hidden_seq"] >= self._conversation(row)["last_seq"]:
            return {"hidden": True}
        through = self._through(row, row["hidden_seq"])
        return {"hiddenThrough": through} if through else {}

    def _conversation(self, copy: Row) -> Row:
        return next(row for row in self.rows if row["id"] == copy["conversation_id"])

    def _through(self, copy: Row, seq: int) -> int:
        """Return the id of the newest message up to a number; 0 if none is left."""
        numbered = self.seqs.get(copy["conversation_id"], {})
        if seq <= 0 or seq in numbered:
            return numbered.get(seq, 0)
        return max((one for number, one in numbered.items() if number <= seq), default=0)


def _rows(dump: StateDump, table: str) -> Iterator[Row]:
    names = [column.name for column in schema.metadata.tables[table].columns]
    return (dict(zip(names, row, strict=True)) for row in dump.rows[table])


def _by_first(rows: list[Row], key: str, named: str, at: str) -> dict[str, list[dict[str, object]]]:
    """Return rows of two ids and a time as lists of `{uid, at}` by the first id."""
    found: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        found.setdefault(row[key], []).append({"uid": row[named], "at": row[at]})
    return found


def _user(row: Row, blocked: list[dict[str, object]] | None) -> Document:
    return _given(
        uid=row["uid"],
        name=row["name"],
        avatar=row["avatar"],
        link=row["link"],
        role=_unless(row["role"], "default"),
        statusMessage=row["status_message"],
        metadata=_json(row["metadata"]),
        tags=_tags(row),
        createdAt=row["created_at"],
        updatedAt=row["updated_at"],
        deactivatedAt=row["deactivated_at"],
        status=_unless(row["status"], "offline"),
        lastActiveAt=row["last_active_at"],
        blocked=blocked,
    )


def _group(row: Row, members: list[Row], banned: list[dict[str, object]] | None) -> Document:
    fields = _given(
        guid=row["guid"],
        name=row["name"],
        type=_unless(row["type"], "public"),
        icon=row["icon"],
        description=row["description"],
        metadata=_json(row["metadata"]),
        tags=_tags(row),
        createdAt=row["created_at"],
        updatedAt=row["updated_at"],
        members=[_member(row, copy) for copy in members],
        banned=banned,
        password=row["password"],
    )
    return fields | {"owner": row["owner"]}


def _member(group: Row, copy: Row) -> Document | str:
    uid = copy["uid"]
    fields = _given(
        scope=_unless(copy["scope"], "admin" if uid == group["owner"] else "participant"),
        joinedAt=_unless(copy["joined_at"], group["created_at"]),
    )
    return {"uid": uid} | fields if fields else str(uid)


def _message(row: Row) -> Document:
    is_notice = row["category"] == "action"
    fields = _given(
        id=row["id"],
        to={row["kind"]: row["receiver"]},
        text=row["text"] if row["text"] or not (is_notice or row["erased"]) else None,
        at=row["sent_at"],
        category=_unless(row["category"], "message"),
        type=_unless(row["type"], "text"),
        metadata=_json(row["metadata"]),
        updatedAt=_unless(row["updated_at"], row["sent_at"]),
        deletedAt=row["deleted_at"],
        deliveredAt=row["delivered_at"],
        readAt=row["read_at"],
        editedAt=row["edited_at"],
        editedBy=row["edited_by"],
        parentId=row["parent_id"],
        muid=row["muid"],
        tags=_tags(row),
        content=_json(row["content"]),
        erased=bool(row["erased"]) or None,
        counted=_unless(row["seq"] is not None, not (is_notice and row["type"] == "message")),
    )
    if row["deleted_at"] is not None and row["deleted_by"] != row["sender"]:
        fields["deletedBy"] = row["deleted_by"]
    named = {"from": row["sender"]} if row["sender"] else {}
    return {"id": fields.pop("id")} | named | fields


def _in_full(message: Document) -> Document:
    """Return a dumped message with what `derived` needs of it."""
    is_notice = message.get("category") == "action" and message.get("type") == "message"
    return {"counted": not is_notice} | message


def _next_id(dump: StateDump, messages: list[Document]) -> int | None:
    follows = messages[-1]["id"] + 1 if messages else 1
    number = dump.next_ids["messages"]
    return None if number == follows else number


def _tags(row: Row) -> list[str] | None:
    return list(unpack(row["tags"])) or None


def _json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


def _unless(value: Any, default: Any) -> Any:
    return None if value == default else value


def _given(**values: Any) -> Document:
    return {name: value for name, value in values.items() if value is not None}
