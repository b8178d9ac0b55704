"""What stops a comparison: each is one sentence and exit code 2."""

from __future__ import annotations

from duologue.contracts.errors import RunNotMade


class SideUnreadable(RunNotMade):
    """One side cannot be read, or is no OpenAPI 3.0 or 3.1 document."""

    def __init__(self, side: str, why: str) -> None:
        self.side, self.why = side, why
        super().__init__(f"nothing compared: {side} {why}")


class ReferenceUnresolved(RunNotMade):
    """A `$ref` of one side leads nowhere, in a circle, or to a place that is not read."""

    def __init__(self, place: str, reference: str, *, why: str) -> None:
        self.place, self.reference, self.why = place, reference, why
        super().__init__(f"nothing compared: {place} refers to {reference!r}, {why}")


class PartNotComparable(RunNotMade):
    """A part of one side is not of the form that OpenAPI gives it."""

    def __init__(self, place: str, why: str) -> None:
        self.place, self.why = place, why
        super().__init__(f"nothing compared: {place}: {why}")


class ListUnreadable(RunNotMade):
    """A file given with --ignore or --used-by is not of the described form."""

    def __init__(self, path: str, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"{path} cannot be used: {why}")
