"""A session: what the clauses of one run share, their results, and what is left at the end."""

from __future__ import annotations

import secrets
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from duologue.contracts.clause import ALL_OPERATIONS, Clause
from duologue.contracts.context.clock import Clock
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.existing_data import (
    ExistingConversation,
    ExistingData,
    MessageHistories,
)
from duologue.contracts.context.provisioning import CreatedData, Provisioning
from duologue.contracts.context.run_fixtures import RunFixtures
from duologue.contracts.context.target_data import DataRecord, IdGenerator, TargetData
from duologue.contracts.errors import Interrupted, RunNotMade
from duologue.contracts.http.client import Client
from duologue.contracts.http.running_time import running_time
from duologue.contracts.http.target import Target
from duologue.contracts.http.transport import Transport
from duologue.contracts.run import known_failures as known
from duologue.contracts.run.causes import rooted
from duologue.contracts.run.cleanup import lines_of_doubtful, remove_doubtful, still_there
from duologue.contracts.run.known_failures import AcceptanceStatus, KnownFailure
from duologue.contracts.run.preflight import TargetProfile, preflight
from duologue.contracts.run.removal import Once, RemovalCheck, directly
from duologue.contracts.run.results import Result, Run, merged, settled
from duologue.contracts.run.runner import OnResult, check, ignore, play_all, unreached
from duologue.contracts.run.sharding import Pending, set_apart
from duologue.contracts.session.progress import RunProgress, time_limit
from duologue.contracts.session.settings import RunSettings
from duologue.contracts.shortage import shortage_of


def new_token() -> str:
    """Return what makes a run's ids its own: never the same twice, whatever the seed."""
    return secrets.token_hex(4)


