"""How many requests are answered at once, whatever the number of server threads.

A server thread that waits on purpose (a delay) gives its slot away, so that waiting requests keep
nobody else from being answered.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from duologue.mockserver.http.traffic.bounds import Waiting, receive
from duologue.mockserver.http.traffic.world_prefix import PREFIX, strip_world
from duologue.mockserver.store.worker import WorkerPool

CONTROL_PREFIX = "/_mock/"
# Threads that wait for the interpreter lock get it in no order: one that asks for it again at once
# wins, so that of 64 clients some waited 0.7 s while others were answered in 0.4 ms. So a thread
# gives its core up after each answer, which takes a seventh of the requests a second.
GIVE_UP_CORE: Callable[[], object] = getattr(os, "sched_yield", lambda: None)
CONTROLLING = 16  # calls of the control plane at once: each worker keeps a connection, two files


class AnswerSlots:
    """A bound on the requests that run Python at once; the control plane has slots of its own."""

    def __init__(
        self,
        count: int,
        *,
        give_up_core: Callable[[], object] = GIVE_UP_CORE,
        away: Waiting = nullcontext,
    ) -> None:
        """Let so many requests run; `away` is called for a context in which a thread waits."""
        self._away = away
        self._workers = WorkerPool(count)
        self._controllers = WorkerPool(CONTROLLING)
        self._give_up_core = give_up_core
        self._held = threading.local()

    def wrap(self, app: Callable[..., Any]) -> Callable[..., Any]:
        """Return a WSGI app that answers each request of the API in a slot."""

        def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
            if environ["PATH_INFO"].startswith(PREFIX):
                strip_world(environ)
            receive(environ, self._away)  # a client that sends slowly takes no slot
            if environ["PATH_INFO"].startswith(CONTROL_PREFIX):
                with self._away():  # it may take long
                    return self._control(app, environ, start)
            self._workers.take(self._away)
            self._held.slot = True
            try:
                return app(environ, start)
            finally:
                self._held.slot = False
                self._workers.give_back()
                self._give_up_core()

        return answer

    def give_way(self, wait: Callable[[float], object], seconds: float) -> None:
        """Call `wait` with `seconds` while this thread's slot is free for another request."""
        if not getattr(self._held, "slot", False):
            wait(seconds)
            return
        self._workers.give_back()
        try:
            with self._away():
                wait(seconds)
        finally:
            self._workers.take(self._away)

    def _control(
        self, app: Callable[..., Any], environ: dict[str, Any], start: Callable[..., Any]
    ) -> Any:
        self._controllers.take()
        try:
            return app(environ, start)
        finally:
            self._controllers.give_back()
