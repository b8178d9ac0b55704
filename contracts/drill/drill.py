"""The drill: run every fault once, with as many workers as there are cores."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime

from duologue.contracts.clause import choose
from duologue.contracts.drill.driven_mock import FaultInfo
from duologue.contracts.drill.matrix import Matrix
from duologue.contracts.drill.worker import Outcome, Worker

OnResult = Callable[[Outcome], None]


def drill(
    faults: Sequence[FaultInfo],
    *,
    workers: int,
    max_collateral: int,
    is_complete: bool,
    on_result: OnResult,
) -> Matrix:
    """Run the clauses under each fault and return the matrix; report each outcome as it comes.

    Each worker runs the clauses on the healthy mock before its first fault and after its last, so
    that a fault that leaves something behind would show. Raises RunNotMade.
    """
    started, started_at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        count = max(1, min(workers, len(faults)))
        team = [_started_worker(stack, number, workers=count) for number in range(count)]
        for outcome in _outcomes(team, faults):
            outcomes.append(outcome)
            on_result(outcome)
    by_name = {outcome.fault: outcome for outcome in outcomes if outcome.fault}
    return Matrix(
        started_at=started_at,
        duration_s=time.monotonic() - started,
        workers=len(team),
        max_collateral=max_collateral,
        clauses=tuple(choose(())),
        faults=tuple(faults),
        outcomes=by_name,
        healthy=tuple(outcome for outcome in outcomes if not outcome.fault),
        is_complete=is_complete,
    )


def _started_worker(stack: ExitStack, number: int, *, workers: int) -> Worker:
    worker = Worker(number, workers=workers)
    stack.callback(worker.end)
    return worker


def _outcomes(team: Sequence[Worker], faults: Sequence[FaultInfo]) -> Iterator[Outcome]:
    waiting: queue.SimpleQueue[FaultInfo] = queue.SimpleQueue()
    heavy = {clause.id for clause in choose(()) if clause.heavy}
    # Slow faults first, then those of heavy clauses: what takes long must not come last.
    for fault in sorted(faults, key=lambda each: (not each.is_slow, each.clause not in heavy)):
        waiting.put(fault)
    done: queue.SimpleQueue[Outcome | Exception | None] = queue.SimpleQueue()
    for worker in team:
        threading.Thread(target=_run_worker, args=(worker, waiting, done), daemon=True).start()
    active = len(team)
    while active:
        outcome = done.get()
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is None:
            active -= 1
        else:
            yield outcome


def _run_worker(
    worker: Worker,
    waiting: queue.SimpleQueue[FaultInfo],
    done: queue.SimpleQueue[Outcome | Exception | None],
) -> None:
    """Run the healthy mock, then faults while there are any, then the healthy mock again."""
    try:
        worker.wait()
        done.put(worker.run(None))
        while True:
            try:
                fault = waiting.get_nowait()
            except queue.Empty:
                break
            done.put(worker.run(fault))
        done.put(worker.run(None))
        done.put(None)
    except Exception as failure:
        done.put(failure)
