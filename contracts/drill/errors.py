"""Errors of a drill that cannot be made."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from duologue.contracts.errors import RunNotMade
from duologue.contracts.wording import how_it_ended


class FaultNotFound(RunNotMade):
    """``--fault`` names no fault of the mock."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.near = difflib.get_close_matches(name, list(known), n=3)
        hint = f"did you mean {', '.join(self.near)}?" if self.near else "see 'mockserver faults'"
        super().__init__(f"no fault is called {name!r}: {hint}")


class MockRefused(RunNotMade):
    """The bundled mock refused a call of the drill."""

    def __init__(self, call: str, answer: str) -> None:
        self.call, self.answer = call, answer
        super().__init__(f"the bundled mock answered {call} with {answer or 'nothing'}")


class DrillWorkerLost(RunNotMade):
    """A worker process of the drill ended early."""

    def __init__(self, code: int | None) -> None:
        self.code = code
        super().__init__(f"a worker of the drill {how_it_ended(code)}")
