"""What goes wrong with the socket on purpose, and the clients that it goes wrong for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol


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


class SocketControl:
    """The clients of one world's socket, and the faults in force."""

    def __init__(self) -> None:
        self.clients: Iterable[ConnectedClient] = ()  # replaced by the hub
        self.faults = NO_FAULTS

    def faults_for(self, uid: str) -> SocketFaults:
        """Return the faults that are in force for a user."""
        return self.faults if self.faults.uid in {None, uid} else NO_FAULTS

    def cut(self, uid: str | None) -> list[str]:
        """Cut the connections of a user, or all; return their users."""
        found = [one for one in self.clients if uid in {None, one.uid}]
        for one in found:
            one.outlet.cut()
        return [one.uid for one in found]
