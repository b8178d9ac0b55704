"""A plan for the gateway: some answers are changed at random, as no server should answer."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterator
from random import Random
from typing import Any

from support.servers.gateway import Action, Handler, Plan, Seen

Path = tuple[str | int, ...]

_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 10**30, -(10**30), 1.5, 1e308, float("nan"), float("inf")),
    *("", " ", "x", "\ud800", "\0", "é" * 300, "a" * 70_000, "9" * 5000, "2026-13-45", "("),
    *("user", "null", "1", [], {}, [[]], [None], {"a": None}, ["a", "a"], [{}], [1] * 200),
    *(2**63, {"data": {}}),
)
_NAMES = ("x", "", "é", "data", "error", "meta", "1")
_STATUSES = (200, 201, 299, 400, 404, 418, 429, 451, 500, 503, 599, 999)
_BODIES = (
    *(b"", b"x", b"\xff\xfe{", b"[" * 3000 + b"]" * 3000, b'{"data":' * 900 + b"1" + b"}" * 900),
    *(b'{"data": ' + b"9" * 6000 + b"}", '{"data": 1}'.encode("utf-16"), b"\xef\xbb\xbf{}"),
)
_HEADERS = (
    *(("Content-Type", ""), ("Content-Type", "text/html"), ("Content-Type", "a/b;;;=")),
    *(("Content-Type", "application/json; charset=nonsense"), ("Content-Encoding", "gzip")),
    *(("Content-Encoding", "br"), ("X-Rate-Limit-Remaining", "9" * 5000), ("Age", "9" * 500)),
    *(("Retry-After", "Wed, 25 Nov 99999999999999999999 12:00:07 GMT"), ("Date", "x")),
    *(("Location", "http://[::1"), ("Set-Cookie", "a=b; Expires=never"), ("Via", ", , ,")),
)


def altered(share: float, seed: int) -> Plan:
    """Return a plan that changes this share of all answers; the seed draws which and how."""
    random, lock = Random(seed), threading.Lock()

    def plan(_: Seen) -> Action | None:
        with lock:
            drawn = random.random() < share
            own = Random(random.random())
        return (lambda handler: _alter(handler, own)) if drawn else None

    return plan


def _alter(handler: Handler, random: Random) -> None:
    status, headers, body = handler.gateway.ask(handler)
    kind = random.random()
    if kind < 0.75 and body:
        body = json.dumps(changed(json.loads(body), random)).encode()
    elif kind < 0.8:
        body = body[: random.randint(0, len(body))]
    elif kind < 0.9:
        body = random.choice(_BODIES)
    elif kind < 0.95:
        name, value = random.choice(_HEADERS)
        headers = {**headers, name: value}
    else:
        status = random.choice(_STATUSES)
    handler.write(status, body, **headers)


def changed(document: Any, random: Random) -> Any:
    """Return a copy of a JSON value with one to five places changed."""
    document = copy.deepcopy(document)
    for _ in range(random.choice((1, 1, 2, 5))):
        path = random.choice([*_paths(document)])
        if path:
            _change(document, path, random)
        elif random.random() < 0.2:
            return copy.deepcopy(random.choice(_VALUES))
    return document


def _change(document: Any, path: Path, random: Random) -> None:
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    key, kind = path[-1], random.random()
    if kind < 0.6:
        holder[key] = copy.deepcopy(random.choice(_VALUES))
    elif kind < 0.75:
        del holder[key]
    elif isinstance(holder, dict):
        holder[random.choice(_NAMES)] = holder.pop(key)
    else:
        holder.insert(random.randint(0, len(holder)), copy.deepcopy(holder[key]))


def _paths(node: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    inner = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in inner if isinstance(node, dict | list) else ():
        yield from _paths(value, (*path, key))
