"""Answers that break on their way, as failures on demand ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Response

FLUSH_S = 0.05  # granian drops what it has not written yet when a body fails
PIECES = 20  # of a slow body


class CutOff(ConnectionAbortedError):
    """Raised by the body of an answer: the server closes the connection at once."""


def cut(response: Response) -> Response:
    """Return a response of which no byte is sent.

    Granian's HTTP library sends nothing of a response with two lengths and closes the connection;
    Waitress closes it because of the error (see `serving.thread_server`).
    """
    response.response = map(_cut_off, range(1))
    for length in ("1", "2"):
        response.headers.add("Content-Length", length)
    return response


def _cut_off(_: int) -> bytes:
    raise CutOff("cut off on demand")


def halve(response: Response, wait: Callable[[float], None]) -> Response:
    """Return a response that promises its whole length and ends half way."""
    whole = response.get_data()

    def half() -> Iterator[bytes]:
        yield whole[: len(whole) // 2]
        wait(FLUSH_S)
        raise CutOff("cut off on demand")

    return _streamed(response, half(), length=len(whole))


def slow(response: Response, wait: Callable[[float], None], seconds: float) -> Response:
    """Return a response whose body comes in pieces over so many seconds."""
    whole = response.get_data()
    size = max(1, -(-len(whole) // PIECES))

    def pieces() -> Iterator[bytes]:
        starts = range(0, len(whole), size)
        for start in starts:
            if start:  # status and headers are sent with the first piece
                wait(seconds / (len(starts) - 1))
            yield whole[start : start + size]

    return _streamed(response, pieces(), length=len(whole))


def _streamed(response: Response, body: Iterator[bytes], *, length: int) -> Response:
    response.response = body
    response.headers["Content-Length"] = str(length)
    return response
