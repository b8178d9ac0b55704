"""What a clause's check is given: client, test data, clock, expectations and findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from duologue.contracts.context.budget import Budget
from duologue.contracts.context.clock import Clock
from duologue.contracts.context.conversation_view import KINDS
from duologue.contracts.context.conversations import Conversations
from duologue.contracts.context.existing_data import NOTHING_NEW, ExistingData
from duologue.contracts.context.expectations import Expectations
from duologue.contracts.context.findings import FindingLog, PhaseCounts
from duologue.contracts.context.provisioning import Provisioning
from duologue.contracts.context.run_fixtures import RunFixtures
from duologue.contracts.errors import NotReached, NotStaged
from duologue.contracts.http.client import Client

T = TypeVar("T")


@dataclass(slots=True)
class CheckContext:
    """The parts a check works with; each has one job.

    ``data`` either makes test data or holds existing conversations: see ``create``.
    """

    client: Client
    data: Provisioning | ExistingData
    clock: Clock
    fixtures: RunFixtures[CheckContext]
    budget: Budget = field(default_factory=Budget)
    phases: dict[str, PhaseCounts] = field(default_factory=dict)
    findings: FindingLog = field(init=False)
    expect: Expectations = field(init=False)
    conversations: Conversations = field(init=False)

    def __post_init__(self) -> None:
        self.findings = FindingLog(self.client, self.data.roles)
        self.expect = Expectations(self.clock)
        self.conversations = Conversations(self)

    @property
    def create(self) -> Provisioning:
        """What makes users, groups and messages; NotStaged where none may be made."""
        if isinstance(self.data, ExistingData):
            raise NotStaged(NOTHING_NEW)
        return self.data

    @property
    def existing(self) -> ExistingData | None:
        """The existing conversations of a run that makes nothing; None where data is made."""
        return self.data if isinstance(self.data, ExistingData) else None

    def run_fixture(self, name: str, make: Callable[[CheckContext], T]) -> T:
        """Return what the run makes once under that name, in a context that lasts as long."""

        def make_or_explain(context: CheckContext) -> T:
            try:
                return make(context)
            except NotReached as failure:
                context.client.explain(failure)
                raise

        return self.fixtures.get(name, make_or_explain)

    def case(self, name: str = "") -> AbstractContextManager[None]:
        """Return a block whose break is kept as a finding, so that the next case goes on."""
        return self.findings.case(name)

    def each_kind(self, check: Callable[[CheckContext, str], None]) -> None:
        """Check a user's and a group's conversation, each as a case of its own.

        Raises NotReached where one was not reached, NotStaged where neither could be staged.
        """
        self.each({kind: partial(check, self, kind) for kind in KINDS})

    def each(self, cases: Mapping[str, Callable[[], None]]) -> None:
        """Check several cases by name: what is missing for one leaves the others judged.

        Raises NotReached where one was not reached, NotStaged where none could be staged.
        """
        failures: list[Exception] = []
        for name, check in cases.items():
            with self.case(name):
                try:
                    check()
                except NotReached as failure:
                    self.client.explain(failure)
                    failures.append(failure)
                except NotStaged as failure:
                    failures.append(failure)
        unreached = [each for each in failures if isinstance(each, NotReached)]
        if unreached or (failures and len(failures) == len(cases)):
            raise (unreached or failures)[0]

    def teardown(self) -> list[str]:
        """Remove the test data, or restore what was used; return what could not be."""
        return self.data.teardown()
