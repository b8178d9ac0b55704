"""Requests that granian leaves waiting although it may start another thread for them.

Granian (2.8.9, `src/blocking.rs`) counts a thread as idle until a moment after that has taken a
request. For a request that comes in this moment no thread is started, and from then on the last
request always waits for the next one, or until a thread is free. Where delayed answers, uploads and
event streams hold all threads, that takes as long as these. One more request starts one more
thread, and ends it: so the server sends itself one for each request that holds a thread for long.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

LONG_S = 0.1  # most requests take 0.2 ms
App = Callable[[dict[str, Any], Callable[..., Any]], Any]


class BusyThreads:
    """The requests that threads of this process are busy with, by the order in which they came."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self.own_path = f"/_mock/thread-{os.getpid()}"  # of the requests that the server sends
        self._now = now
        self._numbers = itertools.count(1)
        self._since: dict[int, float] = {}
        self._newest_asked = self._newest_followed = 0

    def watch(self, app: App) -> App:
        """Return the app with its requests noted, an answer in pieces until its end."""

        def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
            if environ["PATH_INFO"] == self.own_path:
                self._newest_followed = self._newest_asked
            number = next(self._numbers)
            self._since[number] = self._now()
            try:
                pieces = app(environ, start)
            except BaseException:
                self._end(number)
                raise
            if type(pieces) is not list:
                return _Pieces(pieces, partial(self._end, number))
            self._end(number)
            return pieces

        return answer

    def want_another(self) -> bool:
        """Return whether a request holds its thread for long, and none of `own_path` came since.

        The caller is expected to send one. Where several processes answer at one address, another
        one may get it.
        """
        until = self._now() - LONG_S
        newest = max((n for n, since in [*self._since.items()] if since <= until), default=0)
        if newest <= self._newest_followed:
            return False
        self._newest_asked = newest
        return True

    def _end(self, number: int) -> None:
        self._since.pop(number, None)


class _Pieces:
    """The pieces of an answer; `close` is called after the last one that the client gets."""

    def __init__(self, pieces: Iterable[bytes], on_close: Callable[[], None]) -> None:
        self._pieces = pieces
        self._on_close = on_close

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def close(self) -> None:
        """Close the answer."""
        try:
            close = getattr(self._pieces, "close", None)
            if close is not None:
                close()
        finally:
            self._on_close()
