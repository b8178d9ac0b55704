"""Answers kept until a write: to the same question, asked of the same state, the same answer.

What is kept has been checked against the document and encoded once. The stamp of the state moves
with every transaction that is committed to it, by whatever thread or process, so nothing outdated
is ever told; a state that has no stamp is never remembered.
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
    """What was answered to which question, as long as the state's stamp stays the same."""

    def __init__(self) -> None:
        self._mine = threading.local()

    def recall(self, key: Question, stamp: object) -> ApiResponse | None:
        """The answer that was kept for the question while the state had this stamp."""
        mine = self._mine
        if getattr(mine, "stamp", None) != stamp:
            mine.stamp, mine.answers = stamp, {}
            return None
        known: ApiResponse | None = mine.answers.get(key)
        return known

    def keep(self, key: Question, stamp: object, *, answer: ApiResponse) -> ApiResponse:
        """The answer, encoded, and kept where it is a success of a usual size."""
        if answer.status != 200 or type(answer.body) is not dict:
            return answer
        encoded = answer._replace(body=orjson.dumps(answer.body))
        mine = self._mine
        if mine.stamp == stamp and len(encoded.body) <= LARGEST_BYTES:
            if len(mine.answers) >= MOST_KEPT:
                mine.answers.clear()
            mine.answers[key] = encoded
        return encoded
