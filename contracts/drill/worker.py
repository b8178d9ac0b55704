"""One worker of a drill: a process with a mock of its own that runs one fault after another."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue.contracts.clause import Clause, choose
from duologue.contracts.context.budget import Budget
from duologue.contracts.context.target_data import IdGenerator, TargetData
from duologue.contracts.drill.driven_mock import DrivenMock, FaultInfo, running
from duologue.contracts.drill.errors import DrillWorkerLost
from duologue.contracts.drill.recorded_provisioning import RecordedPool, RecordedSession
from duologue.contracts.errors import RunNotMade
from duologue.contracts.http.client import Client
from duologue.contracts.run.results import Result, Run, Verdict

BUDGET = Budget(max_time_s=20.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the clauses said under a fault: the verdicts that are not held, and the own finding."""

    fault: str
    verdicts: dict[str, str]
    not_run: tuple[str, ...]
    finding: dict[str, Any] | None
    duration_s: float


def clauses_for(clause_id: str | None) -> list[Clause]:
    """Return the clauses to run for a fault: its own first; heavy ones only for their own faults.

    A heavy clause takes as long as all that are not.
    """
    chosen = [each for each in choose(()) if each.id == clause_id or not each.heavy]
    return sorted(chosen, key=lambda each: each.id != clause_id)


class Player:
    """Runs the clauses under faults on one mock, each from the same state."""

    def __init__(self, mock: DrivenMock) -> None:
        self._mock = mock
        self._pool = RecordedPool()

    def rehearse(self) -> None:
        """Record what the clauses ask for, and create it once for all."""
        mock = self._mock
        RecordedSession(mock, self._pool, is_rehearsal=True).run(clauses_for(None))
        mock.reset()
        session = RecordedSession(mock, self._pool, is_rehearsal=True)
        test_data = TargetData(Client(mock.target, session.transport), IdGenerator("unused"))
        for request in self._pool.wishes:
            request.make(test_data)
        session.transport.close()
        mock.keep_stage()

    def play(self, fault: FaultInfo | None) -> Outcome:
        """Return what the clauses say under a fault; on the healthy mock for None."""
        started = time.monotonic()
        self._mock.begin([fault.name] if fault else [])
        self._pool.fill()
        clauses = clauses_for(fault.clause if fault else None)
        session = RecordedSession(
            self._mock, self._pool, is_generating=any(each.heavy for each in clauses)
        )
        session.budget = BUDGET
        told = session.run(clauses)
        return _outcome(fault, told, time.monotonic() - started)


def _outcome(fault: FaultInfo | None, told: Run, duration_s: float) -> Outcome:
    verdicts = {
        each.clause.id: each.verdict.value
        for each in told.results
        if each.verdict is not Verdict.HELD
    }
    played = {each.clause.id for each in told.results}
    return Outcome(
        fault.name if fault else "",
        verdicts,
        tuple(each.id for each in choose(()) if each.id not in played),
        _finding(told.results, fault.clause) if fault else None,
        duration_s,
    )


def _finding(results: Sequence[Result], clause_id: str) -> dict[str, Any] | None:
    own = next((each for each in results if each.clause.id == clause_id), None)
    return own.findings[0].as_dict() if own is not None and own.findings else None


def work(pipe: Connection) -> None:
    """Run what comes through the pipe until it ends; send errors back."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the drill itself ends the pipe
    try:
        with running() as mock:
            player = Player(mock)
            player.rehearse()
            pipe.send(None)
            while (asked := _received(pipe)) is not None:
                pipe.send(player.play(*asked))
    except RunNotMade as failure:
        pipe.send(failure)


def _received(pipe: Connection) -> Any:
    try:
        return pipe.recv()
    except EOFError:
        return None


class Worker:
    """A worker process as the drill sees it."""

    def __init__(self) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawning.Pipe()
        self._process = spawning.Process(target=work, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def wait(self) -> None:
        """Return once it is ready; raise RunNotMade if it cannot work."""
        self._answer()

    def play(self, fault: FaultInfo | None) -> Outcome:
        """Return what the clauses say under a fault."""
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
        except EOFError as cause:
            raise DrillWorkerLost(self._process.exitcode) from cause
        if isinstance(answer, Exception):
            raise answer
        return answer
