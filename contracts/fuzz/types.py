"""What a generator sends, and what it complains of: the words between it and those who judge."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from duologue.contracts.http.transport import Response


@dataclass(frozen=True, slots=True)
class GenerationSettings:
    """What to draw: one phase, from a seed, of so many inputs an operation."""

    phase: str
    seed: int
    max_examples: int


@dataclass(frozen=True, slots=True)
class GeneratedRequest:
    """One generated request as it goes on the wire.

    ``values`` are the path's parameters before they were encoded. ``declared`` is False for a
    method that the path does not have; ``operation_id`` then names a neighbour.
    """

    operation_id: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    values: Mapping[str, Any] = field(default_factory=dict)
    declared: bool = True

    @property
    def caller(self) -> str | None:
        """Who asks, None where nobody is named."""
        return self.headers.get("onBehalfOf")

    @property
    def query(self) -> dict[str, str]:
        """The query's values, decoded."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def content(self) -> Any:
        """The body as JSON, None where there is none or it is something else."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class CheckFailure:
    """One failed check of the generator: its kind, in its own words, on one exchange.

    ``negative`` says that the request broke the document on purpose. ``facts`` holds what the
    check knows beside its words.
    """

    kind: str
    detail: str
    negative: bool
    sent: GeneratedRequest
    answer: Response
    facts: Mapping[str, str] = field(default_factory=dict)


Send = Callable[[GeneratedRequest], Response]
Note = Callable[[CheckFailure], None]
