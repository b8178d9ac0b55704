"""The types that the generator and the triage share: settings, requests, check failures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from duologue.contracts.http.response import Response

# Phases that one process explores, one after another; the lanes run side by side. With "stateful"
# after "fuzzing", that lane took 1.5 s more than the other one, with a core idle.
LANES = (("examples", "coverage"), ("fuzzing",), ("stateful",))


@dataclass(frozen=True, slots=True)
class GenerationSettings:
    """What to generate: one phase, a seed, and the number of inputs for each operation."""

    phase: str
    seed: int
    max_examples: int


@dataclass(frozen=True, slots=True)
class GeneratedRequest:
    """One generated request as it is sent.

    ``values`` are the path's parameters before encoding. ``declared`` is False for a method that
    the path does not have; ``operation_id`` then names another operation of the path. ``valid`` is
    False where the request breaks the document on purpose.
    """

    operation_id: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    values: Mapping[str, Any] = field(default_factory=dict)
    declared: bool = True
    valid: bool = True

    @property
    def label(self) -> str:
        """Return the operation's id, or for a method that is not declared "METHOD beside ID"."""
        if self.declared:
            return self.operation_id
        return f"{self.method} beside {self.operation_id}"

    @property
    def caller(self) -> str | None:
        """Return the caller; None if none is named."""
        return self.headers.get("onBehalfOf")

    @property
    def query(self) -> dict[str, str]:
        """Return the query's values, decoded."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def content(self) -> Any:
        """Return the body's JSON value; None for no body and for other content."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class CheckFailure:
    """One failed check of the generator on one exchange: its kind and its text.

    ``negative`` says that the request broke the document on purpose. ``facts`` holds what the check
    knows beside its text.
    """

    kind: str
    detail: str
    negative: bool
    request: GeneratedRequest
    answer: Response
    facts: Mapping[str, str] = field(default_factory=dict)


SendRequest = Callable[[GeneratedRequest], Response]
OnFailure = Callable[[CheckFailure], None]
