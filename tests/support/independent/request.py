"""One request as it was read: bounded in size, and aware of what the server looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from support.independent.values import Refusal

LISTS = ("tags", "userTags", "groupTags")
MAX_BYTES, MAX_DEPTH, MAX_VALUES = 1 << 20, 100, 100  # readings T18


class Watched(dict[str, Any]):
    """Named values; those that were never asked for are ignored (readings T17)."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.ignored = dict.fromkeys(values)

    def get(self, name: str, default: Any = None) -> Any:  # type: ignore[override]
        """Return a value, which counts as looked at."""
        self.ignored.pop(name, None)
        return super().get(name, default)

    def __getitem__(self, name: str) -> Any:
        self.ignored.pop(name, None)
        return super().__getitem__(name)

    def __iter__(self) -> Iterator[str]:
        self.ignored.clear()  # whoever looks at all of them has seen them
        return super().__iter__()


@dataclass(slots=True)
class Request:
    """One request: header names in lower case, ``path`` and ``query`` decoded, the body parsed."""

    method: str
    route: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    path: Mapping[str, str] = field(default_factory=dict)
    caller: str | None = None

    def message_id(self) -> int | None:
        """Return the message id of the body, sent as text or number; raise Refusal if malformed."""
        number = self.body_fields().get("messageId")
        if number is None:
            return None
        if isinstance(number, bool) or not str(number).isascii() or not str(number).isdigit():
            raise Refusal(400, "ERR_BAD_REQUEST", messageId="is no message id")
        return int(number)

    def body_fields(self) -> dict[str, Any]:
        """Return the body as an object, empty if it is missing; raise Refusal for other values."""
        if self.body is not None and not isinstance(self.body, dict):
            raise Refusal(400, "ERR_BAD_REQUEST", body="is no object")
        return self.body or {}

    def require_caller(self) -> str:
        """Return the caller; raise Refusal if the request names none."""
        if self.caller is None:
            raise Refusal(422, "ERR_CALLER_MISSING", onBehalfOf="is required here")
        return self.caller

    def ignored(self) -> list[str]:
        """Return the names of parameters and fields that were sent and not looked at."""
        sent = (each for each in (self.query, self.body) if isinstance(each, Watched))
        return [name for each in sent for name in each.ignored]


def read_request(method: str, url: str, *, headers: Mapping[str, str], content: bytes) -> Request:
    """Return the request of raw values; raise Refusal for one that is too large or no JSON."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))  # an empty value is none (readings T15)
    if any(query.get(name, "").count(",") >= MAX_VALUES for name in LISTS):
        raise Refusal(400, "ERR_BAD_REQUEST", query=f"has more than {MAX_VALUES} values")
    body = read_body(content)
    watched = Watched(body) if isinstance(body, dict) else body
    return Request(method, unquote(parts.path), headers, Watched(query), watched)


def read_body(content: bytes) -> Any:
    """Return the JSON of a body, None for no body; its content type plays no part (T14)."""
    if len(content) > MAX_BYTES:
        raise Refusal(413, "ERR_BAD_REQUEST", body=f"has more than {MAX_BYTES} bytes")
    try:
        body = json.loads(content) if content.strip() else None
    except RecursionError:
        raise Refusal(400, "ERR_BAD_REQUEST", body="is nested too deep") from None
    except ValueError:
        raise Refusal(400, "ERR_BAD_REQUEST", body="is no JSON") from None
    if depth_of(body) > MAX_DEPTH:
        raise Refusal(400, "ERR_BAD_REQUEST", body=f"is nested deeper than {MAX_DEPTH}")
    return body


def depth_of(value: Any) -> int:
    """Return how many objects and lists are within each other."""
    depth, layer = 0, [value]
    while layer := [each for each in layer if isinstance(each, dict | list)]:
        depth += 1
        layer = [
            inner for each in layer for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth
