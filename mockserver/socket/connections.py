"""The connections of one world's clients: one for each tab or device of a user."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from duologue.mockserver.socket.line import Line, Outlet

ALL_USERS, ROLES, FRIENDS = "ALL_USERS", "ROLES", "FRIENDS"


@dataclass(frozen=True, eq=False, kw_only=True)
class Connection:
    """One client that is logged in."""

    uid: str
    device: str
    token: str
    outlet: Outlet
    line: Line  # of events
    subscription: str = ""  # whose presence it wants to hear of
    roles: tuple[str, ...] = ()
    since: int = 0  # the last event before it came

    def wants_presence_of(self, role: str | None) -> bool:
        """Return whether the client asked for the presence of users with this role."""
        return self.subscription == ALL_USERS or (self.subscription == ROLES and role in self.roles)


@dataclass
class Connections:
    """All connections; safe to change from any thread."""

    _open: tuple[Connection, ...] = ()
    _changing: threading.Lock = field(default_factory=threading.Lock)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._open)

    def __len__(self) -> int:
        return len(self._open)

    def of(self, uid: str) -> tuple[Connection, ...]:
        """Return the connections of a user."""
        return tuple(one for one in self._open if one.uid == uid)

    def add(self, one: Connection) -> None:
        """Add a connection."""
        with self._changing:
            self._open = (*self._open, one)

    def take(self, uid: str | None) -> tuple[Connection, ...]:
        """Remove the connections of a user, or all; return them."""
        with self._changing:
            taken = self._open if uid is None else self.of(uid)
            self._open = tuple(one for one in self._open if one not in taken)
        return taken

    def remove(self, one: Connection) -> None:
        """Remove a connection, if it is not removed yet."""
        with self._changing:
            self._open = tuple(other for other in self._open if other is not one)
