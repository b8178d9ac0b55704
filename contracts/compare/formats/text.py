"""Plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from duologue.contracts.compare.comparison import ChangeKind, ClauseChange, Comparison
from duologue.contracts.escaping import printable

MOST_VALUE = 300


def text(comparison: Comparison) -> str:
    """Return what is new in full, a line for each other change, and the verdict at the end."""
    lines: list[str] = []
    for change in ChangeKind:
        entries = comparison.of(change)
        if change is ChangeKind.NEWLY_BROKEN:
            followers = comparison.followers
            for each in comparison.roots(change):
                lines += [*_broken(each, followers.get(each.clause, [])), ""]
        elif change is ChangeKind.NEWLY_UNREACHED:
            for cause, some in by_cause(comparison.roots(change)):
                lines += _unreached(cause, some)
        elif entries:
            names = ", ".join(printable(each.clause) for each in entries)
            lines.append(f"{change.words} ({len(entries)}): {names}")
    for name in comparison.unreached_operations:
        lines.append(f"no longer answered 2xx: {printable(name)}")
    lines += [f"the runs differ in {printable(each)}" for each in comparison.differences]
    return "\n".join([*lines, verdict(comparison), ""])


def verdict(comparison: Comparison) -> str:
    """Return the outcome in one sentence."""
    names = f"{printable(str(comparison.base))} -> {printable(str(comparison.head))}"
    counts = [f"{n} {ChangeKind(name).words}" for name, n in comparison.summary.items() if n]
    if n := len(comparison.unreached_operations):
        counts.append(f"{n} operations no longer answered 2xx")
    return f"{names}: {', '.join(counts) or 'nothing changed'}"


def by_cause(entries: list[ClauseChange]) -> list[tuple[str, list[ClauseChange]]]:
    """Return entries by what kept them from their point, in their order."""
    grouped: dict[str, list[ClauseChange]] = {}
    for each in entries:
        grouped.setdefault(each.cause or each.why, []).append(each)
    return list(grouped.items())


def shown(value: str) -> str:
    """Return a value of a finding on one line, its middle left out where it is long."""
    words = printable(value)
    half = MOST_VALUE // 2
    return words if len(words) <= MOST_VALUE else f"{words[:half]} ... {words[-half:]}"


def _broken(entry: ClauseChange, followers: list[str]) -> Iterator[str]:
    was = f" (was {entry.before.replace('_', ' ')})" if entry.before else " (new clause)"
    yield f"NEWLY BROKEN {printable(entry.clause)}{was}"
    yield from (f"  {printable(line)}" for line in entry.statement.splitlines())
    yield f"  source: {printable(entry.source)}"
    for finding in entry.findings:
        yield from _finding(finding)
    if followers:
        yield f"  what follows ({len(followers)}): {', '.join(map(printable, followers))}"


def _finding(finding: Mapping[str, Any]) -> Iterator[str]:
    yield f"  - {printable(finding['title'])} [{finding['fingerprint']}]"
    yield f"    expected: {shown(finding['expected'])}"
    yield f"    got:      {shown(finding['actual'])}"
    yield from (f"    {printable(call)}" for call in finding["calls"])


def _unreached(why: str, entries: list[ClauseChange]) -> Iterator[str]:
    yield f"NEWLY NOT REACHED {', '.join(printable(each.clause) for each in entries)}"
    yield f"  why: {shown(why)}"
    if why != entries[0].why:
        yield f"  {shown(entries[0].why)}"
    yield ""
