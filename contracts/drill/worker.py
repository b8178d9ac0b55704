"""One worker of a drill: a process with a mock of its own that runs one fault after another."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue.contracts.clause import Clause, choose
from duologue.contracts.context.target_data import IdGenerator, TargetData
from duologue.contracts.drill.driven_mock import DrivenMock, FaultInfo, running
from duologue.contracts.drill.errors import DrillWorkerLost
from duologue.contracts.drill.recorded_provisioning import RecordedPool, RecordedSession
from duologue.contracts.errors import RunNotMade
from duologue.contracts.fuzz.triage import DOCUMENT_CLAUSE
from duologue.contracts.http.client import Client
from duologue.contracts.run.results import Result, Run, Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """Verdicts under a fault that are not held, and the first finding of the fault's own clause."""

    fault: str
    verdicts: dict[str, str]
    not_run: tuple[str, ...]
    finding: dict[str, Any] | None
    duration_s: float


def clauses_for(fault: FaultInfo | None) -> list[Clause]:
    """Return the clauses to run for a fault: its own first; heavy ones only for their own faults.

    A heavy clause takes as long as all that are not. A slow fault is run with its own clause only.
    """
    own = fault.clause if fault else None
    others = [each for each in choose(()) if each.id != own and not each.heavy]
    return [each for each in choose(()) if each.id == own] + (
        [] if fault and fault.is_slow else others
    )


class FaultRunner:
    """Runs the clauses under faults on one mock, each from the same state."""

    def __init__(self, mock: DrivenMock) -> None:
        self._mock = mock
        self._pool = RecordedPool()

    def record_requests(self) -> None:
        """Record the test data that the clauses ask for, create it once and save the state."""
        mock = self._mock
        RecordedSession(mock, self._pool, is_recording=True).run(clauses_for(None))
        mock.reset()
        session = RecordedSession(mock, self._pool, is_recording=True)
        test_data = TargetData(Client(mock.target, session.transport), IdGenerator("unused"))
        for request in self._pool.requests:
            request.create(test_data)
        session.transport.close()
        mock.save_state()

    def run(self, fault: FaultInfo | None) -> Outcome:
        """Run the clauses under a fault (None: no fault) and return the outcome.

        Raises MockEnded where the mock does not outlast them.
        """
        started = time.monotonic()
        self._mock.begin([fault.name] if fault else [])
        self._pool.fill()
        clauses = clauses_for(fault)
        session = RecordedSession(
            self._mock,
            self._pool,
            is_generating=any(each.id == DOCUMENT_CLAUSE for each in clauses),
        )
        run = session.run(clauses)
        self._mock.target.check_running()  # else its end is told as what the clauses made of it
        return _outcome(fault, run, time.monotonic() - started)


def _outcome(fault: FaultInfo | None, run: Run, duration_s: float) -> Outcome:
    verdicts = {
        each.clause.id: each.verdict.value
        for each in run.results
        if each.verdict is not Verdict.HELD
    }
    run_ids = {each.clause.id for each in run.results}
    return Outcome(
        fault.name if fault else "",
        verdicts,
        tuple(each.id for each in choose(()) if each.id not in run_ids),
        _finding(run.results, fault.clause) if fault else None,
        duration_s,
    )


def _finding(results: Sequence[Result], clause_id: str) -> dict[str, Any] | None:
    own = next((each for each in results if each.clause.id == clause_id), None)
    return own.findings[0].as_dict() if own is not None and own.findings else None


def share_of_cores(cores: Collection[int], number: int, *, workers: int) -> set[int]:
    """Return the cores for one of so many workers: no other's, where there are enough."""
    in_order = sorted(cores)
    return {*in_order[number::workers]} or {in_order[number % len(in_order)]}


def _use_cores(number: int, *, workers: int) -> None:
    """Bind this process and all that it starts to its share of the cores.

    A mock runs Python on one core, which it takes by its process id: two mocks could take the same
    one, and a run then took 1.5 times as long. A worker and its mock take turns.
    """
    if hasattr(os, "sched_setaffinity"):
        with suppress(OSError):  # the system may not allow it
            os.sched_setaffinity(
                0, share_of_cores(os.sched_getaffinity(0), number, workers=workers)
            )


def work(pipe: Connection, number: int, workers: int) -> None:
    """Run the faults that come through the pipe until it closes; send outcomes or errors back."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the drill itself ends the pipe
    _use_cores(number, workers=workers)
    try:
        with running() as mock:
            runner = FaultRunner(mock)
            runner.record_requests()
            pipe.send(None)
            while (message := _received(pipe)) is not None:
                pipe.send(runner.run(*message))
    except RunNotMade as failure:
        pipe.send(failure)


def _received(pipe: Connection) -> Any:
    try:
        return pipe.recv()
    except (EOFError, ConnectionResetError):  # where the drill ends while a message is under way
        return None


class Worker:
    """A worker process as the drill sees it: the one at ``number`` of so many ``workers``."""

    def __init__(self, number: int = 0, *, workers: int = 1) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawning.Pipe()
        self._process = spawning.Process(target=work, args=(theirs, number, workers), daemon=True)
        self._process.start()
        theirs.close()

    def wait(self) -> None:
        """Wait until the worker is ready; raise RunNotMade if it cannot start."""
        self._answer()

    def run(self, fault: FaultInfo | None) -> Outcome:
        """Run the clauses under a fault and return the outcome."""
        with suppress(BrokenPipeError):  # the worker has ended: there is no answer
            self._pipe.send((fault,))
        outcome: Outcome = self._answer()
        return outcome

    def end(self) -> None:
        """End the process and its mock."""
        self._pipe.close()
        self._process.join()

    def _answer(self) -> Any:
        try:
            answer = self._pipe.recv()
        except (EOFError, ConnectionResetError) as cause:
            self._process.join()
            raise DrillWorkerLost(self._process.exitcode) from cause
        if isinstance(answer, Exception):
            raise answer
        return answer
