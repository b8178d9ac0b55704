"""Annotations of GitHub Actions: workflow commands, at most ten."""

from __future__ import annotations

from duologue.contracts.compare.comparison import ChangeKind, ClauseChange, Comparison
from duologue.contracts.compare.formats.text import by_cause, shown, verdict
from duologue.contracts.escaping import printable, workflow_data, workflow_property
from duologue.contracts.wording import counted

MOST = 10


def github(comparison: Comparison) -> str:
    """Return an error for each of the first ten new causes, and the verdict as a line."""
    followers = comparison.followers
    roots = comparison.roots(ChangeKind.NEWLY_BROKEN)
    lines = [_broken(each, followers.get(each.clause, [])) for each in roots]
    unreached = by_cause(comparison.roots(ChangeKind.NEWLY_UNREACHED))
    lines += [_unreached(why, entries) for why, entries in unreached]
    lines += [
        _error("no longer answered 2xx", printable(name))
        for name in comparison.unreached_operations
    ]
    more = f" ({len(lines) - MOST} more are not shown)" if len(lines) > MOST else ""
    return "\n".join([*lines[:MOST], f"{verdict(comparison)}{more}"]) + "\n"


def _broken(entry: ClauseChange, followers: list[str]) -> str:
    first, more = entry.findings[0], len(entry.findings) - 1
    rest = f"\nand {more} more" if more else ""
    follow = "follows" if len(followers) == 1 else "follow"
    rest += f"\n{counted(len(followers), 'clause')} {follow} from it" if followers else ""
    words = (
        f"{printable(first['title'])}\nexpected: {shown(first['expected'])}"
        f"\ngot: {shown(first['actual'])}\n{printable(entry.source)}{rest}"
    )
    return _error(f"newly broken: {printable(entry.clause)}", words)


def _unreached(why: str, entries: list[ClauseChange]) -> str:
    names = ", ".join(printable(each.clause) for each in entries)
    return _error(f"newly not reached: {counted(len(entries), 'clause')}", f"{shown(why)}\n{names}")


def _error(title: str, words: str) -> str:
    return f"::error title={workflow_property(title)}::{workflow_data(words)}"
