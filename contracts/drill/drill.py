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
    is_whole: bool,
    tell: OnResult,
) -> Matrix:
    """Run the clauses under each fault and return the matrix; report each outcome as it comes.

    Each worker runs the clauses on the healthy mock before its first fault and after its last, so
    that a fault that leaves something behind would show. Raises RunNotMade.
    """
    started, started_at = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        crew = [_hired(stack) for _ in range(max(1, min(workers, len(faults))))]
        for outcome in _played(crew, faults):
            outcomes.append(outcome)
            tell(outcome)
    by_name = {outcome.fault: outcome for outcome in outcomes if outcome.fault}
    return Matrix(
        started_at=started_at,
        duration_s=time.monotonic() - started,
        workers=len(crew),
        max_collateral=max_collateral,
        clauses=tuple(choose(())),
        faults=tuple(faults),
        outcomes=by_name,
        healthy=tuple(outcome for outcome in outcomes if not outcome.fault),
        is_whole=is_whole,
    )


def _hired(stack: ExitStack) -> Worker:
    worker = Worker()
    stack.callback(worker.end)
    return worker


def _played(crew: Sequence[Worker], faults: Sequence[FaultInfo]) -> Iterator[Outcome]:
    todo: queue.SimpleQueue[FaultInfo] = queue.SimpleQueue()
    heavy = {clause.id for clause in choose(()) if clause.heavy}
    for fault in sorted(faults, key=lambda each: each.clause not in heavy):  # the longest first
        todo.put(fault)
    done: queue.SimpleQueue[Outcome | Exception | None] = queue.SimpleQueue()
    for worker in crew:
        threading.Thread(target=_shift, args=(worker, todo, done), daemon=True).start()
    at_work = len(crew)
    while at_work:
        outcome = done.get()
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is None:
            at_work -= 1
        else:
            yield outcome


def _shift(
    worker: Worker,
    todo: queue.SimpleQueue[FaultInfo],
    done: queue.SimpleQueue[Outcome | Exception | None],
) -> None:
    """Do one worker's work: the healthy mock, faults while there are any, the healthy mock."""
    try:
        worker.wait()
        done.put(worker.play(None))
        while True:
            try:
                fault = todo.get_nowait()
            except queue.Empty:
                break
            done.put(worker.play(fault))
        done.put(worker.play(None))
        done.put(None)
    except Exception as failure:
        done.put(failure)
