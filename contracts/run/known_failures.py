"""Known failures: breaks that are accepted, why, and until when.

A file lists them (`deviations`: clause, reason, evidence, and optionally `got` and `expires`); the
name `live` stands for the list that comes with this package, of what the real service is seen to
do. A listed break gets the verdict `accepted`. One past its date, or one that breaks in another way
than `got` says, stays broken; one that no longer occurs is reported.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any

from duologue.contracts.clause import REGISTRY
from duologue.contracts.context.findings import Finding
from duologue.contracts.errors import KnownFailuresUnreadable
from duologue.contracts.run.results import Result, Verdict
from duologue.openapi import user_files
from duologue.openapi.user_files import Unparsable

SHIPPED = ("live",)
NEEDED = ("clause", "reason", "evidence")
KNOWN = {*NEEDED, "got", "expires"}


class AcceptanceStatus(StrEnum):
    """What became of a known failure in a run."""

    ACCEPTED = "accepted"
    EXPIRED = "expired"
    OTHERWISE = "broken_otherwise"
    GONE = "no_longer_occurs"
    NOT_JUDGED = "not_judged"


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """One break that is accepted; ``got`` is what its findings must look like, if that is said."""

    clause: str
    reason: str
    evidence: str
    got: re.Pattern[str] | None = None
    expires: date | None = None

    def is_over(self, today: date) -> bool:
        """Return whether its last day is past."""
        return self.expires is not None and today > self.expires

    def covers(self, finding: Finding) -> bool:
        """Return whether a finding is the break that was listed, and no other one."""
        actual = finding.actual  # JSON: a list may give text without its quotes
        return self.got is None or any(map(self.got.search, (actual, actual.strip('"'))))

    def covers_all(self, result: Result) -> bool:
        """Whether a clause is broken as listed; or not reached, where ``got`` says by what."""
        if result.verdict is Verdict.BROKEN:
            return all(self.covers(finding) for finding in result.findings)
        if result.verdict is not Verdict.NOT_REACHED or self.got is None:
            return False
        return self.got.search(what_kept(result)) is not None

    def why(self) -> str:
        """Return what a report says beside the accepted clause."""
        until = f", until {self.expires}" if self.expires else ""
        return f"{self.reason} ({self.evidence}{until})"

    def as_dict(self, status: AcceptanceStatus) -> dict[str, Any]:
        """Return the known failure as it stands in results.json."""
        return {
            "clause": self.clause,
            "reason": self.reason,
            "evidence": self.evidence,
            "got": self.got.pattern if self.got else None,
            "expires": self.expires.isoformat() if self.expires else None,
            "fate": status.value,
        }


def what_kept(result: Result) -> str:
    """Return what a clause was not reached for, as ``got`` matches it: the call, without ids."""
    return f"not reached: {result.because.call if result.because else result.why}"


def load(sources: Iterable[str]) -> tuple[KnownFailure, ...]:
    """Return the known failures of files, or of shipped lists by their names.

    An entry of a file takes the place of a shipped one. Raises KnownFailuresUnreadable where a
    list cannot be read, is of another form, or names a clause that another file names, too.
    """
    every = list(sources)
    shipped = [each for source in every if source in SHIPPED for each in _of_source(source)]
    found: dict[str, KnownFailure] = {}
    for source in [each for each in every if each not in SHIPPED]:
        for each in _of_source(source):
            if each.clause in found:
                raise KnownFailuresUnreadable(source, f"{each.clause} is listed twice")
            found[each.clause] = each
    return tuple(({each.clause: each for each in shipped} | found).values())


def _of_source(source: str) -> list[KnownFailure]:
    try:
        document = user_files.from_yaml(_text(source))
    except OSError as cause:
        raise KnownFailuresUnreadable(source, f"it cannot be read ({cause.strerror})") from cause
    except Unparsable as cause:
        raise KnownFailuresUnreadable(source, f"it cannot be read as YAML ({cause})") from cause
    entries = document.get("deviations") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise KnownFailuresUnreadable(source, "expected 'deviations', a list")
    return [_deviation(source, number, entry) for number, entry in enumerate(entries, 1)]


def _text(source: str) -> str:
    if source in SHIPPED:
        return (
            files("duologue.contracts")
            .joinpath(f"accepted/{source}.yaml")
            .read_text(encoding="utf-8")
        )
    return user_files.read_text(Path(source))


def _deviation(source: str, number: int, entry: Any) -> KnownFailure:
    def refuse(why: str) -> KnownFailuresUnreadable:
        return KnownFailuresUnreadable(source, f"entry {number}: {why}")

    if not isinstance(entry, dict) or not entry.keys() <= KNOWN:
        raise refuse(f"expected {', '.join(NEEDED)}, and if need be got, expires; got {entry!r}")
    for name in (*NEEDED, *({"got"} & entry.keys())):
        if not isinstance(entry.get(name), str) or not entry[name].strip():
            raise refuse(f"{name} has to be there, as text")
    expires = entry.get("expires")
    # A date and time is a date too in Python; here it would be one that never compares.
    if expires is not None and type(expires) is not date:
        raise refuse(f"expires has to be a day (2027-01-31), not {expires!r}")
    if entry["clause"] not in REGISTRY:
        near = difflib.get_close_matches(entry["clause"], REGISTRY, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise refuse(f"no clause is called {entry['clause']!r}{hint}")
    try:
        got = re.compile(entry["got"]) if "got" in entry else None
    except re.error as cause:
        raise refuse(f"got is no pattern ({cause})") from cause
    return KnownFailure(entry["clause"], entry["reason"], entry["evidence"], got, expires)


def without_accepted(
    results: Sequence[Result], known_failures: Sequence[KnownFailure], *, today: date
) -> list[Result]:
    """Return the results without what their checks saw of accepted clauses not judged here.

    Those that are judged here too get such findings themselves (see ``results.settled``).
    """
    judged = {result.clause.id for result in results}
    accepted = {each.clause for each in known_failures if not each.is_over(today)} - judged
    return [
        replace(
            result, elsewhere=tuple(pair for pair in result.elsewhere if pair[0] not in accepted)
        )
        for result in results
    ]


def accept(
    results: Sequence[Result], known_failures: Sequence[KnownFailure], *, today: date
) -> tuple[tuple[Result, ...], tuple[tuple[KnownFailure, AcceptanceStatus], ...]]:
    """Return the results with listed breaks as accepted, and the status of each known failure."""
    by_clause = {result.clause.id: result for result in results}
    statuses = tuple(
        (each, _status(each, by_clause.get(each.clause), today)) for each in known_failures
    )
    for known_failure, status in statuses:
        if known_failure.clause in by_clause:
            result = by_clause[known_failure.clause]
            by_clause[known_failure.clause] = _judged(result, known_failure, status)
    return tuple(_with_its_root(each, by_clause) for each in by_clause.values()), statuses


def _with_its_root(result: Result, by_clause: Mapping[str, Result]) -> Result:
    """Accept what follows from an accepted break: it was not reached, or broke by the same call."""
    root = by_clause.get(result.because.root) if result.because else None
    if root is None or root.verdict is not Verdict.ACCEPTED:
        return result
    if result.verdict not in (Verdict.BROKEN, Verdict.NOT_REACHED):
        return result
    return replace(result, verdict=Verdict.ACCEPTED, why=f"it follows from {root.clause.id}")


def _status(known_failure: KnownFailure, result: Result | None, today: date) -> AcceptanceStatus:
    if result is not None and result.verdict is Verdict.HELD:
        return AcceptanceStatus.GONE
    if known_failure.is_over(today):
        return AcceptanceStatus.EXPIRED
    if result is not None and known_failure.covers_all(result):
        return AcceptanceStatus.ACCEPTED
    if result is None or result.verdict is not Verdict.BROKEN:
        return AcceptanceStatus.NOT_JUDGED
    return AcceptanceStatus.OTHERWISE


def _judged(result: Result, known_failure: KnownFailure, status: AcceptanceStatus) -> Result:
    match status:
        case AcceptanceStatus.ACCEPTED:
            return replace(result, verdict=Verdict.ACCEPTED, why=known_failure.why())
        case AcceptanceStatus.EXPIRED if result.verdict is Verdict.BROKEN:
            return replace(result, why=f"it was accepted until {known_failure.expires}")
        case AcceptanceStatus.OTHERWISE:
            return replace(result, why="it is accepted, but for another break than this one")
    return result
