"""How many requests are answered at once, whatever the number of server threads.

A server thread that waits on purpose (a delay) gives its slot away, so that waiting requests keep
nobody else from being answered.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from duologue.mockserver.http.traffic.bounds import has_body, receive
from duologue.mockserver.http.traffic.thread_reserve import ThreadReserve
from duologue.mockserver.http.traffic.world_prefix import PREFIX, strip_world
from duologue.mockserver.store.worker import WorkerPool

CONTROL_PREFIX = "/_mock/"
# Where many threads take requests, those that wait for the interpreter lock get it in no order: one
# that asks for it again at once wins, so that of 64 clients some waited 0.7 s while others were
# answered in 0.4 ms. With the core given up after each answer p99 is 65 ms and p50 13 ms, at 6 to
# 15 % fewer requests a second.
GIVE_UP_CORE: Callable[[], object] = getattr(os, "sched_yield", lambda: None)
App = Callable[..., Any]
LEAST_FREE = 2  # threads that can take a request at any time
CONTROLLING = 16  # calls of the control plane at once: each worker keeps a connection, two files


class AnswerSlots:
    """A bound on the requests that run Python at once; the control plane has slots of its own.

    Threads of the server that are not needed rest where they `may_rest`: where the state is so near
    that requests wait for nothing but what is told here. Else each thread takes requests.
    """

    def __init__(
        self,
        count: int,
        *,
        may_rest: bool = True,
        give_up_core: Callable[[], object] = GIVE_UP_CORE,
    ) -> None:
        self._workers = WorkerPool(count)
        self._controllers = WorkerPool(CONTROLLING)
        most = max(count, LEAST_FREE) if may_rest else sys.maxsize
        self._reserve = ThreadReserve(least=LEAST_FREE, most=most)
        self._give_up_core = None if may_rest else give_up_core
        self._held = threading.local()

    def rest(self) -> None:
        """Let this thread, which has sent an answer, rest until it is needed; it may be at once."""
        self._reserve.rest()

    def wrap(self, app: App) -> App:
        """Return a WSGI app that answers each request of the API in a slot."""

        def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
            self._reserve.join()
            if environ["PATH_INFO"].startswith(PREFIX):
                strip_world(environ)
            if has_body(environ):
                with self._reserve.waiting():
                    receive(environ)  # a client that sends slowly takes no slot
            is_control = environ["PATH_INFO"].startswith(CONTROL_PREFIX)
            parts = (self._controlled if is_control else self._answered)(app, environ, start)
            return parts if type(parts) is list else self._streamed(parts)

        return answer

    def _controlled(self, app: App, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        with self._reserve.waiting():
            self._controllers.take()
            try:
                return app(environ, start)
            finally:
                self._controllers.give_back()

    def _answered(self, app: App, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        self._workers.take()
        self._held.slot = True
        try:
            return app(environ, start)
        finally:
            self._held.slot = False
            self._workers.give_back()
            if self._give_up_core is not None:
                self._give_up_core()

    def _streamed(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the parts of an answer; its thread may wait for each, and for the client."""
        with self._reserve.waiting():
            try:
                yield from parts
            finally:
                close = getattr(parts, "close", None)
                if close is not None:
                    close()

    def give_way(self, wait: Callable[[float], object], seconds: float) -> None:
        """Call `wait` with `seconds` while this thread's slot is free for another request."""
        with self._reserve.waiting():
            if not getattr(self._held, "slot", False):
                wait(seconds)
                return
            self._workers.give_back()
            try:
                wait(seconds)
            finally:
                self._workers.take()
