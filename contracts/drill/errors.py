"""Why a drill cannot be made."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from duologue.contracts.errors import RunNotMade


class FaultNotFound(RunNotMade):
    """``--fault`` names nothing that the mock can be told to do."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.near = difflib.get_close_matches(name, list(known), n=3)
        hint = f"did you mean {', '.join(self.near)}?" if self.near else "see 'mockserver faults'"
        super().__init__(f"no fault is called {name!r}: {hint}")


class MockRefused(RunNotMade):
    """The bundled mock does not do what a drill asks of it."""

    def __init__(self, asked: str, said: str) -> None:
        self.asked, self.said = asked, said
        super().__init__(f"the bundled mock answered {asked} by {said or 'nothing'}")


class DrillWorkerLost(RunNotMade):
    """A worker of the drill has ended before its time."""

    def __init__(self, code: int | None) -> None:
        self.code = code
        super().__init__(f"a worker of the drill has ended with code {code}")
