"""What stands for test data: messages sent, ids never used before, and what a run made."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from duologue.contracts.context.findings import Roles


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that was accepted: its id as text, who wrote it, and when (UNIX seconds).

    ``answered`` is the whole message as the answer to sending it shows it.
    """

    id: str
    sender: str
    text: str
    sent_at: int
    answered: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(slots=True)
class IdGenerator:
    """Ids that were never used before: ``duo-{token}-{n}``, the token fresh for each run."""

    token: str
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _roles: Roles | None = None
    _apart: dict[str, IdGenerator] = field(default_factory=dict)

    @property
    def roles(self) -> Roles:
        """What the ids stand for: one table for all checks of a run."""
        if self._roles is None:
            self._roles = Roles(self.token)
        return self._roles

    def fresh(self) -> str:
        """Return an id within the documented alphabet and length."""
        return f"duo-{self.token}-{next(self._numbers)}"

    def apart(self, word: str) -> IdGenerator:
        """Return a generator with a count of its own, which no other clause moves on.

        Where one word is asked for again, the count goes on: a check may be made a second time.
        """
        made = IdGenerator(f"{self.token}-{word}", _roles=self.roles)
        return self._apart.setdefault(word, made)


@dataclass(slots=True)
class DataRecord:
    """What a run made so far, by kind; what of it is still there; and one removed id of each kind.

    ``present`` maps kind and id to who may remove it: a message's sender, else None. ``doubtful``
    maps kind and id of what may have been made to the answer to its removal. Several threads note
    what they make and remove.
    """

    made: Counter[str] = field(default_factory=Counter)
    present: dict[tuple[str, str], str | None] = field(default_factory=dict)
    doubtful: dict[tuple[str, str], str] = field(default_factory=dict)
    _removed: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note_made(self, kind: str, count: int = 1) -> None:
        """Count what was made."""
        with self._lock:
            self.made[kind] += count

    def note_removed(self, kind: str, key: str, *, as_done: bool) -> None:
        """Note that something is not there any more; ``as_done`` where its removal was answered so.

        Of each kind the greatest id is kept. The last one would depend on the order of threads.
        """
        with self._lock:
            self.present.pop((kind, key), None)
            if as_done:
                self._removed[kind] = max(key, self._removed.get(kind, ""))

    def note_doubtful(self, kind: str, key: str, answer: str) -> None:
        """Note that neither the creation nor the removal of something succeeded."""
        with self._lock:
            self.present.pop((kind, key), None)
            self.doubtful[kind, key] = answer

    def take_doubtful(self) -> dict[tuple[str, str], str]:
        """Return what may have been made, groups before users, and forget it."""
        with self._lock:
            doubtful, self.doubtful = self.doubtful, {}
        return dict(sorted(doubtful.items()))

    def take_removed(self) -> dict[str, str]:
        """Return kind -> one id whose removal was answered as done, and forget them."""
        with self._lock:
            removed, self._removed = self._removed, {}
        return dict(sorted(removed.items()))
