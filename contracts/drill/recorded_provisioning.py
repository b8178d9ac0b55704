"""Provisioning for a drill: the users and groups that a first run asked for, created once.

Most requests of a run create its test data. So the clauses run once on the healthy mock, what they
ask for is recorded and created, the mock saves that state, and each fault begins with it. A clause
that asks for something else under a fault gets it created then.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from duologue.contracts.clause import Clause
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.provisioning import CreatedData, Provisioning
from duologue.contracts.context.run_fixtures import RunFixtures
from duologue.contracts.context.target_data import IdGenerator, TargetData
from duologue.contracts.drill.driven_mock import DrivenMock
from duologue.contracts.drill.raw_http_transport import RawHttpTransport
from duologue.contracts.http.client import Client
from duologue.contracts.run.results import Result
from duologue.contracts.session import Session

T = TypeVar("T")
REHEARSED, MORE = "drill", "more"  # in the ids of what a rehearsal made, and of what came later


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """What a check asked for: a user, or a group with its members; and the id it got."""

    context: str
    kind: str
    words: str
    key: str
    make: Callable[[TargetData], Any]


@dataclass(slots=True)
class RecordedPool:
    """The recorded requests in their order, and those that are not used yet."""

    wishes: list[RecordedRequest] = field(default_factory=list)
    _left: defaultdict[tuple[str, str, str], deque[str]] = field(
        default_factory=lambda: defaultdict(deque)
    )

    def fill(self) -> None:
        """Make everything available again, for a new run."""
        self._left.clear()
        for request in self.wishes:
            self._left[request.context, request.kind, request.words].append(request.key)

    def take(self, context: str, kind: str, words: str) -> str | None:
        """Return the id recorded for this request in this context; None if none is left."""
        left = self._left[context, kind, words]
        return left.popleft() if left else None


@dataclass(slots=True)
class RecordedProvisioning(CreatedData):
    """Provisioning from a pool; nothing has to be removed.

    What the pool lacks is created, and added to it with `is_rehearsal`.
    """

    pool: RecordedPool
    context: str
    ids: IdGenerator
    is_rehearsal: bool

    def user(self, name: str = "Someone", **fields: Any) -> str:
        """Return the uid of a user for this check alone."""
        return self._given(
            "user", [name, fields], lambda test_data, uid: test_data.user(name, uid=uid, **fields)
        )

    def users(self, count: int) -> list[str]:
        """Return the uids of so many users."""
        return [self.user(f"Person {n}") for n in range(count)]

    def group(self, owner: str, members: Sequence[str] = (), **fields: Any) -> str:
        """Return the guid of a group for this check alone."""
        return self._given(
            "group",
            [owner, list(members), fields],
            lambda test_data, guid: test_data.group(owner, members, guid=guid, **fields),
        )

    def greet(self, sender: str, uids: Sequence[str]) -> None:
        """Send a message to each of these users."""
        for uid in uids:
            self.send(sender, kind="user", to=uid)

    def fresh_id(self) -> str:
        """Return an unused id, the same one under each fault."""
        return self.ids.fresh()

    def teardown(self) -> list[str]:
        """Remove nothing: the next run begins with the saved state."""
        return []

    def _given(self, kind: str, words: Any, make: Callable[[TargetData, str], Any]) -> str:
        told = json.dumps(words, sort_keys=True)
        key = None if self.is_rehearsal else self.pool.take(self.context, kind, told)
        if key is None:
            key = self.records.names.fresh()
            make(self.records, key)
            if self.is_rehearsal:
                request = RecordedRequest(
                    self.context, kind, told, key, lambda test_data: make(test_data, key)
                )
                self.pool.wishes.append(request)
        return key


@dataclass(slots=True)
class NamedRunFixtures(RunFixtures[CheckContext]):
    """Run-scoped fixtures, each made in a context that bears its name."""

    within: Callable[[str], Any] = field(default=lambda _: None)

    def get(self, name: str, make: Callable[[CheckContext], T]) -> T:
        """Return the fixture called ``name``, made at the first call."""
        with self.within(f"shared {name}"):
            return RunFixtures.get(self, name, make)


class RecordedSession(Session):
    """A session whose contexts take their users and groups from a pool."""

    def __init__(
        self,
        mock: DrivenMock,
        pool: RecordedPool,
        *,
        is_rehearsal: bool = False,
        is_generating: bool = False,
    ) -> None:
        token = REHEARSED if is_rehearsal else MORE
        super().__init__(mock.target, token, sleep=mock.sleep, workers=1)
        self._pool = pool
        self._is_rehearsal = is_rehearsal
        self._context_name = ""
        self.fixtures = NamedRunFixtures(self.context, within=self._within)
        if not is_generating:  # which may send what a plain wire does not know
            self.transport = RawHttpTransport(timeout_s=mock.target.timeout_s, sleep=mock.sleep)

    def play(self, clause: Clause) -> Result:
        """Return a clause's result."""
        with self._within(clause.id):
            return super().play(clause)

    def _data(self, client: Client) -> Provisioning:
        test_data = TargetData(client, self.names)
        word = self._context_name.replace(".", "-").replace(" ", "-")
        ids = IdGenerator(f"{REHEARSED}-{word}")
        return RecordedProvisioning(
            test_data, self._pool, self._context_name, ids, self._is_rehearsal
        )

    @contextmanager
    def _within(self, name: str) -> Iterator[None]:
        before, self._context_name = self._context_name, name
        try:
            yield
        finally:
            self._context_name = before
