"""The answer to a request, as checks read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from duologue.contracts.http.redaction import CUT
from duologue.openapi.user_files import is_too_deep

LONGEST_SHOWN = 200
# In the codes of a 404 that says that what the path names is not there, not the path itself.
THINGS = ("UID", "GUID", "USER", "GROUP", "CONVERSATION", "MESSAGE")


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: ``body`` is the parsed JSON, or None where it was not JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any
    text: str
    was_repeated: bool = False  # an earlier try got no answer, and may have been carried out
    waited_s: float = 0.0  # for 429, and while the target was away

    @property
    def ok(self) -> bool:
        """Return whether the call was answered as done: 2xx and a body under ``data``."""
        return 200 <= self.status < 300 and isinstance(self.body, dict) and "data" in self.body

    @property
    def data(self) -> Any:
        """What stands under ``data``, None where there is none."""
        return self.body.get("data") if isinstance(self.body, dict) else None

    @property
    def error(self) -> dict[str, Any]:
        """What stands under ``error``, empty where there is none."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return error if isinstance(error, dict) else {}

    @property
    def code(self) -> str:
        """The error code, empty where there is none."""
        return str(self.error.get("code", ""))

    @property
    def is_of_missing_operation(self) -> bool:
        """Return whether the target says that it has no such path or method, not no such thing."""
        names_a_thing = any(word in self.code for word in THINGS)
        return self.status in (405, 501) or (self.status == 404 and not names_a_thing)

    @property
    def has_byte_order_mark(self) -> bool:
        """Return whether the body begins with U+FEFF, which no parser has to take."""
        return self.text.startswith("\ufeff")

    @property
    def beginning(self) -> str:
        """The beginning of the text, marked as cut where it goes on."""
        return self.text if len(self.text) <= LONGEST_SHOWN else f"{self.text[:LONGEST_SHOWN]}{CUT}"

    def __str__(self) -> str:
        if self.error:
            return f"{self.status} {self.code or 'without a code'}"
        if self.has_byte_order_mark:
            return f"{self.status} with a byte order mark before the JSON (RFC 8259 forbids it)"
        return f"{self.status} {' '.join(self.beginning.split())}".strip()


def read(status: int, headers: dict[str, str], *, content: bytes) -> Response:
    """Return the answer with its body parsed where it is JSON of no more than 200 levels.

    A deeper one can be neither compared nor handed to another process.
    """
    text = content.decode("utf-8", errors="replace")
    try:
        body = json.loads(text) if text else None
    except (ValueError, RecursionError):
        body = None
    if is_too_deep(body):
        body = None
    lowered = {name.lower(): value for name, value in headers.items()}
    return Response(status, lowered, body, text)
