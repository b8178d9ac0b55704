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

    def add(self, one: Connection) -> bool:
        """Add a connection; return whether it is the first one of its user."""
        with self._changing:
            is_first = not self.of(one.uid)
            self._open = (*self._open, one)
        return is_first

    def remove(self, one: Connection) -> bool:
        """Remove a connection; return whether it was the last one of its user."""
        with self._changing:
            if one not in self._open:
                return False
            self._open = tuple(other for other in self._open if other is not one)
            return not self.of(one.uid)
