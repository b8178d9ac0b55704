"""Whether a page would come out as it did last time, told without making it.

A page that is open asks every other second, and making it takes some 20 ms: that would be felt by
the tests that run beside it. Looking whether anything has moved takes a fiftieth of that.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duologue.mockserver.control.controls import Controls
    from duologue.mockserver.http.dispatcher import Dispatcher

_DAY_S = 86_400
_KEPT = 16  # views that one thread remembers


class _Seen(threading.local):
    """What one thread has made: SQLite numbers the changes of a state for each connection anew."""

    def __init__(self) -> None:
        self.views: dict[str, tuple[object, str]] = {}


class EtagCache:
    """Remembers the tag of each view that was made, and the state of things at that time."""

    def __init__(self, dispatcher: Dispatcher, controls: Controls) -> None:
        self._dispatcher = dispatcher
        self._controls = controls
        self._seen = _Seen()

    def state(self) -> object | None:
        """What moves whenever a page could come out otherwise; None where nothing tells."""
        controls, runtime = self._controls, self._dispatcher.runtime
        stamp = runtime.service.store.stamp() if runtime.is_steady else None
        if stamp is None:
            return None
        last = deque(controls.journal, maxlen=1)
        rate_limit = controls.rate_limit
        return (
            stamp,
            controls.configuration_control.configuration,
            controls.clock.hands,
            controls.clock.now() // _DAY_S,  # times of another day are written otherwise
            last[0].id if last else None,
            controls.latency.default,
            len(controls.latency.operations),
            rate_limit and (rate_limit.limit, rate_limit.per_s),
            tuple(each.name for each in controls.snapshots),
        )

    def tag(self, view: str, state: object | None) -> str | None:
        """The tag of the view, if it was made in this very state."""
        made = self._seen.views.get(view)
        return made[1] if made and state is not None and made[0] == state else None

    def keep(self, view: str, state: object | None, tag: str) -> None:
        """Remember that the view came out so in that state, which was told before it was made."""
        views = self._seen.views
        if len(views) >= _KEPT:
            views.clear()
        views[view] = state, tag
