"""The status of users: online while one of their clients is connected."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from duologue.mockserver.control.controls import Controls
from duologue.mockserver.socket import frames
from duologue.mockserver.socket.connections import Connections


class OnlineStatus:
    """Changes the status of users by requests to the API, one at a time.

    What decides is who is connected at that moment: so a user that comes back is online, even if
    the end of the connection before is noticed after that.
    """

    def __init__(self, connections: Connections, controls: Controls) -> None:
        self._connections = connections
        self._controls = controls
        self._online: set[str] = set()  # those that this has changed to online
        self._changing = threading.Lock()

    def update(self, uid: str) -> None:
        """Change the status of a user if its first client has come or its last one has gone."""
        with self._changing:
            is_here = len(self._connections.of(uid)) > 0
            if is_here == (uid in self._online) or self._controls.events.is_closed:
                return
            (self._online.add if is_here else self._online.discard)(uid)
            self._controls.own_requests.change_user(uid, self._change(is_online=is_here))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Change no status until the block ends."""
        with self._changing:
            yield

    def forget_absent(self) -> None:
        """Note, while it is held, that the status of those who are gone is what the state says.

        The end of a connection that is ended together with its state changes nothing.
        """
        self._online = {uid for uid in self._online if self._connections.of(uid)}

    def _change(self, *, is_online: bool) -> dict[str, Any]:
        if is_online:
            return {"status": frames.ONLINE}
        return {"status": frames.OFFLINE, "lastActiveAt": self._controls.clock.now()}
