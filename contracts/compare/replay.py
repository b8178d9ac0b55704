"""Which findings of a result are replayed, by which clauses, and what became of them."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from duologue.contracts.clause import Clause, choose
from duologue.contracts.errors import ReplayInvalid

BROKEN_OTHERWISE = "broken_otherwise"


@dataclass(frozen=True, slots=True)
class Replayable:
    """One finding to do again, and whose checks may find it; a clause alone has no fingerprint."""

    clause: str
    fingerprint: str = ""
    title: str = ""
    found_by: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one finding: a verdict, or ``broken_otherwise``, and what was found now."""

    clause: str
    fingerprint: str
    title: str
    verdict: str
    why: str = ""
    findings: tuple[Mapping[str, Any], ...] = ()


def chosen(document: Mapping[str, Any], names: Sequence[str]) -> list[Replayable]:
    """Return the findings that names pick, fingerprints or clauses; all findings without names.

    A clause without findings is picked by its name alone. Raises ReplayInvalid for a name that
    picks nothing, and for a result without findings.
    """
    every = [each for clause in document["clauses"] for each in _of(clause)]
    if not names:
        found = [each for each in every if each.fingerprint]
        if not found:
            raise ReplayInvalid("the results hold no finding: name a clause to check it again")
        return found
    for name in names:
        if not any(_is_named(each, name) for each in every):
            raise ReplayInvalid(
                f"the results hold no finding and no clause {name!r}: a fingerprint stands beside"
                " each finding, as 16 hexadecimal digits"
            )
    return [each for each in every if any(_is_named(each, name) for name in names)]


def _of(clause: Mapping[str, Any]) -> list[Replayable]:
    return [
        Replayable(clause["id"], each["fingerprint"], each["title"], each["found_by"])
        for each in clause["findings"]
    ] or [Replayable(clause["id"])]


def _is_named(each: Replayable, name: str) -> bool:
    return each.fingerprint == name or fnmatch.fnmatchcase(each.clause, name)


def clauses_of(findings: Iterable[Replayable]) -> list[Clause]:
    """Return the clauses whose checks decide the findings; raise UnknownClause."""
    names = {name: None for each in findings for name in (each.clause, each.found_by) if name}
    return choose(names)


def replayed(findings: Iterable[Replayable], outcome: Mapping[str, Any]) -> list[Replayed]:
    """Return what became of each finding in the result of its replay."""
    clauses = {each["id"]: each for each in outcome["clauses"]}
    return [_replayed(each, clauses[each.clause]) for each in findings]


def _replayed(one: Replayable, clause: Mapping[str, Any]) -> Replayed:
    same = [each for each in clause["findings"] if each["fingerprint"] == one.fingerprint]
    verdict = clause["verdict"]
    if verdict == "broken" and one.fingerprint and not same:
        verdict = BROKEN_OTHERWISE
    shown = tuple(same or clause["findings"])
    return Replayed(one.clause, one.fingerprint, one.title, verdict, clause["why"], shown)
