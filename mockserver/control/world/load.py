"""The state that a world document describes, as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from duologue.mockserver.control.errors import WrongInput
from duologue.mockserver.control.world import validate
from duologue.mockserver.control.world.defaults import FIRST_AT, fill
from duologue.mockserver.control.world.derived import (
    DerivedConversation,
    Key,
    derive_conversations,
    key_of,
)
from duologue.mockserver.control.world.validate import key_of_copy
from duologue.mockserver.domain.mentions import mentioned
from duologue.mockserver.store.dump import Row, StateDump
from duologue.mockserver.store.tags import pack

Document = dict[str, Any]


def to_rows(written: Document) -> StateDump:
    """Return the rows of a document whose form is valid.

    Raise WrongInput with the path of each inconsistency.
    """
    world = fill(written)
    _refuse(validate.names(world))
    known = derive_conversations(world["groups"], world["messages"])
    _refuse(validate.conversations(world, known))
    return _RowBuilder(world, known).rows()


def _refuse(details: validate.Details) -> None:
    if details:
        raise WrongInput(details)


class _RowBuilder:
    """Builds the rows of one world, with values in the order of the columns."""

    def __init__(self, world: Document, derived: dict[Key, DerivedConversation]) -> None:
        self._world = world
        self._written = {_key(one): one for one in world["conversations"]}
        for key, one in self._written.items():
            derived.setdefault(key, DerivedConversation(*key, one.get("createdAt", FIRST_AT)))
        self._derived = derived
        self._numbers = {key: number for number, key in enumerate(derived, start=1)}
        self._gone = {one["uid"] for one in world["users"] if "deactivatedAt" in one}
        self._copies = {(one["of"], *key_of_copy(one)): one for one in world["copies"]}

    def rows(self) -> StateDump:
        """Return all rows."""
        return StateDump(
            rows={
                "origin": [(self._world["name"], self._world["seed"])],
                "users": [_user(one) for one in self._world["users"]],
                "groups": [_group(one, self._gone) for one in self._world["groups"]],
                "conversations": [*self._conversations()],
                "copies": [*self._all_copies()],
                "messages": [*self._messages()],
                "blocks": [*self._blocks()],
                "bans": [*self._bans()],
                "tokens": [],  # who is logged in is no part of a world
            },
            next_ids={
                "messages": self._world["nextMessageId"],
                "conversations": len(self._numbers) + 1,
                "tokens": 1,
            },
        )

    def _conversations(self) -> Iterator[Row]:
        for key, derived in self._derived.items():
            written = self._written.get(key, {})
            yield (
                self._numbers[key],
                derived.kind,
                derived.key,
                len(derived.counted),
                written.get("lastMessage", derived.last_message),
                derived.deletions,
                written.get("createdAt", derived.began_at),
                self._updated_at(key),
                derived.mentions,
            )

    def _updated_at(self, key: Key) -> int:
        derived, written = self._derived[key], self._written.get(key, {})
        updated_at: int = written.get(
            "updatedAt", max(derived.updated_at, written.get("createdAt", 0))
        )
        return updated_at

    def _all_copies(self) -> Iterator[Row]:
        for key, derived in self._derived.items():
            if derived.kind == "user":
                one, other = derived.parties
                for me, you in {one: other, other: one}.items():  # once if both are the same user
                    yield *self._copy(key, me, you), self._updated_at(key), None, None
        for group in self._world["groups"]:
            key = ("group", group["guid"])
            for member in group["members"]:
                row = self._copy(key, member["uid"], group["guid"])
                yield *row, 0, member["scope"], member["joinedAt"]

    def _copy(self, key: Key, uid: str, peer: str) -> Row:
        derived = self._derived[key]
        kept = self._copies.get((uid, *key), {})
        read = _read(kept, derived, uid)
        return (
            uid,
            derived.kind,
            peer,
            self._numbers[key],
            read,
            derived.own_after(uid, read),
            _hidden(kept, derived),
            derived.position_of(kept.get("deliveredThrough", 0)),
            pack(tuple(kept.get("tags", ()))),
        )

    def _blocks(self) -> Iterator[Row]:
        for user in self._world["users"]:
            for one in user.get("blocked", ()):
                yield user["uid"], one["uid"], one["at"]

    def _bans(self) -> Iterator[Row]:
        for group in self._world["groups"]:
            for one in group.get("banned", ()):
                yield group["guid"], one["uid"], one["at"]

    def _messages(self) -> Iterator[Row]:
        positions: dict[Key, int] = {}
        for one in self._world["messages"]:
            key = key_of(one)
            positions[key] = positions.get(key, 0) + one["counted"]
            seq = positions[key] if one["counted"] else None
            yield _message(one, self._numbers[key], seq)


def _key(one: Document) -> Key:
    return ("group", one["group"]) if "group" in one else ("user", "|".join(one["between"]))


def _read(kept: Mapping[str, Any], derived: DerivedConversation, uid: str) -> int:
    if "unread" in kept:
        return derived.position_with_unread(uid, kept["unread"]) or 0
    if "readThrough" in kept:
        return derived.position_of(kept["readThrough"])
    return max(0, _hidden(kept, derived))  # deleting a conversation reads all of it


def _hidden(kept: Mapping[str, Any], derived: DerivedConversation) -> int:
    if kept.get("hidden"):
        return len(derived.counted)
    through = kept.get("hiddenThrough")
    return -1 if through is None else derived.position_of(through)


def _user(one: Document) -> Row:
    return (
        one["uid"], one["name"], one["createdAt"], one.get("avatar"), one.get("link"), one["role"],
        one.get("statusMessage"), _json(one), pack(tuple(one["tags"])), one.get("updatedAt"),
        one.get("deactivatedAt"), one.get("status", "offline"), one.get("lastActiveAt"),
        one["name"].casefold(),
    )  # fmt: skip


def _group(one: Document, gone: set[str]) -> Row:
    there = [member for member in one["members"] if member["uid"] not in gone]
    return (
        one["guid"], one["name"], one["type"], one["createdAt"], one["owner"], one.get("icon"),
        one.get("description"), _json(one), pack(tuple(one["tags"])), one.get("updatedAt"),
        len(there), one.get("password"), one["name"].casefold(),
    )  # fmt: skip


def _message(one: Document, conversation: int, seq: int | None) -> Row:
    ((kind, receiver),) = one["to"].items()
    return (
        one["id"], conversation, seq, kind, one.get("from", ""), receiver, one["text"], one["at"],
        one["category"], one["type"], _json(one), one["updatedAt"], one.get("deletedAt"),
        one.get("deletedBy"), one.get("deliveredAt"), one.get("readAt"), one.get("editedAt"),
        one.get("editedBy"), one.get("parentId"), one.get("muid"),
        pack(tuple(one.get("tags", ()))), _json(one, "content"),
        pack(mentioned(one["text"])) or None, one["erased"],
    )  # fmt: skip


def _json(one: Document, name: str = "metadata") -> str | None:
    value = one.get(name)
    return None if value is None else orjson.dumps(value).decode()
