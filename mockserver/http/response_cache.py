"""A cache of answers that is valid until the next write.

An answer in it has been checked against the document and encoded once. The stamp of the state
changes with every committed transaction, of any thread or process, so no outdated answer is sent.
Nothing is cached for a state without a stamp.
"""

from __future__ import annotations

import threading
from typing import Any

import orjson

from duologue.mockserver.http.api_response import ApiResponse

Question = tuple[Any, ...]
MOST_KEPT = 512  # for each thread: a stamp is of one thread's connection
LARGEST_BYTES = 64 * 1024  # a page of a thousand rows is asked for too seldom to keep


class ResponseCache:
    """Answers by question, valid while the stamp of the state stays the same."""

    def __init__(self) -> None:
        self._mine = threading.local()

    def recall(self, key: Question, stamp: object) -> ApiResponse | None:
        """Return the answer that was kept for the question at this stamp; None if there is none."""
        mine = self._mine
        if getattr(mine, "stamp", None) != stamp:
            mine.stamp, mine.answers = stamp, {}
            return None
        known: ApiResponse | None = mine.answers.get(key)
        return known

    def keep(self, key: Question, stamp: object, *, answer: ApiResponse) -> ApiResponse:
        """Return the answer encoded; keep it if it is a success of a usual size."""
        if answer.status != 200 or type(answer.body) is not dict:
            return answer
        encoded = answer._replace(body=orjson.dumps(answer.body))
        mine = self._mine
        if mine.stamp == stamp and len(encoded.body) <= LARGEST_BYTES:
            if len(mine.answers) >= MOST_KEPT:
                mine.answers.clear()
            mine.answers[key] = encoded
        return encoded
