"""Compare two results: clause by clause, and within a broken clause by fingerprint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

BREAKS = ("broken", "accepted")
UNREACHED = ("not_reached", "error")
# Options that change how fast a run is, and not what it judges.
OF_SPEED = frozenset({"workers", "rate", "timeout", "max-time", "keep", "accept", "strict-accept"})


class ChangeKind(StrEnum):
    """What became of a clause, the worst first."""

    NEWLY_BROKEN = "newly_broken"
    NEWLY_UNREACHED = "newly_not_reached"
    STILL_BROKEN = "still_broken"
    STILL_UNREACHED = "still_not_reached"
    ACCEPTED = "accepted"
    NO_LONGER_STAGED = "no_longer_staged"
    REPAIRED = "repaired"
    NEW = "new_clause"
    GONE = "gone_clause"

    @property
    def words(self) -> str:
        """Return the change as a report writes it."""
        special = {ChangeKind.NEW: "new clauses", ChangeKind.GONE: "clauses gone"}
        return special.get(self, self.value.replace("_", " "))


FAILING = (ChangeKind.NEWLY_BROKEN, ChangeKind.NEWLY_UNREACHED)


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One change of one clause; ``findings`` are those that the change is about.

    ``before`` and ``after`` are verdicts; one is empty where the result has no such clause.
    ``root`` is the broken clause that it follows from, or empty; ``cause`` that or the call.
    """

    change: ChangeKind
    clause: str
    statement: str
    source: str
    before: str
    after: str
    why: str = ""
    root: str = ""
    cause: str = ""
    findings: tuple[Mapping[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the entry as the JSON format has it."""
        return {
            "change": self.change.value,
            "clause": self.clause,
            "statement": self.statement,
            "source": self.source,
            "before": self.before or None,
            "after": self.after or None,
            "why": self.why,
            "root": self.root,
            "findings": [dict(each) for each in self.findings],
        }


@dataclass(frozen=True, slots=True)
class ComparedResult:
    """What is told of one of the two results."""

    name: str
    target: str
    commit: str
    started_at: str

    def as_dict(self) -> dict[str, str]:
        """Return the side as the JSON format has it."""
        return {
            "name": self.name,
            "target": self.target,
            "commit": self.commit,
            "started_at": self.started_at,
        }

    def __str__(self) -> str:
        return f"{self.name} ({self.commit[:12]})" if self.commit else self.name


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes, the worst first; ``differences`` says what else differs between the two runs.

    ``unreached_operations`` were never answered 2xx in HEAD, and were in BASE.
    """

    base: ComparedResult
    head: ComparedResult
    entries: tuple[ClauseChange, ...]
    unreached_operations: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()

    @property
    def summary(self) -> dict[str, int]:
        """Change -> number of clauses, every change named."""
        counted = Counter(each.change for each in self.entries)
        return {change.value: counted[change] for change in ChangeKind}

    @property
    def fails(self) -> bool:
        """Return whether something is new that speaks against HEAD."""
        return bool(self.unreached_operations) or any(
            each.change in FAILING for each in self.entries
        )

    @property
    def followers(self) -> dict[str, list[str]]:
        """Return newly broken clause -> the new ones that follow from it and say nothing more."""
        broken = {each.clause for each in self.of(ChangeKind.NEWLY_BROKEN) if not each.root}
        found: dict[str, list[str]] = {}
        for each in self.entries:
            if each.change in FAILING and each.root in broken:
                found.setdefault(each.root, []).append(each.clause)
        return found

    def roots(self, change: ChangeKind) -> list[ClauseChange]:
        """Return the entries of one change without those that follow from others."""
        followers = self.followers
        return [each for each in self.of(change) if each.root not in followers]

    def of(self, change: ChangeKind) -> list[ClauseChange]:
        """Return the entries of one change."""
        return [each for each in self.entries if each.change is change]


def compare_results(
    base: Mapping[str, Any], head: Mapping[str, Any], *, names: tuple[str, str] = ("BASE", "HEAD")
) -> Comparison:
    """Return what changed from one result document to another."""
    before = {each["id"]: each for each in base["clauses"]}
    after = {each["id"]: each for each in head["clauses"]}
    found = [
        entry
        for name in [*after, *(name for name in before if name not in after)]
        for entry in _entries(before.get(name), after.get(name))
    ]
    order = list(ChangeKind)
    known = set(base["unreached_operations"])
    return Comparison(
        _side(names[0], base),
        _side(names[1], head),
        tuple(sorted(found, key=lambda each: order.index(each.change))),
        tuple(name for name in head["unreached_operations"] if name not in known),
        tuple(_differences(base, head)),
    )


def _side(name: str, document: Mapping[str, Any]) -> ComparedResult:
    commit = document["origin"]["commit"]
    return ComparedResult(name, document["target"], commit, document["started_at"])


def _entries(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Iterator[ClauseChange]:
    """Yield the changes of one clause: a broken one may be so in an old and in a new way."""
    if after is None:
        if before is not None:
            yield _entry(ChangeKind.GONE, before, before, None)
        return
    was, now = before["verdict"] if before else "", after["verdict"]
    if before is None:
        yield _entry(ChangeKind.NEW, after, None, after)
    if now == "broken":
        yield from _breaks(before, after)
    elif now == "accepted":
        yield _entry(ChangeKind.ACCEPTED, after, before, after)
    elif now in UNREACHED:
        is_old = was in (*UNREACHED, *BREAKS)  # it did not hold before: this is no new trouble
        yield _entry(
            ChangeKind.STILL_UNREACHED if is_old else ChangeKind.NEWLY_UNREACHED,
            after,
            before,
            after,
        )
    elif now == "not_staged" and was and was != "not_staged":
        yield _entry(ChangeKind.NO_LONGER_STAGED, after, before, after)
    elif now == "held" and was in (*BREAKS, *UNREACHED):
        yield _entry(ChangeKind.REPAIRED, after, before, after)


def _breaks(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Iterator[ClauseChange]:
    known = {each["fingerprint"] for each in before["findings"]} if before else set()
    fresh = [each for each in after["findings"] if each["fingerprint"] not in known]
    old = [each for each in after["findings"] if each["fingerprint"] in known]
    if fresh:
        yield _entry(ChangeKind.NEWLY_BROKEN, after, before, after, findings=fresh)
    if old:
        yield _entry(ChangeKind.STILL_BROKEN, after, before, after, findings=old)


def _entry(
    change: ChangeKind,
    told: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    *,
    findings: list[Mapping[str, Any]] | None = None,
) -> ClauseChange:
    because = told.get("because") or {"root": "", "cause": ""}
    return ClauseChange(
        change,
        told["id"],
        told["statement"],
        told["source"],
        before["verdict"] if before else "",
        after["verdict"] if after else "",
        told["why"],
        because["root"] if because["cause"] == because["root"] else "",
        because["cause"],
        tuple(told["findings"] if findings is None else findings),
    )


def _differences(base: Mapping[str, Any], head: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each thing beside the server that may have changed a verdict."""
    before, after = base["origin"], head["origin"]
    facts = {
        "seed": (base["seed"], head["seed"]),
        "suite version": (before["suite_version"], after["suite_version"]),
        "document": (before["document_digest"][:12], after["document_digest"][:12]),
    }
    names = sorted({*before["options"], *after["options"]} - OF_SPEED)
    options = {
        f"option {name}": (before["options"].get(name), after["options"].get(name))
        for name in names
    }
    for name, (was, now) in (facts | options).items():
        if was != now:
            yield f"{name}: {_shown(was)} -> {_shown(now)}"


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "not told")
