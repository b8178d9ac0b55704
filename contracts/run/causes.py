"""What follows from what: the break, or the call, that several results have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from duologue.contracts.failed_call import Because, FailedCall
from duologue.contracts.run.results import Result, Verdict


def rooted(results: Sequence[Result]) -> tuple[Result, ...]:
    """Return the results with the root of each that was not reached, or broke by an outage.

    The root is the broken clause that met the same answer of the same operation: an operation's
    own clause where it is one of them, else the first. A broken clause follows from another one
    only where all it found is that the operation failed (5xx, or no answer).
    """
    roots = _roots(results)
    return tuple(_with_root(result, roots) for result in results)


def _roots(results: Sequence[Result]) -> dict[FailedCall, str]:
    roots: dict[FailedCall, str] = {}
    broken = [result for result in results if result.verdict is Verdict.BROKEN]
    own_first = sorted(broken, key=lambda each: not each.clause.id.startswith("operations."))
    for result in own_first:
        for call in _refused(result):
            roots.setdefault(call, result.clause.id)
    return roots


def _refused(result: Result) -> list[FailedCall]:
    """Return the refusals that a broken clause's findings end with."""
    last = [finding.last_call.call for finding in result.findings if finding.last_call]
    return [call for call in last if call.is_refusal]


def _with_root(result: Result, roots: dict[FailedCall, str]) -> Result:
    because = result.because
    if result.verdict is Verdict.BROKEN:
        because = _outage(result)
    if because is None or roots.get(because.call) == result.clause.id:
        return replace(result, because=None)
    return replace(result, because=replace(because, root=roots.get(because.call, "")))


def _outage(result: Result) -> Because | None:
    """Return the one call whose failure is all that a broken clause found, else None."""
    last = [finding.last_call for finding in result.findings]
    if not last or any(each is None or not each.call.is_outage for each in last):
        return None
    calls = {each.call for each in last if each is not None}
    return last[0] if len(calls) == 1 else None
