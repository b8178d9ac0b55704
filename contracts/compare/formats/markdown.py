"""Markdown for a pull request or a job's summary."""

from __future__ import annotations

from collections.abc import Iterator

from duologue.contracts.compare.comparison import ChangeKind, ClauseChange, Comparison
from duologue.contracts.compare.formats.text import by_cause, shown, verdict
from duologue.contracts.escaping import in_markdown

SHOWN = 50
TABLED = (ChangeKind.NEWLY_BROKEN, ChangeKind.NEWLY_UNREACHED)


def markdown(comparison: Comparison) -> str:
    """Return the verdict, a table of what is new, and a line for each other change."""
    lines = ["## Contract results", "", in_markdown(verdict(comparison)), ""]
    followers = comparison.followers
    rows = [
        row
        for each in comparison.roots(ChangeKind.NEWLY_BROKEN)
        for row in _rows(each, followers.get(each.clause, []))
    ]
    unreached = by_cause(comparison.roots(ChangeKind.NEWLY_UNREACHED))
    rows += [_unreached(why, entries) for why, entries in unreached]
    if rows:
        lines += ["| change | clause | finding | expected | got |", "|---|---|---|---|---|"]
        lines += rows[:SHOWN]
        if len(rows) > SHOWN:
            lines += ["", f"{len(rows) - SHOWN} more are left out."]
        lines.append("")
    lines += _others(comparison)
    return "\n".join(lines).rstrip("\n") + "\n"


def _rows(entry: ClauseChange, followers: list[str]) -> Iterator[str]:
    change = entry.change.words
    clause = f"{in_markdown(entry.clause)}<br>{in_markdown(entry.source)}"
    if followers:
        clause += f"<br>and {len(followers)} that follow from it"
    for finding in entry.findings:
        title = f"{in_markdown(finding['title'])}<br>{finding['fingerprint']}"
        values = [
            f"<code>{in_markdown(shown(finding[name]))}</code>" for name in ("expected", "actual")
        ]
        yield f"| {change} | {clause} | {title} | {' | '.join(values)} |"


def _unreached(why: str, entries: list[ClauseChange]) -> str:
    """Return the row of all clauses that one cause kept from their point."""
    names = "<br>".join(in_markdown(each.clause) for each in entries)
    return f"| {entries[0].change.words} | {names} | {in_markdown(shown(why))} | | |"


def _others(comparison: Comparison) -> Iterator[str]:
    for change in ChangeKind:
        names = [in_markdown(each.clause) for each in comparison.of(change)]
        if names and change not in TABLED:
            yield f"- {change.words} ({len(names)}): {', '.join(names)}"
    for name in comparison.unreached_operations:
        yield f"- no longer answered 2xx: {in_markdown(name)}"
    for each in comparison.differences:
        yield f"- the runs differ in {in_markdown(each)}"
