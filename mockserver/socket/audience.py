"""Which of the users that are connected may learn of something."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.engine import Connection as Database

from duologue.mockserver.socket.connections import Connections
from duologue.mockserver.store import blocks as block_store
from duologue.mockserver.store import members as member_store

Uids = frozenset[str]


class Audience:
    """Asks the state about the users that are connected, and about no others."""

    def __init__(self, connections: Connections, state: Callable[[], Database]) -> None:
        self._connections = connections
        self._state = state

    def everybody(self) -> Uids:
        """Return the uids of all users that are connected."""
        return frozenset(one.uid for one in self._connections)

    def present(self, *uids: str) -> Uids:
        """Return those of these users that are connected."""
        return self.everybody() & set(uids)

    def unblocked(self, sender: str, *uids: str) -> Uids:
        """Return those of these users that are connected and have not blocked the sender."""
        found = self.present(*uids)
        if not found:
            return found
        return found - set(block_store.of(self._state(), sender).of_me)

    def members(self, guid: str) -> Uids:
        """Return the members of a group that are connected."""
        conn = self._state()
        return frozenset(
            uid for uid in self.everybody() if member_store.scope_of(conn, guid, uid) is not None
        )

    def listening(self, sender: str, kind: str, receiver: str) -> Uids:
        """Return those whom a user speaks to, none if the user may not speak there."""
        if kind == "user":
            return self.unblocked(sender, receiver)
        members = self.members(receiver) if kind == "group" else Uids()
        return self.unblocked(sender, *(members - {sender})) if sender in members else Uids()
