"""A simple reader of worlds, to check the fast code against."""

from __future__ import annotations

import pytest

from duologue.fixtures.world import SeedMessage, World


class Census:
    """Facts of a world, counted from its rows."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = {person.uid: person for person in world.users}
        self.groups = {circle.guid: circle for circle in world.groups}
        self.notes = list(world.messages)
        self.copies = {(copy.uid, copy.kind, copy.peer): copy for copy in world.copies}

    def messages_between(self, uid: str, peer: str) -> list[SeedMessage]:
        """Return the messages of one conversation, oldest first."""
        if peer in self.groups:
            return [note for note in self.notes if note.receiver == peer]
        pair = {uid, peer}
        return [note for note in self.notes if {note.sender, note.receiver} == pair]

    def unread(self, uid: str, peer: str) -> int:
        """Return the messages of others that a user has not read (readings B4)."""
        kind = "group" if peer in self.groups else "user"
        copy = self.copies.get((uid, kind, peer))
        through = copy.read_through if copy else 0
        return sum(
            note.id > through and note.sender != uid for note in self.messages_between(uid, peer)
        )


@pytest.fixture(scope="session")
def census():
    """``census(world).unread("ana", "bo")`` counts in a world."""
    return Census
