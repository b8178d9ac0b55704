"""A cache of answers that is valid until the next write.

An answer in it has been checked against the document and encoded once. The stamp of the state
changes with every committed transaction, of any thread or process, so no outdated answer is sent.
It tells changes of tags from all others, so that a list that shows no tags outlives them. Nothing
is cached for a state without a stamp.
"""

from __future__ import annotations

from typing import Any

from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.traffic import shown_rows
from duologue.mockserver.store import worker
from duologue.mockserver.store.stamps import Stamp

Question = tuple[Any, ...]
MOST_KEPT = 512  # for each worker: a stamp is of one connection
LARGEST_BYTES = 64 * 1024  # a page of a thousand rows is asked for too seldom to keep


class _Kept:
    """The answers of one worker at one stamp; `plain` ones do not depend on tags."""

    __slots__ = ("others", "plain", "stamp")

    def __init__(self, stamp: Stamp, plain: dict[Question, ApiResponse]) -> None:
        self.stamp = stamp
        self.plain = plain
        self.others: dict[Question, ApiResponse] = {}


class ResponseCache:
    """Answers by question, valid while what they depend on stays the same."""

    def __init__(self) -> None:
        self._by_worker: dict[int, _Kept] = {}

    def recall(self, key: Question, stamp: Stamp) -> ApiResponse | None:
        """Return the answer that was kept for the question at this stamp; None if there is none."""
        mine = self._by_worker.get(worker.number())
        if mine is None or mine.stamp != stamp:
            is_whole = mine is not None and mine.stamp.whole == stamp.whole
            mine = _Kept(stamp, mine.plain if mine is not None and is_whole else {})
            self._by_worker[worker.number()] = mine
        return mine.plain.get(key) or mine.others.get(key)

    def keep(self, key: Question, stamp: Stamp, *, answer: ApiResponse) -> ApiResponse:
        """Return the answer encoded; keep it if it is a success of a usual size."""
        if answer.status != 200 or type(answer.body) is not dict:
            return answer
        encoded = answer._replace(body=shown_rows.encode(answer.body))
        if answer.depends_on_tags and stamp.tags is None:
            return encoded
        mine = self._by_worker.get(worker.number())
        if mine is not None and mine.stamp == stamp and len(encoded.body) <= LARGEST_BYTES:
            answers = mine.others if answer.depends_on_tags else mine.plain
            if len(answers) >= MOST_KEPT:
                answers.clear()
            answers[key] = encoded
        return encoded
