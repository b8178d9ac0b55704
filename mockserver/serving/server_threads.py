"""Which threads of granian take requests: few, but always one.

Granian (2.8.9, `src/blocking.rs`) starts a thread for each request that waits, up to its limit, and
all of its threads take turns. With 16 clients 17 threads answered in turn, each with a stack and
freed memory of its own, which left the caches meanwhile; four threads take 0.85 of the CPU time for
a PUT and 0.65 of it for one conversation. So a thread that has answered sleeps where enough others
take requests. It is woken when none does: when each of them waits for a slow upload, a delay or a
stream, or has been busy for long.

Granian counts a thread as idle until a moment after that has taken a request. For a request that
comes in this moment no thread is started, and from then on the last request always waits for the
next one, or until a thread is free. One more request starts one more thread, and ends it: so the
server sends itself one for each request that holds a thread for long.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

LONG_S = 0.1  # most requests take 0.2 ms
SLEEP_S = 60  # then a thread waits for a request again, and granian ends it if none comes
App = Callable[[dict[str, Any], Callable[..., Any]], Any]


class ServerThreads:
    """The threads that take requests: at most so many, as long as none of them is away."""

    def __init__(self, most: int, *, now: Callable[[], float] = time.monotonic) -> None:
        self.own_path = f"/_mock/thread-{os.getpid()}"  # of the requests that the server sends
        self._most = most
        self._now = now
        self._numbers = itertools.count(1)  # of the requests, by the order in which they came
        self._newest_asked = self._newest_followed = 0
        self._threads: set[_Thread] = set()
        self._active = 0
        self._sleeping: list[threading.Lock] = []  # each is released to wake its thread
        self._changing = threading.Lock()
        self._own = threading.local()
        self._away = _Away(self)

    def watch(self, app: App) -> App:
        """Return the app for the server: a thread that is not needed sleeps after its answer."""

        own_path, own, numbers, now = self.own_path, self._own, self._numbers, self._now

        def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
            if environ["PATH_INFO"] == own_path:
                self._newest_followed = self._newest_asked
            thread: _Thread = getattr(own, "thread", None) or self._begin()
            thread.number = next(numbers)
            thread.since = now()
            try:
                pieces = app(environ, start)
            except BaseException:
                self._finish(thread)
                raise
            if type(pieces) is not list:
                self.leave(thread)
                return _Pieces(pieces, partial(self._finish_stream, thread))
            self._finish(thread)
            if self._active > self._most and _is_sent_the_same(pieces, start):
                return _Pieces(pieces, self._sleep)
            return pieces

        return answer

    def away(self) -> AbstractContextManager[None]:
        """Return a context in which this thread waits, so that another one has to take requests."""
        return self._away

    def look_for_long(self) -> bool:
        """Count a thread as away while its request takes long.

        Return whether there is one for which no request of `own_path` came since. The caller is
        expected to send one. Where several processes answer at one address, another one may get it.
        """
        until, newest = self._now() - LONG_S, 0
        for thread in [*self._threads]:
            with self._changing:
                if thread.since is None or thread.since > until:
                    continue
                newest = max(newest, thread.number)
                wake = None if thread.is_long else self._absent(thread)
                thread.is_long = True
            if wake is not None:
                wake.release()
        if newest <= self._newest_followed:
            return False
        self._newest_asked = newest
        return True

    def wake_all(self) -> None:
        """Wake the threads that sleep, and let none sleep again: the server stops."""
        with self._changing:
            self._most = sys.maxsize
            woken, self._sleeping = self._sleeping, []
            self._active += len(woken)
        for wake in woken:
            wake.release()

    def own(self) -> _Thread | None:
        """Return this thread; None if it has taken no request."""
        return getattr(self._own, "thread", None)

    def leave(self, thread: _Thread) -> None:
        """Note that a thread takes no request until it comes back; wake another one if needed."""
        with self._changing:
            wake = self._absent(thread)
        if wake is not None:
            wake.release()

    def come_back(self, thread: _Thread) -> None:
        """Note that one reason why a thread takes no request has ended."""
        with self._changing:
            self._present(thread)

    def _begin(self) -> _Thread:
        thread = self._own.thread = _Thread()
        self._own.at_end = _AtEnd(partial(self._end, thread))
        with self._changing:
            self._threads.add(thread)
            self._active += 1
        return thread

    def _end(self, thread: _Thread) -> None:
        self._threads.discard(thread)
        self.leave(thread)

    def _finish(self, thread: _Thread) -> None:
        thread.since = None
        if thread.is_long:  # one that is noted only now ends with the next request
            with self._changing:
                thread.is_long = False
                self._present(thread)

    def _finish_stream(self, thread: _Thread) -> None:
        self.come_back(thread)
        self._finish(thread)
        self._sleep()

    def _sleep(self) -> None:
        """Let this thread sleep if enough others take requests."""
        wake = threading.Lock()
        wake.acquire()
        with self._changing:
            if self._active <= self._most:
                return
            self._active -= 1
            self._sleeping.append(wake)
        if wake.acquire(timeout=SLEEP_S):
            return
        with self._changing:
            if wake in self._sleeping:  # else it was just woken
                self._sleeping.remove(wake)
                self._active += 1

    def _absent(self, thread: _Thread) -> threading.Lock | None:
        """Add a reason why a thread takes no request; return what wakes the next one if needed."""
        thread.absences += 1
        if thread.absences > 1:
            return None
        self._active -= 1
        if self._active > 0 or not self._sleeping:
            return None
        self._active += 1
        return self._sleeping.pop()

    def _present(self, thread: _Thread) -> None:
        thread.absences -= 1
        if not thread.absences:
            self._active += 1


def _is_sent_the_same(pieces: list[bytes], start: Callable[..., Any]) -> bool:
    """Return whether granian sends an answer in pieces with the same bytes as a list.

    Without a length it would be chunked, and an empty one would get other headers. What granian
    passes as `start` keeps the headers.
    """
    names = (name.lower() for name, _ in getattr(start, "headers", ()))
    return any(pieces) and "content-length" in names


class _Thread:
    """A thread of the server, and the request that it is busy with."""

    __slots__ = ("absences", "is_long", "number", "since")

    def __init__(self) -> None:
        self.number = 0
        self.since: float | None = None  # when the request began
        self.absences = 0  # reasons for which the thread takes no request now
        self.is_long = False  # one of them is that its request takes long


class _Away:
    """The context of a thread that waits; without an effect outside of the server's threads."""

    def __init__(self, threads: ServerThreads) -> None:
        self._threads = threads

    def __enter__(self) -> None:
        thread = self._threads.own()
        if thread is not None:
            self._threads.leave(thread)

    def __exit__(self, *_: object) -> None:
        thread = self._threads.own()
        if thread is not None:
            self._threads.come_back(thread)


class _AtEnd:
    """Calls a function when the thread that holds it ends."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call

    def __del__(self) -> None:
        self._call()


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
