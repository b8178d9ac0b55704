"""What was found: verdicts, findings, and the one result document that all reports read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from duologue.contracts.clause import Clause
from duologue.contracts.context.findings import Finding, PhaseCounts, steady, titled
from duologue.contracts.errors import INTERRUPTED
from duologue.contracts.failed_call import Because
from duologue.contracts.run.origin import Origin

SCHEMA_VERSION = "1.1"
STALE = ("expired", "no_longer_occurs")  # what became of a known failure


class Verdict(StrEnum):
    """How a clause fared on a target."""

    HELD = "held"
    BROKEN = "broken"
    NOT_REACHED = "not_reached"
    NOT_STAGED = "not_staged"
    ACCEPTED = "accepted"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Result:
    """One clause's verdict, why, and what it took.

    ``elsewhere`` holds what its check found of other clauses, by their ids; see ``settled``.
    ``because`` is the failed call, and the break, that it follows from; see ``causes.rooted``.
    """

    clause: Clause
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    why: str = ""
    duration_s: float = 0.0
    elsewhere: tuple[tuple[str, Finding], ...] = ()
    phases: dict[str, PhaseCounts] = field(default_factory=dict)
    traceback: str = ""
    because: Because | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the result as it stands in results.json."""
        return {
            "id": self.clause.id,
            "statement": self.clause.statement,
            "source": self.clause.source,
            "basis": self.clause.basis.value,
            "operations": list(self.clause.operations),
            "verdict": self.verdict.value,
            "why": self.why,
            "because": self.because.as_dict() if self.because else None,
            "traceback": self.traceback,
            "duration_s": round(self.duration_s, 3),
            "findings": [
                {**finding.as_dict(), "fingerprint": finding.fingerprint(self.clause.id)}
                for finding in self.findings
            ],
        }


@dataclass(frozen=True, slots=True)
class Run:
    """One run over one target; ``operations`` maps operationId -> status -> answers."""

    target: str
    seed: int
    started_at: str
    duration_s: float
    results: tuple[Result, ...]
    operations: dict[str, dict[int, int]] = field(default_factory=dict)
    unreached_operations: tuple[str, ...] = ()
    phases: dict[str, PhaseCounts] = field(default_factory=dict)
    left_behind: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # what the run met and that changes no verdict, in sentences
    interrupted: bool = False
    run_id: str = ""  # stands in the ids of what the run made
    defect: str = ""  # the traceback of a defect of ours that ended the run
    ended_early: str = ""  # why not all clauses were judged: "after 3 failures"
    insecure: bool = False  # the target's certificate was not checked
    known_failures: tuple[dict[str, Any], ...] = ()  # each with its status, as in results.json
    origin: Origin = field(default_factory=Origin)
    shard: dict[str, Any] | None = None  # as in results.json, where the run was one of several
    strict_accept: bool = False  # known failures that are past or gone fail the run

    @property
    def summary(self) -> dict[str, int]:
        """Verdict -> number of clauses, every verdict named."""
        counted = Counter(result.verdict for result in self.results)
        return {verdict.value: counted[verdict] for verdict in Verdict}

    @property
    def green(self) -> bool:
        """Return whether something was shown and nothing speaks against it."""
        summary = self.summary
        return (
            not summary["broken"]
            and not summary["not_reached"]
            and not summary["error"]
            and not self.unreached_operations
            and not self.ended_early
            and not (self.strict_accept and self.has_stale_acceptances)
            and summary["held"] > 0
        )

    @property
    def has_stale_acceptances(self) -> bool:
        """Return whether a known failure no longer occurs or is past its last day."""
        return any(each["fate"] in STALE for each in self.known_failures)

    @property
    def exit_code(self) -> int:
        """0 all held, 1 something is not, 2 a check of ours has a defect, 130 interrupted."""
        if self.interrupted:
            return INTERRUPTED
        if self.summary["error"] or self.defect:
            return 2
        return 0 if self.green else 1

    def as_dict(self) -> dict[str, Any]:
        """Return the result document (see results.schema.json beside this module)."""
        return {
            "schema_version": SCHEMA_VERSION,
            "origin": self.origin.as_dict(),
            "target": self.target,
            "seed": self.seed,
            "started_at": self.started_at,
            "duration_s": round(self.duration_s, 3),
            "interrupted": self.interrupted,
            "insecure": self.insecure,
            "run_id": self.run_id,
            "defect": self.defect,
            "ended_early": self.ended_early,
            "strict_accept": self.strict_accept,
            "shard": self.shard,
            "summary": self.summary,
            "unreached_operations": list(self.unreached_operations),
            "left_behind": list(self.left_behind),
            "notes": list(self.notes),
            "deviations": list(self.known_failures),
            "operations": {
                name: {
                    "requests": sum(statuses.values()),
                    "by_status": {str(status): n for status, n in statuses.items()},
                }
                for name, statuses in self.operations.items()
            },
            "phases": {name: counts.as_dict() for name, counts in self.phases.items()},
            "clauses": [result.as_dict() for result in self.results],
        }


def without_run(why: str, *, started_at: str) -> dict[str, Any]:
    """Return the document of a run that could not be made: no results, and why in a sentence."""
    empty = Run(target="", seed=0, started_at=started_at, duration_s=0.0, results=())
    return {**empty.as_dict(), "not_made": why}


def settled(results: Sequence[Result]) -> tuple[Result, ...]:
    """Return the results with each finding at the clause it breaks.

    A finding for a clause that broke by its own check is dropped: one cause is one finding. One
    for a clause that is not among the results stays with the clause whose check found it.
    """
    verdicts = {result.clause.id: result.verdict for result in results}
    found: dict[str, list[Finding]] = {}
    for result in results:
        for clause_id, finding in result.elsewhere:
            if clause_id not in verdicts:
                named = replace(finding, title=f"{clause_id}: {finding.title}")
                found.setdefault(result.clause.id, []).append(named)
            elif verdicts[clause_id] is not Verdict.BROKEN:
                told = replace(finding, found_by=result.clause.id)
                found.setdefault(clause_id, []).append(told)
    return tuple(_broken_by(result, found.get(result.clause.id, [])) for result in results)


def _broken_by(result: Result, findings: list[Finding]) -> Result:
    if not findings:
        return replace(result, elsewhere=())
    every = (*result.findings, *findings)
    if result.verdict is Verdict.ERROR:
        return replace(result, findings=every, elsewhere=())
    return replace(result, verdict=Verdict.BROKEN, findings=every, why="", elsewhere=())


def merged(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return one finding for each cause: those with the same expected and actual, titles joined.

    Times and message ids do not tell them apart: whether two are equal depends on the second.
    """
    alike: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        alike.setdefault((steady(finding.expected), steady(finding.actual)), []).append(finding)
    return tuple(
        replace(
            some[0],
            title=titled([each.title for each in some]),
            more_calls=tuple(call for each in some[1:] for call in each.last_calls),
        )
        for some in alike.values()
    )
