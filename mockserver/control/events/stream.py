"""One stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

A stream holds a thread of the server as long as its client listens, so there are only so many.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from functools import partial

import orjson

from duologue.mockserver.control.errors import TooManyStreams
from duologue.mockserver.control.events.changes import StateChange
from duologue.mockserver.control.events.log import EventLog

MOST_STREAMS = 32
ALIVE_S = 5.0  # a comment is sent as often: writing it fails once the client is gone
RETRY_MS = 1000
TYPE = "text/event-stream"
GAP = "gap"  # the kind of event that says that events may be missing

Wait = Callable[[Callable[[float], object], float], None]


class Streams:
    """Opens streams of one log, up to a number."""

    def __init__(self, log: EventLog, *, most: int = MOST_STREAMS) -> None:
        self.wait: Wait = _just_wait
        self._log = log
        self._most = most
        self._open = 0
        self.on_requests: Callable[[bool], None] | None = None  # whether any stream asks for them
        self._open_for_requests = 0
        self._lock = threading.Lock()

    def open(self, last_id: str | None, *, with_requests: bool = False) -> Stream:
        """Return a stream of the events after `last_id`, or from now on; raise TooManyStreams."""
        if self._open >= self._most:
            raise TooManyStreams(self._most)
        number = self._log.number if last_id is None else self._log.place_of(last_id)
        return Stream(self._log, self, number=number, with_requests=with_requests)

    def count(self, by: int, *, with_requests: bool) -> None:
        """Count a stream that begins (1) or ends (-1)."""
        with self._lock:
            self._open += by
            if with_requests:
                self._open_for_requests += by
                if self.on_requests is not None:
                    self.on_requests(self._open_for_requests > 0)


class Stream:
    """The bytes of one stream; without a `number` it begins with a gap."""

    def __init__(
        self, log: EventLog, streams: Streams, *, number: int | None, with_requests: bool
    ) -> None:
        self._log = log
        self._streams = streams
        self._with_requests = with_requests
        self._sent = self._send(number)

    def __iter__(self) -> Iterator[bytes]:
        return self._sent

    def close(self) -> None:
        """End the stream; a server calls this when its client is gone."""
        self._sent.close()

    def _send(self, number: int | None) -> Generator[bytes]:
        log, streams = self._log, self._streams
        streams.count(1, with_requests=self._with_requests)
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            requests = log.requests if self._with_requests else None
            if number is None:
                number = log.number
                yield _framed(StateChange(GAP, {}), log.id_of(number))
            while not log.is_closed:
                has_sent = False
                for event in log.after(number):
                    number, has_sent = event.number, True
                    yield _framed(event.made(), log.id_of(number))
                if requests is not None and log.requests > requests:
                    requests, has_sent = log.requests, True
                    yield _framed(StateChange("requests", {}), None)
                if not has_sent:
                    yield b": the mock is here\n\n"
                streams.wait(partial(log.wait, number, requests), ALIVE_S)
        finally:
            streams.count(-1, with_requests=self._with_requests)


def _just_wait(wait: Callable[[float], object], seconds: float) -> None:
    wait(seconds)


def _framed(change: StateChange, event_id: str | None) -> bytes:
    name = b"" if event_id is None else b"id: %s\n" % event_id.encode()
    return b"%sevent: %s\ndata: %s\n\n" % (name, change.kind.encode(), orjson.dumps(change.fields))
