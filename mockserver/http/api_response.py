"""An answer before it is sent: status, headers, body."""

from __future__ import annotations

from typing import Any, NamedTuple

from duologue.mockserver.domain.errors import Refusal


class ApiResponse(NamedTuple):
    """Status, headers and body; a body that is not bytes is sent as JSON."""

    status: int
    headers: dict[str, str]
    body: Any
    problem: Refusal | None = None  # the refusal, if it is an error
    depends_on_tags: bool = True  # whether it may be another one if tags of copies change
