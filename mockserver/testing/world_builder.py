"""Build worlds in tests and convert them to the document that the control plane loads."""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

from duologue.fixtures.builder import Builder
from duologue.fixtures.world import SeedCopy, SeedGroup, SeedMessage, SeedUser, World
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
    return {
        "name": world.name,
        "seed": world.seed,
        "users": [_user(user) for user in world.users],
        "groups": [_group(group) for group in groups],
        "messages": [_message(message, large_groups) for message in world.messages],
        "copies": [_copy(copy) for copy in world.copies],
    }


def _user(user: SeedUser) -> Document:
    return {
        "uid": user.uid,
        "name": user.name,
        "avatar": user.avatar,
        "role": user.role,
        "tags": list(user.tags),
        "createdAt": user.created_at,
    }


def _group(group: SeedGroup) -> Document:
    return {
        "guid": group.guid,
        "name": group.name,
        "type": group.type,
        "owner": group.owner,
        "tags": list(group.tags),
        "createdAt": group.created_at,
        "members": list(group.members),
    }


def _message(message: SeedMessage, large_groups: set[str]) -> Document:
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
    return entry


def _copy(copy: SeedCopy) -> Document:
    return {
        "of": copy.uid,
        "with": {copy.kind: copy.peer},
        "readThrough": copy.read_through,
        "tags": list(copy.tags),
    }
