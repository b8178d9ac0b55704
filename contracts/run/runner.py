"""Check clauses side by side, slow ones first, and judge what their checks raise."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass

from duologue.contracts.clause import Clause
from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.run_fixtures import MOST_CHECKS
from duologue.contracts.errors import (
    AnswerLost,
    Broken,
    Interrupted,
    NotReached,
    NotStaged,
    RunNotMade,
)
from duologue.contracts.failed_call import Because
from duologue.contracts.run.results import Result, Verdict
from duologue.contracts.shortage import shortage_of

OnResult = Callable[[Result], None]


def ignore(result: Result) -> None:
    """Do nothing with a result."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, why it is not held where no finding says it, and the traceback of a defect.

    ``because`` is the call that failed where the clause was not reached; ``is_answer_lost`` where
    an answer did not come, and another check may reach it.
    """

    verdict: Verdict
    why: str = ""
    traceback: str = ""
    because: Because | None = None
    is_answer_lost: bool = False


def check(
    clause: Clause,
    new_context: Callable[[Collection[str]], CheckContext],
    *,
    removed_after: Callable[[CheckContext], AbstractContextManager[None]],
) -> tuple[CheckContext, Judgement]:
    """Return how the clause fares, and the context that it was checked in.

    Where an answer got lost it is checked again, with test data of its own; ``removed_after`` ends
    each context. Raises Interrupted or RunNotMade where the run is ended.
    """
    for _ in range(MOST_CHECKS):
        context = new_context(clause.operations)
        try:
            with removed_after(context):
                judged = judge(clause, context)
        except (Interrupted, RunNotMade):
            raise
        except Exception as defect:  # removing the test data failed, for a reason of ours
            judged = defective(defect)
        if not judged.is_answer_lost:
            break
    return context, judged


def judge(clause: Clause, context: CheckContext) -> Judgement:
    """Return how the clause fares in the context; raise Interrupted where the run is ended.

    What the check found outweighs a later NotReached or NotStaged, but no defect of ours: an
    exception that is none of this package's errors gives the verdict error, findings or not.
    """
    try:
        clause.check(context)
    except Broken as broken:
        context.findings.add(broken)
    except NotStaged as cause:
        if not context.findings.own:
            return Judgement(Verdict.NOT_STAGED, cause.why)
    except NotReached as cause:
        if not context.findings.own:
            context.client.explain(cause)
            is_lost = isinstance(cause, AnswerLost)
            return Judgement(
                Verdict.NOT_REACHED, cause.why, because=cause.because, is_answer_lost=is_lost
            )
    except (Interrupted, RunNotMade):
        raise
    except Exception as defect:
        return defective(defect)
    return Judgement(Verdict.BROKEN if context.findings.own else Verdict.HELD)


def defective(defect: Exception) -> Judgement:
    """Return the verdict error, with the defect's traceback, or with what this machine lacks."""
    if short := shortage_of(defect):
        return Judgement(Verdict.ERROR, short)
    text = "".join(traceback.format_exception(defect))
    message = "".join(traceback.format_exception_only(defect)).strip()
    return Judgement(Verdict.ERROR, f"a defect of the suite, not of the target: {message}", text)


def play_all(
    play: Callable[[Clause], Result],
    clauses: Iterable[Clause],
    *,
    workers: int,
    stop: Callable[[], None],
) -> Generator[Result, None, None]:
    """Yield each clause's result as it comes, ``workers`` at once, those that wait longest first.

    Calls ``stop`` on KeyboardInterrupt, where no more results are asked for, or where a check
    raises RunNotMade; then waits until the checks under way have ended.
    """
    slow_first = sorted(clauses, key=lambda each: not each.slow)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="clause")
    try:  # from here on: Ctrl-C may come while the first clauses are already checked
        waiting: set[Future[Result]] = {pool.submit(play, each) for each in slow_first}
        while waiting:
            ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in ended)
    except (KeyboardInterrupt, GeneratorExit, RunNotMade):
        stop()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def unreached(results: Sequence[Result], counts: dict[str, dict[int, int]]) -> tuple[str, ...]:
    """Return operations whose own clause was judged and that were never answered 2xx.

    Their own, of the page's table: others speak of operations that they only see refused. One
    that could not be staged was not reachable, and is not held against the target; nor is one
    whose break is accepted.
    """
    wanted = {
        operation: None
        for result in results
        if result.clause.id.startswith("operations.")
        and result.verdict not in (Verdict.NOT_STAGED, Verdict.ACCEPTED)
        for operation in result.clause.operations
    }
    return tuple(
        name for name in wanted if not any(200 <= status < 300 for status in counts.get(name, {}))
    )
