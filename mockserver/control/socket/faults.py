"""What goes wrong with the socket on purpose, and the clients that it goes wrong for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple, Protocol

KEPT = 100  # of the faults that were in force before


class SocketFaults(NamedTuple):
    """The faults in force; those that are not named are off."""

    uid: str | None = None  # of the user that they are for; None for everybody
    late_ms: int = 0
    twice: bool = False
    out_of_order: bool = False
    cut_after: int | None = None  # events of one connection
    refuse_login: bool = False


NO_FAULTS = SocketFaults()


class CanBeCut(Protocol):
    """The way to one client."""

    def cut(self) -> None:
        """End the connection as a failing network does."""


class ConnectedClient(Protocol):
    """One tab or device of a user."""

    @property
    def uid(self) -> str:
        """The user."""

    @property
    def device(self) -> str:
        """The name that the client has for itself."""

    @property
    def subscription(self) -> str:
        """Whose presence it wants to hear of."""

    @property
    def outlet(self) -> CanBeCut:
        """The way to it."""


class ConnectedClients(Protocol):
    """All clients that are connected."""

    def __iter__(self) -> Iterator[ConnectedClient]:
        """Iterate over those that are connected now."""

    def take(self, uid: str | None) -> Iterable[ConnectedClient]:
        """Remove the clients of a user, or all; return them."""


class NoClients:
    """The clients of a socket that nobody has used."""

    def __iter__(self) -> Iterator[ConnectedClient]:
        return iter(())

    def take(self, uid: str | None) -> Iterable[ConnectedClient]:
        """Return none."""
        del uid
        return ()


class SocketControl:
    """The clients of one world's socket, and the faults in force.

    An event is told a little after the answer to its cause, so it may be told when the faults are
    others. Those that were set before the event hold for it: `number` returns the number of the
    last event.
    """

    def __init__(self, number: Callable[[], int]) -> None:
        self.clients: ConnectedClients = NoClients()  # replaced by the hub
        # A block that replaces the state; the hub ends the log-ins that it takes back.
        self.undoing: Callable[[], AbstractContextManager[object]] = nullcontext
        self._number = number
        # The number of the last event before, and the faults since then.
        self._set: tuple[tuple[int, SocketFaults], ...] = ((0, NO_FAULTS),)
        self._setting = threading.Lock()

    @property
    def faults(self) -> SocketFaults:
        """Return the faults in force."""
        return self._set[-1][1]

    @faults.setter
    def faults(self, faults: SocketFaults) -> None:
        with self._setting:
            self._set = (*self._set[-KEPT:], (self._number(), faults))

    def faults_for(self, uid: str, event: int | None = None) -> SocketFaults:
        """Return the faults for a user that hold for an event, or that are in force now."""
        found = self.faults
        if event is not None:
            earlier = (faults for number, faults in reversed(self._set) if number < event)
            found = next(earlier, self._set[0][1])
        return found if found.uid in {None, uid} else NO_FAULTS

    def cut(self, uid: str | None) -> list[str]:
        """Cut the connections of a user, or all; return their users."""
        found = list(self.clients.take(uid))
        for one in found:
            one.outlet.cut()
        return [one.uid for one in found]
