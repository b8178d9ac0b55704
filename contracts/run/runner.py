"""The run: each clause in a scene of its own, side by side, and the stage struck after each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from duologue.contracts.clause import ALL_OPERATIONS, Clause
from duologue.contracts.context.budget import Budget
from duologue.contracts.context.context import CheckContext, Timing
from duologue.contracts.context.provisioning import (
    CreatedData,
    ExistingConversation,
    ExistingData,
    Provisioning,
)
from duologue.contracts.context.run_fixtures import RunFixtures
from duologue.contracts.context.test_data import IdGenerator, TestData
from duologue.contracts.errors import Broken, Interrupted, NotReached, NotStaged
from duologue.contracts.http.client import Client
from duologue.contracts.http.target import Target
from duologue.contracts.http.transport import Transport
from duologue.contracts.run.known_failures import (
    AcceptanceStatus,
    KnownFailure,
    accept,
    without_accepted,
)
from duologue.contracts.run.preflight import TargetProfile, preflight
from duologue.contracts.run.results import Result, Run, Verdict, merged, settled

OnResult = Callable[[Result], None]


def ignore(result: Result) -> None:
    """Tells nobody."""


@dataclass(slots=True)
class Session:
    """One run's view of a target: what its scenes share. Close it to strike what is left."""

    target: Target
    token: str
    roles: tuple[ExistingConversation, ...] | None = None
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    connections: int = 16
    budget: Budget = field(default_factory=Budget)
    known_failures: Sequence[KnownFailure] = ()
    left_behind: list[str] = field(default_factory=list)
    transport: Transport = field(init=False)
    shared: RunFixtures[CheckContext] = field(init=False)
    names: IdGenerator = field(init=False)
    known: TargetProfile = field(init=False)

    def __post_init__(self) -> None:
        self.transport = Transport(
            timeout_s=self.target.timeout_s, connections=self.connections, sleep=self.sleep
        )
        self.names = IdGenerator(self.token)
        self.shared = RunFixtures(self.context)
        self.known = TargetProfile()

    def run_preflight(self) -> None:
        """Checks the address and the key, and measures how late writes show.

        Raises RunNotMade where the run cannot be made.
        """
        client = Client(self.target, self.transport)
        may_make = self.roles is None
        self.known = preflight(
            client, self.names, may_make=may_make, now=self.now, sleep=self.sleep
        )
        self.left_behind += self.known.left_behind

    def context(self) -> CheckContext:
        """A new scene on this target."""
        client = Client(self.target, self.transport)
        timing = Timing(self.now, self.sleep, self.target.settle_s, self.known.lag_s)
        return CheckContext(client, self._cast(client), timing, self.shared, self.budget)

    def _cast(self, client: Client) -> Provisioning:
        if self.roles is not None:
            settle_s = self.target.settle_s
            return ExistingData(self.roles, client, self.names, settle_s, self.sleep)
        return CreatedData(TestData(client, self.names, explicit=self.known.keeps_messages))

    @contextmanager
    def opened(self) -> Iterator[CheckContext]:
        """A scene that is struck at the end, whatever happens in it."""
        context = self.context()
        try:
            yield context
        finally:
            self.left_behind += context.teardown()

    def play(self, clause: Clause) -> Result:
        """A clause's verdict on this target."""
        begun = self.now()
        with self.opened() as context:
            verdict, why = judge(clause, context)
        return Result(
            clause,
            verdict,
            merged(context.findings),
            self.target.hide(why),
            self.now() - begun,
            elsewhere=tuple(context.elsewhere),
            phases=context.phases,
        )

    def settled(
        self, results: Sequence[Result]
    ) -> tuple[tuple[Result, ...], tuple[tuple[KnownFailure, AcceptanceStatus], ...]]:
        """The results once all are known, and what became of each deviation to accept."""
        today = datetime.now(UTC).date()
        judged = settled(without_accepted(results, self.known_failures, today=today))
        return accept(judged, self.known_failures, today=today)

    def close(self) -> None:
        """Strikes what clauses shared, and lets the connections go."""
        self.left_behind += self.shared.teardown()
        self.transport.close()


def judge(clause: Clause, context: CheckContext) -> tuple[Verdict, str]:
    """How the clause fares in the scene, and why where it was not judged."""
    try:
        clause.check(context)
    except Broken as broken:
        context.note(broken)
    except NotStaged as cause:
        if not context.findings:
            return Verdict.NOT_STAGED, cause.why
    except NotReached as cause:
        if not context.findings:
            return Verdict.NOT_REACHED, cause.why
    except Interrupted:
        raise
    except Exception as cause:
        if not context.findings:
            return Verdict.NOT_REACHED, f"an answer was not as foreseen: {cause!r}"
    return (Verdict.BROKEN if context.findings else Verdict.HELD), ""


def run(
    session: Session,
    clauses: Sequence[Clause],
    *,
    seed: int,
    workers: int = 16,
    tell: OnResult = ignore,
) -> Run:
    """All clauses' results on the session's target, told one by one as they come.

    Interrupting it ends the scenes, strikes them and gives what is known so far.
    """
    begun, started_at = session.now(), datetime.now(UTC).isoformat(timespec="seconds")
    results: dict[str, Result] = {}
    interrupted = False
    try:
        for result in _played(session, clauses, workers=1 if session.roles else workers):
            results[result.clause.id] = result
            tell(result)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        session.close()
    in_order, statuses = session.settled(
        [results[each.id] for each in clauses if each.id in results]
    )
    counts = session.transport.counts()
    return Run(
        target=session.target.url,
        seed=seed,
        started_at=started_at,
        duration_s=session.now() - begun,
        results=in_order,
        operations={name: counts[name] for name in ALL_OPERATIONS if name in counts},
        unreached_operations=unreached(in_order, counts),
        phases={name: each for result in in_order for name, each in result.phases.items()},
        left_behind=tuple(map(session.target.hide, session.left_behind)),
        interrupted=interrupted,
        known_failures=tuple(known_failure.as_dict(fate) for known_failure, fate in statuses),
    )


def _played(session: Session, clauses: Iterable[Clause], *, workers: int) -> Iterator[Result]:
    slow_first = sorted(clauses, key=lambda each: not each.slow)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="clause")
    try:  # from here on: Ctrl-C may come while the first clauses are already played
        waiting: set[Future[Result]] = {pool.submit(session.play, each) for each in slow_first}
        while waiting:
            ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in ended)
    except (KeyboardInterrupt, GeneratorExit):
        session.transport.stopping.set()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def unreached(results: Sequence[Result], counts: dict[str, dict[int, int]]) -> tuple[str, ...]:
    """Operations whose own clause was judged and that were never answered 2xx.

    Their own, of the page's table: others speak of operations that they only see refused. One
    without a stage could not be reached, and is not held against the target.
    """
    wanted = {
        operation: None
        for result in results
        if result.clause.id.startswith("operations.") and result.verdict is not Verdict.NOT_STAGED
        for operation in result.clause.operations
    }
    return tuple(
        name for name in wanted if not any(200 <= status < 300 for status in counts.get(name, {}))
    )
