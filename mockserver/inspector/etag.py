"""ETags of pages: whether a page would be the same as last time, without rendering it.

An open page asks after each change, and rendering takes some 20 ms, which would slow down tests
that run at the same time. Comparing the state takes a fiftieth of that.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duologue.mockserver.control.controls import Controls
    from duologue.mockserver.http.dispatcher import Dispatcher

_DAY_S = 86_400
_KEPT = 16  # views cached per thread


class _RenderedViews(threading.local):
    """What one thread has rendered; SQLite counts changes for each connection separately."""

    def __init__(self) -> None:
        self.views: dict[str, tuple[object, str]] = {}


class EtagCache:
    """The tag of each rendered view, with the state at that time."""

    def __init__(self, dispatcher: Dispatcher, controls: Controls) -> None:
        self._dispatcher = dispatcher
        self._controls = controls
        self._rendered = _RenderedViews()

    def state(self) -> object | None:
        """Return a value that differs whenever a page could differ; None if there is none."""
        controls, runtime = self._controls, self._dispatcher.runtime
        stamp = runtime.service.store.stamp() if runtime.is_steady else None
        if stamp is None or stamp.tags is None:
            return None
        last = deque(controls.journal, maxlen=1)
        rate_limit = controls.rate_limit
        return (
            stamp,
            controls.configuration_control.configuration,
            controls.clock.state,
            controls.clock.now() // _DAY_S,  # times of another day have another form
            last[0].id if last else None,
            controls.latency.default,
            len(controls.latency.operations),
            rate_limit and (rate_limit.limit, rate_limit.per_s),
            tuple(each.name for each in controls.snapshots),
            tuple((rule.id, rule.failed) for rule in controls.failures),
            tuple(each.id for each in controls.scheduler),
            controls.world_problem,
        )

    def tag(self, view: str, state: object | None) -> str | None:
        """Return the tag of a view if it was rendered in this state; else None."""
        made = self._rendered.views.get(view)
        return made[1] if made and state is not None and made[0] == state else None

    def keep(self, view: str, state: object | None, tag: str) -> None:
        """Store the tag of a view, with the state read before it was rendered."""
        views = self._rendered.views
        if len(views) >= _KEPT:
            views.clear()
        views[view] = state, tag
