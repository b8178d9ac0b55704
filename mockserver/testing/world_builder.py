"""Worlds as tests tell them, and as the control plane takes them."""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

from duologue.fixtures.builder import Builder
from duologue.fixtures.world import Circle, Copy, Note, Person, World
from duologue.mockserver.domain.limits import CROWD

Document = dict[str, Any]


class WorldLoader(Protocol):
    """What a world can be loaded into: the handle of a running mock."""

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
    """The world as `PUT /_mock/world` takes it."""
    groups = tuple(world.groups)
    crowds = {circle.guid for circle in groups if len(circle.members) > CROWD}
    return {
        "name": world.name,
        "users": [_user(person) for person in world.users],
        "groups": [_group(circle) for circle in groups],
        "messages": [_message(note, crowds) for note in world.messages],
        "copies": [_copy(copy) for copy in world.copies],
    }


def _user(person: Person) -> Document:
    return {
        "uid": person.uid,
        "name": person.name,
        "avatar": person.avatar,
        "role": person.role,
        "tags": list(person.tags),
        "createdAt": person.created_at,
    }


def _group(circle: Circle) -> Document:
    return {
        "guid": circle.guid,
        "name": circle.name,
        "type": circle.type,
        "owner": circle.owner,
        "tags": list(circle.tags),
        "createdAt": circle.created_at,
        "members": list(circle.members),
    }


def _message(note: Note, crowds: set[str]) -> Document:
    told: Document = {
        "id": note.id,
        "from": note.sender,
        "to": {note.receiver_type: note.receiver},
        "text": note.text,
        "at": note.sent_at,
    }
    if note.deleted_at is not None:
        told["deletedAt"] = note.deleted_at
    if note.receiver_type == "group" and note.receiver in crowds:
        told["counted"] = True  # it was sent while the group was small enough (fixtures.world.Note)
    return told


def _copy(copy: Copy) -> Document:
    return {
        "of": copy.uid,
        "with": {copy.kind: copy.peer},
        "readThrough": copy.read_through,
        "tags": list(copy.tags),
    }
