"""People and groups made once for all faults: what a rehearsal asked for is there in every run.

Most requests of a run stage it. So the clauses are played once on the healthy mock, whom they ask
for is written down and made, the mock keeps that state, and each fault begins with it. A clause
that asks for something else under a fault than it did in the rehearsal is given it, too.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from contracts.cast import Cast, StagedCast
from contracts.clause import Clause
from contracts.client import Client
from contracts.drill.mock import Mock
from contracts.drill.wire import Wire
from contracts.runner import Session
from contracts.scene import Scene
from contracts.shared import Shared
from contracts.stage import Names, Stage
from contracts.verdict import Result

T = TypeVar("T")
REHEARSED, MORE = "drill", "more"  # in the ids of what a rehearsal made, and of what came later


@dataclass(frozen=True, slots=True)
class Wish:
    """What a scene asked for: a user, or a group with its members; and what it was given."""

    scene: str
    kind: str
    words: str
    key: str
    make: Callable[[Stage], Any]


@dataclass(slots=True)
class Pool:
    """Wishes, in the order in which they were made, and what of them is not used yet."""

    wishes: list[Wish] = field(default_factory=list)
    _left: defaultdict[tuple[str, str, str], deque[str]] = field(
        default_factory=lambda: defaultdict(deque)
    )

    def fill(self) -> None:
        """Everything is there again, for a new run."""
        self._left.clear()
        for wish in self.wishes:
            self._left[wish.scene, wish.kind, wish.words].append(wish.key)

    def take(self, scene: str, kind: str, words: str) -> str | None:
        """The id of what was wished for so in that scene; None where no more is there."""
        left = self._left[scene, kind, words]
        return left.popleft() if left else None


@dataclass(slots=True)
class PooledCast(StagedCast):
    """A cast that takes people and groups from the pool; nothing has to be struck.

    What the pool has not is made, and with `is_rehearsal` goes into it.
    """

    pool: Pool
    scene: str
    ids: Names
    is_rehearsal: bool

    def user(self, name: str, **fields: Any) -> str:
        """The uid of a user whom nobody else uses."""
        return self._given(
            "user", [name, fields], lambda stage, uid: stage.user(name, uid=uid, **fields)
        )

    def users(self, count: int) -> list[str]:
        """The uids of that many users."""
        return [self.user(f"Person {n}") for n in range(count)]

    def group(self, owner: str, members: Sequence[str], **fields: Any) -> str:
        """The guid of a group that nobody else uses."""
        return self._given(
            "group",
            [owner, list(members), fields],
            lambda stage, guid: stage.group(owner, members, guid=guid, **fields),
        )

    def greet(self, sender: str, uids: Sequence[str]) -> None:
        """A message to each of these users."""
        for uid in uids:
            self.send(sender, kind="user", to=uid)

    def fresh_id(self) -> str:
        """An id that nobody has, the same one under each fault."""
        return self.ids.fresh()

    def strike(self) -> list[str]:
        """Nothing: the next run begins with the stage as it was."""
        return []

    def _given(self, kind: str, words: Any, make: Callable[[Stage, str], Any]) -> str:
        told = json.dumps(words, sort_keys=True)
        key = None if self.is_rehearsal else self.pool.take(self.scene, kind, told)
        if key is None:
            key = self.stage.names.fresh()
            make(self.stage, key)
            if self.is_rehearsal:
                wish = Wish(self.scene, kind, told, key, lambda stage: make(stage, key))
                self.pool.wishes.append(wish)
        return key


@dataclass(slots=True)
class NamedShares(Shared):
    """Shared things, each made in a scene that bears its name."""

    within: Callable[[str], Any] = field(default=lambda _: None)

    def get(self, name: str, make: Callable[[Scene], T]) -> T:
        """The thing called ``name``, made when it is not there yet."""
        with self.within(f"shared {name}"):
            return Shared.get(self, name, make)


class Rehearsed(Session):
    """A session whose scenes take their people from a pool."""

    def __init__(
        self, mock: Mock, pool: Pool, *, is_rehearsal: bool = False, is_generating: bool = False
    ) -> None:
        token = REHEARSED if is_rehearsal else MORE
        super().__init__(mock.target, token, sleep=mock.sleep, connections=1)
        self._pool = pool
        self._is_rehearsal = is_rehearsal
        self._scene = ""
        self.shared = NamedShares(self.scene, within=self._within)
        if not is_generating:  # which may send what a plain wire does not know
            self.transport = Wire(timeout_s=mock.target.timeout_s, sleep=mock.sleep)

    def play(self, clause: Clause) -> Result:
        """A clause's verdict."""
        with self._within(clause.id):
            return super().play(clause)

    def _cast(self, client: Client) -> Cast:
        stage = Stage(client, self.names)
        word = self._scene.replace(".", "-").replace(" ", "-")
        ids = Names(f"{REHEARSED}-{word}")
        return PooledCast(stage, self._pool, self._scene, ids, self._is_rehearsal)

    @contextmanager
    def _within(self, name: str) -> Iterator[None]:
        before, self._scene = self._scene, name
        try:
            yield
        finally:
            self._scene = before
