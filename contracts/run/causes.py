"""What follows from what: the break, or the call, that several results have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from duologue.contracts.failed_call import Because, FailedCall
from duologue.contracts.run.results import Result, Verdict

OWN = "operations."  # the clauses about one operation each


def rooted(results: Sequence[Result]) -> tuple[Result, ...]:
    """Return the results with the root of each that was not reached, or broke by an outage.

    The root is the broken clause that met the same answer of the same operation: an operation's
    own clause where it is one of them, else the first. A broken clause follows from another one
    only where all it found is that one operation failed (5xx, or no answer), or that operations
    answered as they answered their own clauses, which ask what has to succeed: they are missing.
    Where no broken clause tells why several were not reached, one of them does: see ``_told_once``.
    """
    roots, failed = _roots(results), _failed_by_itself(results)
    return _told_once([_with_root(result, roots, failed) for result in results])


def _told_once(results: Sequence[Result]) -> tuple[Result, ...]:
    """Return the results with one root for all that were not reached for the same reason.

    That is the own clause of the operation that failed where it is one of them, else the first.
    """
    first: dict[str, str] = {}
    for result in sorted(results, key=lambda each: not _tells_its_own_operation(each)):
        if (because := _rootless(result)) is not None:
            first.setdefault(_reason(result, because), result.clause.id)
    return tuple(_hung_on_first(result, first) for result in results)


def _rootless(result: Result) -> Because | None:
    """Return why a clause was not reached, where no broken clause tells it; None for others."""
    because = result.because if result.verdict is Verdict.NOT_REACHED else None
    return None if because is None or because.root else because


def _tells_its_own_operation(result: Result) -> bool:
    """Return whether a clause was kept from its point by the operation that it is about alone."""
    because = _rootless(result)
    if because is None or not result.clause.id.startswith(OWN):
        return False
    return because.call.operation in result.clause.operations


def _reason(result: Result, because: Because) -> str:
    """Return what kept a clause from its point: a call that failed, else what the clause says."""
    return str(because.call) if because.call.is_refusal else result.why


def _hung_on_first(result: Result, first: Mapping[str, str]) -> Result:
    because = _rootless(result)
    root = first[_reason(result, because)] if because else result.clause.id
    if because is None or root == result.clause.id:
        return result
    return replace(result, because=replace(because, root=root, is_root_broken=False))


def _failed_by_itself(results: Sequence[Result]) -> frozenset[FailedCall]:
    """Return the refusals by which operations broke the clauses about them alone."""
    return frozenset(
        call
        for result in results
        if result.verdict is Verdict.BROKEN and result.clause.id.startswith(OWN)
        for call in _refused(result)
        if call.operation in result.clause.operations
    )


def _roots(results: Sequence[Result]) -> dict[FailedCall, str]:
    roots: dict[FailedCall, str] = {}
    broken = [result for result in results if result.verdict is Verdict.BROKEN]
    own_first = sorted(broken, key=lambda each: not each.clause.id.startswith(OWN))
    for result in own_first:
        for call in _refused(result):
            roots.setdefault(call, result.clause.id)
    return roots


def _refused(result: Result) -> list[FailedCall]:
    """Return the refusals that a broken clause's findings end with."""
    last = [call for finding in result.findings for call in finding.last_calls]
    return [call for call in last if call.is_refusal]


def _with_root(
    result: Result, roots: dict[FailedCall, str], failed: frozenset[FailedCall]
) -> Result:
    because = result.because
    if result.verdict is Verdict.BROKEN:
        because = _only_failure(result, failed)
    if because is None or roots.get(because.call) == result.clause.id:
        return replace(result, because=None)
    root = roots.get(because.call, "")
    return replace(result, because=replace(because, root=root, is_root_broken=True))


def _only_failure(result: Result, failed: frozenset[FailedCall]) -> Because | None:
    """Return the first of the calls whose failures are all that a broken clause found, else None.

    That is one outage, or refusals that broke the operations' own clauses: each of several is a
    cause of its own there, so nothing is lost where this clause follows from the first.
    """
    last = [finding.last_call for finding in result.findings]
    calls = {call for finding in result.findings for call in finding.last_calls}
    if not calls or any(each is None for each in last):
        return None
    is_one_outage = len(calls) == 1 and all(call.is_outage for call in calls)
    return last[0] if is_one_outage or calls <= failed else None
