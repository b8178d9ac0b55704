"""The findings of one check, each with the calls that led to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from duologue.contracts.context.findings import Finding
from duologue.contracts.errors import Broken
from duologue.contracts.http.client import Client

CALLS_SHOWN = 8


@dataclass(slots=True)
class FindingLog:
    """What a check found: ``own`` breaks its clause, ``elsewhere`` other clauses, by their ids."""

    client: Client
    own: list[Finding] = field(default_factory=list)
    elsewhere: list[tuple[str, Finding]] = field(default_factory=list)

    def add(self, broken: Broken, *, name: str = "", since: int = 0) -> None:
        """Keep a break as a finding, with the last calls made since call number ``since``."""
        title = f"{name}: {broken.title}" if name else broken.title
        calls = tuple(call.curl() for call in self.client.calls[since:][-CALLS_SHOWN:])
        hide = self.client.target.hide
        self.own.append(Finding(title, hide(broken.expected), hide(broken.actual), calls))

    def add_elsewhere(self, clause_id: str, finding: Finding) -> None:
        """Keep a finding that breaks another clause than the one that is checked."""
        self.elsewhere.append((clause_id, finding))

    @contextmanager
    def case(self, name: str = "") -> Iterator[None]:
        """Run one of several cases: keep what breaks in it, so that the next case goes on."""
        start = len(self.client.calls)
        try:
            yield
        except Broken as broken:
            self.add(broken, name=name, since=start)
