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
from duologue.contracts.context.budget import Budget
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.provisioning import CreatedData, Provisioning
from duologue.contracts.context.run_fixtures import RunFixtures
from duologue.contracts.context.target_data import SIDE_BY_SIDE, IdGenerator, TargetData
from duologue.contracts.drill.driven_mock import DrivenMock
from duologue.contracts.drill.raw_http_transport import RawHttpTransport
from duologue.contracts.http.client import Client
from duologue.contracts.http.transport import Transport
from duologue.contracts.run.results import Result
from duologue.contracts.session import RunSettings, Session

T = TypeVar("T")
# Tokens in the ids of test data that was recorded, and of test data that was created under a fault.
RECORDED, CREATED_LATER = "drill", "more"
FAULT_BUDGET = Budget(max_time_s=20.0)


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """What a check asked for: a user, or a group with its members; and the id it got."""

    context: str
    kind: str
    arguments: str
    id: str
    create: Callable[[TargetData], Any]


@dataclass(slots=True)
class RecordedPool:
    """The recorded requests in their order, and those that are not used yet."""

    requests: list[RecordedRequest] = field(default_factory=list)
    _unused: defaultdict[tuple[str, str, str], deque[str]] = field(
        default_factory=lambda: defaultdict(deque)
    )

    def fill(self) -> None:
        """Make everything available again, for a new run."""
        self._unused.clear()
        for request in self.requests:
            self._unused[request.context, request.kind, request.arguments].append(request.id)

    def take(self, context: str, kind: str, arguments: str) -> str | None:
        """Return the id recorded for this request in this context; None if none is unused."""
        unused = self._unused[context, kind, arguments]
        return unused.popleft() if unused else None


@dataclass(slots=True)
class RecordedProvisioning(CreatedData):
    """Provisioning from a pool; nothing has to be removed.

    What the pool lacks is created; with `is_recording` it is also added to the pool.
    """

    pool: RecordedPool
    context: str
    ids: IdGenerator
    is_recording: bool

    def user(self, name: str = "Someone", **fields: Any) -> str:
        """Return the uid of a user for this check alone."""
        return self._get_or_create(
            "user",
            [name, fields],
            lambda test_data, uid: test_data.user(name, **{"uid": uid, **fields}),
            given=fields.get("uid"),
        )

    def users(self, count: int) -> list[str]:
        """Return the uids of so many users."""
        return [self.user(f"Person {n}") for n in range(count)]

    def group(self, owner: str, members: Sequence[str] = (), **fields: Any) -> str:
        """Return the guid of a group for this check alone."""
        return self._get_or_create(
            "group",
            [owner, list(members), fields],
            lambda test_data, guid: test_data.group(owner, members, **{"guid": guid, **fields}),
            given=fields.get("guid"),
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

    def _get_or_create(
        self,
        kind: str,
        arguments: Any,
        create: Callable[[TargetData, str], Any],
        *,
        given: str | None = None,
    ) -> str:
        as_text = json.dumps(arguments, sort_keys=True)
        key = None if self.is_recording else self.pool.take(self.context, kind, as_text)
        if key is None:
            key = given or self.records.names.fresh()
            create(self.records, key)
            if self.is_recording:
                request = RecordedRequest(
                    self.context, kind, as_text, key, lambda test_data: create(test_data, key)
                )
                self.pool.requests.append(request)
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
        is_recording: bool = False,
        is_generating: bool = False,
    ) -> None:
        token = RECORDED if is_recording else CREATED_LATER
        settings = RunSettings(workers=1, budget=Budget() if is_recording else FAULT_BUDGET)
        super().__init__(mock.target, token, settings, sleep=mock.sleep)
        self._pool = pool
        self._is_recording = is_recording
        self._context_name = ""
        self.fixtures = NamedRunFixtures(self.context, within=self._within)
        # Generated requests may need more of HTTP than the raw transport knows.
        transport = Transport if is_generating else RawHttpTransport
        self.transport = transport(
            timeout_s=mock.target.timeout_s,
            connections=SIDE_BY_SIDE,
            sleep=mock.sleep,
            check_running=mock.target.check_running,
        )

    def play(self, clause: Clause) -> Result:
        """Return a clause's result."""
        with self._within(clause.id):
            return super().play(clause)

    def _data(self, client: Client) -> Provisioning:
        test_data = TargetData(client, self.names)
        slug = self._context_name.replace(".", "-").replace(" ", "-")
        ids = IdGenerator(f"{RECORDED}-{slug}")
        return RecordedProvisioning(
            test_data, self._pool, self._context_name, ids, self._is_recording
        )

    @contextmanager
    def _within(self, name: str) -> Iterator[None]:
        before, self._context_name = self._context_name, name
        try:
            yield
        finally:
            self._context_name = before
