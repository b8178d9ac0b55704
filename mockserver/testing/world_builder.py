"""Build worlds in tests and convert them to the document that the control plane loads."""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

from duologue.fixtures.builder import Builder
from duologue.fixtures.world import (
    SeedCopy,
    SeedDetail,
    SeedGroup,
    SeedMessage,
    SeedUser,
    World,
)
from duologue.mockserver.domain.limits import LARGE_GROUP

Document = dict[str, Any]


class WorldLoader(Protocol):
    """Anything that a world can be loaded into, such as the handle of a running mock."""

    def load(self, world: World) -> None:
        """Replace the state with this world."""


Loader = TypeVar("Loader", bound=WorldLoader)


class WorldBuilder(Builder, Generic[Loader]):
    """Builds a world for one mock: `mockserver.world().dm("ana", "bo", unread=3).load()`."""

    def __init__(self, mock: Loader, name: str, seed: int) -> None:
        super().__init__(name, seed)
        self._mock = mock

    def load(self) -> Loader:
        """Replace the state of the mock with this world until the test ends; return the mock."""
        self._mock.load(self.build())
        return self._mock


def document(world: World) -> Document:
    """Return the world as the body of `PUT /_mock/world`."""
    groups = tuple(world.groups)
    large_groups = {group.guid for group in groups if len(group.members) > LARGE_GROUP}
    details = {one.id: one for one in world.details}
    blocked: dict[str, list[Document]] = {}
    for one in world.blocks:
        blocked.setdefault(one.uid, []).append({"uid": one.blocked, "at": one.blocked_at})
    return {
        "name": world.name,
        "seed": world.seed,
        "users": [_user(user, blocked.get(user.uid)) for user in world.users],
        "groups": [_group(group) for group in groups],
        "messages": [
            _message(message, large_groups, details.get(message.id)) for message in world.messages
        ],
        "copies": [_copy(copy) for copy in world.copies],
    }


def _user(user: SeedUser, blocked: list[Document] | None) -> Document:
    fields = {
        "uid": user.uid,
        "name": user.name,
        "avatar": user.avatar,
        "role": user.role,
        "tags": list(user.tags),
        "createdAt": user.created_at,
        "status": user.status,
        "lastActiveAt": user.last_active_at,
        "statusMessage": user.status_message,
        "blocked": blocked,
    }
    return _given(fields)


def _group(group: SeedGroup) -> Document:
    fields = {
        "guid": group.guid,
        "name": group.name,
        "type": group.type,
        "tags": list(group.tags),
        "createdAt": group.created_at,
        "members": list(group.members),
        "icon": group.icon,
        "description": group.description,
    }
    return _given(fields) | {"owner": group.owner}


def _message(message: SeedMessage, large_groups: set[str], detail: SeedDetail | None) -> Document:
    entry: Document = {
        "id": message.id,
        "from": message.sender,
        "to": {message.receiver_type: message.receiver},
        "text": message.text,
        "at": message.sent_at,
    }
    if message.deleted_at is not None:
        entry["deletedAt"] = message.deleted_at
    if message.receiver_type == "group" and message.receiver in large_groups:
        entry["counted"] = True  # it was sent while the group was small enough (SeedMessage)
    return entry if detail is None else entry | _detail(detail, sender=message.sender)


def _detail(one: SeedDetail, *, sender: str) -> Document:
    fields = {
        "category": one.category,
        "type": one.type,
        "content": one.content,
        "metadata": one.metadata,
        "tags": list(one.tags) or None,
        "deliveredAt": one.delivered_at,
        "readAt": one.read_at,
    }
    if one.edited_at is not None:
        fields |= {"editedAt": one.edited_at, "editedBy": sender, "updatedAt": one.edited_at}
    return _given(fields)


def _given(fields: Document) -> Document:
    return {name: value for name, value in fields.items() if value is not None}


def _copy(copy: SeedCopy) -> Document:
    return {
        "of": copy.uid,
        "with": {copy.kind: copy.peer},
        "readThrough": copy.read_through,
        "tags": list(copy.tags),
    }
