"""Shards: a run's clauses dealt out to several runs, which `contracts merge` puts together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from duologue.contracts.clause import Clause
from duologue.contracts.context.findings import Finding
from duologue.contracts.errors import OptionInvalid
from duologue.contracts.run.results import Result
from duologue.contracts.wording import counted

WRITTEN = re.compile(r"([1-9][0-9]{0,2})/([1-9][0-9]{0,2})")


@dataclass(frozen=True, slots=True)
class Shard:
    """One of ``count`` shards, counted from 1; ``others`` are the clauses of the other shards."""

    index: int
    count: int
    others: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pending:
    """A finding of a clause in another shard, and the clause whose check found it."""

    clause: str
    found_by: str
    finding: Finding

    def as_dict(self) -> dict[str, Any]:
        """Return it as it stands in results.json."""
        finding = replace(self.finding, found_by=self.found_by)
        return {"clause": self.clause, "finding": finding.as_dict()}


def parse(text: str) -> tuple[int, int]:
    """Return the numbers of ``2/3``; raise OptionInvalid for another text."""
    found = WRITTEN.fullmatch(text)
    index, count = (int(found[1]), int(found[2])) if found else (1, 0)
    if index > count:
        raise OptionInvalid("--shard", f"expected I/N with I from 1 to N, as in 2/3, got {text!r}")
    return index, count


def deal(clauses: Sequence[Clause], index: int, count: int) -> tuple[list[Clause], Shard]:
    """Return the clauses of one shard, in their order, and what it knows of the others.

    Slow and heavy clauses are dealt first, so that each shard gets its share of them. Raises
    OptionInvalid where there are fewer clauses than shards.
    """
    if len(clauses) < count:
        few = counted(len(clauses), "clause")
        raise OptionInvalid("--shard", f"no {counted(count, 'shard')} can be made of {few}")
    dealt = sorted(clauses, key=lambda each: (not each.slow, not each.heavy))
    own = {each.id for each in dealt[index - 1 :: count]}
    others = frozenset(each.id for each in clauses if each.id not in own)
    return [each for each in clauses if each.id in own], Shard(index, count, others)


def set_apart(
    results: Sequence[Result], others: frozenset[str]
) -> tuple[list[Result], tuple[Pending, ...]]:
    """Return the results without findings of clauses in other shards, and those findings."""
    pending = tuple(
        Pending(name, result.clause.id, finding)
        for result in results
        for name, finding in result.elsewhere
        if name in others
    )
    own = [
        replace(each, elsewhere=tuple(pair for pair in each.elsewhere if pair[0] not in others))
        for each in results
    ]
    return own, pending