@dataclass(slots=True)
class Session:
    """What the clauses of one run share: target, transport, ids, run-scoped fixtures.

    ``target``, ``existing`` and ``known_failures`` are what the settings name, opened and read.
    Close it to remove the test data that clauses share.
    """

    target: Target
    token: str
    settings: RunSettings = field(default_factory=RunSettings)
    existing: tuple[ExistingConversation, ...] | None = None
    known_failures: Sequence[KnownFailure] = ()
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = running_time
    has_kept: bool = field(default=False, init=False)
    is_interrupted: bool = field(default=False, init=False)
    left_behind: list[str] = field(default_factory=list)
    progress: RunProgress = field(default_factory=RunProgress)
    transport: Transport = field(init=False)
    fixtures: RunFixtures[CheckContext] = field(init=False)
    names: IdGenerator = field(init=False)
    record: DataRecord = field(default_factory=DataRecord)
    histories: MessageHistories = field(default_factory=MessageHistories)
    profile: TargetProfile = field(init=False)

    def __post_init__(self) -> None:
        self.transport = Transport(
            timeout_s=self.target.timeout_s,
            connections=self.settings.workers,
            sleep=self.sleep,
            network=self.target.network,
            rate_per_s=self.settings.rate_per_s,
            check_running=self.target.check_running,
        )
        self.names = IdGenerator(self.token)
        self.fixtures = RunFixtures(self.context)
        self.profile = TargetProfile()

    def run_preflight(self, *, once: Once = directly) -> None:
        """Check address, key and removal, and measure how late writes show.

        ``once`` lets one process of several check the removal. Raises RunNotMade where the run
        cannot be made.
        """
        client = Client(self.target, self.transport)
        may_make = self.existing is None and not self.target.read_only
        data = self._target_data(client) if may_make else None
        removal = RemovalCheck(self._target_data(client), self.settings.allow_leftovers, once)
        self.profile = preflight(client, data, removal=removal, now=self.now, sleep=self.sleep)
        self.left_behind += self.profile.left_behind

    def measure_connections(self) -> None:
        """Send no more requests at once than the target serves connections at once."""
        Client(self.target, self.transport).measure_connections()

    def context(self, judged_operations: Collection[str] = ()) -> CheckContext:
        """Return a new context on this target, for a check that is about these operations."""
        client = Client(self.target, self.transport, judged_operations)
        clock = Clock(self.now, self.sleep, self.target.settle_s, self.profile.lag_s)
        return CheckContext(client, self._data(client), clock, self.fixtures, self.settings.budget)

    def _data(self, client: Client) -> Provisioning | ExistingData:
        if self.existing is not None:
            settle_s = self.target.settle_s
            return ExistingData(
                self.existing, client, self.names, settle_s, self.sleep, self.histories
            )
        return CreatedData(self._target_data(client), given=self.profile.given_conversations)

    def _target_data(self, client: Client) -> TargetData:
        return TargetData(
            client,
            self.names,
            explicit=self.profile.keeps_messages,
            record=self.record,
            lag_s=self.profile.lag_s,
            sleep=self.sleep,
        )

    @contextmanager
    def opened(self) -> Iterator[CheckContext]:
        """Yield a context; remove its test data at the end, whatever happens in it."""
        context = self.context()
        with self._removed_after(context):
            yield context

    @contextmanager
    def _removed_after(self, context: CheckContext) -> Iterator[None]:
        try:
            yield
        finally:
            if not self._keeps(context):
                self.left_behind += context.teardown()

    def _keeps(self, context: CheckContext) -> bool:
        """Return whether test data stays for what was found. Existing data is always restored."""
        found = context.findings.own or context.findings.elsewhere
        keeps = self.settings.keep and context.existing is None and bool(found)
        self.has_kept = self.has_kept or keeps
        return keeps

    def play(self, clause: Clause) -> Result:
        """Return a clause's result on this target."""
        started = self.now()
        context, judged = check(clause, self.context, removed_after=self._removed_after)
        return Result(
            clause,
            judged.verdict,
            merged(context.findings.own),
            self.target.hide(judged.why),
            self.now() - started,
            elsewhere=tuple(context.findings.elsewhere),
            phases=context.phases,
            traceback=self.target.hide(judged.traceback),
            because=judged.because,
        )

    def settled(
        self, results: Sequence[Result]
    ) -> tuple[tuple[Result, ...], tuple[tuple[KnownFailure, AcceptanceStatus], ...]]:
        """Return the results once all are known, and the status of each known failure."""
        today = datetime.now(UTC).date()
        own, _ = self._set_apart(results)
        judged = rooted(settled(known.without_accepted(own, self.known_failures, today=today)))
        return known.accept(judged, self.known_failures, today=today)

    def _set_apart(self, results: Sequence[Result]) -> tuple[list[Result], tuple[Pending, ...]]:
        shard = self.settings.shard
        return set_apart(results, shard.others if shard else frozenset())

    def run(self, clauses: Sequence[Clause], *, tell: OnResult = ignore) -> Run:
        """Return all clauses' results; call ``tell`` with each as it comes. Closes the session.

        On ``interrupt`` or KeyboardInterrupt, ends the checks, removes their test data and returns
        what is known; on a second KeyboardInterrupt, returns at once. A defect of ours is part of
        the result.
        Raises RunNotMade where the target turns out to let nobody make test data.
        """
        self.progress = RunProgress(tuple(clauses), started_s=self.now())
        try:
            try:
                self._play_all(clauses, tell)
            finally:
                self.close()
        except KeyboardInterrupt:
            self.is_interrupted = True
        except RunNotMade:
            raise
        except Exception as defect:
            told = shortage_of(defect) or "".join(traceback.format_exception(defect))
            self.progress.defect = told
        return self.outcome()

    def _play_all(self, clauses: Sequence[Clause], tell: OnResult) -> None:
        # Existing conversations are shared: two clauses at once would disturb each other.
        workers = 1 if self.existing else self.settings.workers
        most = self.settings.max_failures
        played = play_all(self.play, clauses, workers=workers, stop=self._stop)
        try:
            limit_s = self.settings.max_time_s
            with time_limit(limit_s, self.end_for_time), closing(played):
                for result in played:
                    if self.is_interrupted:
                        break
                    self.progress.results[result.clause.id] = result
                    tell(result)
                    if self.progress.has_failures(most):
                        self.progress.ended_early = f"after {most} failures"
                        break
        except KeyboardInterrupt:
            self.is_interrupted = True
        except Interrupted:
            if not (self.is_interrupted or self.progress.ended_early):
                raise

    def end_for_time(self) -> None:
        """End the run as one that took longer than its time."""
        self.progress.ended_early = f"after {self.settings.max_time_s:g} s"
        self._stop()

    def outcome(self) -> Run:
        """Return what is known of the run so far, with what it has not removed."""
        progress = self.progress
        in_order, statuses = self.settled(progress.in_order())
        counts = self.transport.counts()
        return Run(
            target=self.target.url,
            run_id=self.token,
            seed=self.settings.budget.seed,
            started_at=progress.started_at,
            duration_s=self.now() - progress.started_s,
            results=in_order,
            operations={name: counts[name] for name in ALL_OPERATIONS if name in counts},
            unreached_operations=unreached(in_order, counts),
            phases={name: each for result in in_order for name, each in result.phases.items()},
            left_behind=tuple(map(self.target.hide, self._left())),
            notes=self.notes,
            insecure=self.target.network.insecure,
            interrupted=self.is_interrupted,
            defect=self.target.hide(progress.defect),
            ended_early=progress.ended_early,
            known_failures=tuple(failure.as_dict(status) for failure, status in statuses),
            origin=self.settings.origin,
            strict_accept=self.settings.strict_accept,
            shard=self._shard_as_dict(),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What the run met and that changes no verdict, in sentences."""
        return tuple(filter(None, [self.profile.note, *self.transport.notes]))

    def _shard_as_dict(self) -> dict[str, Any] | None:
        if (shard := self.settings.shard) is None:
            return None
        _, pending = self._set_apart(self.progress.in_order())
        told = {"index": shard.index, "count": shard.count}
        return told | {"pending": [each.as_dict() for each in pending]}

    def _left(self) -> list[str]:
        """Return what is left: as its removal told, and what nobody came to remove."""
        already_listed = {" ".join(each.split(" ", 2)[:2]) for each in self.left_behind}
        more = [f"{kind} {key}" for kind, key in [*self.record.present]]
        doubtful = lines_of_doubtful(self.record.doubtful, self.token)
        unlisted = [each for each in more if each not in already_listed]
        return [*self.left_behind, *unlisted, *doubtful]

    def interrupt(self) -> None:
        """End the run: its checks at their next request, their test data is removed.

        A signal handler may call it, between any two steps of this thread.
        """
        self.is_interrupted = True
        self._stop()

    def _stop(self) -> None:
        """Let no further request out but those that remove test data."""
        self.transport.stopping.set()

    def close(self) -> None:
        """Remove the test data that clauses share, and close the connections.

        One thing of each kind that was removed is looked up: a target may say so and do nothing.
        Where a finding's data is kept, so is what clauses share: the finding may need it.
        """
        if not self.has_kept:
            self.left_behind += self.fixtures.teardown()
        client = Client(self.target, self.transport)
        self.left_behind += still_there(client, self.record.take_removed(), sleep=self.sleep)
        doubtful = remove_doubtful(client, self.record.take_doubtful(), sleep=self.sleep)
        self.left_behind += lines_of_doubtful(doubtful, self.token)
        self.transport.close()
