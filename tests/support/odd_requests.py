"""Requests that no client should send, and what has to be true after each of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from duologue.openapi import document
from duologue.openapi.references import resolved

DOCUMENTS = ("openapi", "stage", "client")
KEY = "mock-api-key"
USERS = ("ana", "bo", "cleo", "dan", "eve")
_NAMES = (*USERS, "hikers", "user_bo", "group_hikers", "1", "12", "none", "a" * 101)
_TEXTS = (
    *(
        "",
        " ",
        "\0",
        "a\0b",
        "é",
        "\U0001f600",
        "'; DROP TABLE users; --",
        "%00",
        "%ff",
        "../..",
        "{x}",
    ),
    *(
        "x" * 300,
        "\u202e",
        "null",
        "true",
        "-1",
        "0",
        "1e9",
        "9" * 19,
        "9" * 5000,
        "+5",
        "\u0661",
        "a,b",
    ),
    *("{{7*7}}", "<script>", "\r\nX: y", "{0.__class__}", "%s%n", "{", "}"),
)
_NUMBERS = (0, -1, 1, 2**31, 2**53, 2**63 - 1, 2**63, 10**25, -(2**63), 1.5, 1e20, 1e300, -0.0)
_RAW = (
    *(b"", b"{", b"\xff\xfe{", b"\xef\xbb\xbf{}", b'{"a":NaN}', b'{"a":1e999}', b"[" * 2000),
    *(b'{"a":"\\ud83d"}', b"null", b"[]", b'"x"', b"1", b"\0", b"\x1f\x8b\x08\0", b"a=b&c=d"),
)
_TYPES = (
    *("application/json",) * 8,
    *(
        "application/json; charset=utf-16",
        "text/plain",
        "",
        "application/yaml",
        "multipart/form-data",
    ),
    *(
        "application/x-www-form-urlencoded",
        "APPLICATION/JSON",
        "é",
        "application/json;charset=nonsense",
    ),
)


class OddRequest(NamedTuple):
    """One request: `path` is as on the wire, percent-encoded where it need be."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class OddAnswer(NamedTuple):
    """The answer to a request."""

    method: str
    status: int
    type: str
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    def fault(self) -> str | None:
        """Return what is wrong with it; None if it is in the envelope and no failure of ours."""
        if self.status >= 500:
            return f"{self.status}: {self.body[:300]!r}"
        if self.method == "HEAD":
            return None
        if self.type != "application/json" or not self.body:
            return None if self.status in {200, 204, 304} else f"{self.status} {self.type}"
        found = self.json()
        if self.status < 400:
            return None
        error = found.get("error", {})
        fine = isinstance(error.get("code"), str) and isinstance(error.get("message"), str)
        return None if fine else f"{self.status}: {self.body[:300]!r}"


def odd_request(random: Random) -> OddRequest:
    """Return a request for some operation, wrong in some places; in part a good one."""
    operation = random.choice(_OPERATIONS)
    is_good = random.random() < 0.6  # but for one thing, perhaps
    path = _path(random, operation.path, is_good=is_good)
    method = (
        operation.method if random.random() < 0.97 else random.choice(("PATCH", "HEAD", "BREW"))
    )
    body = b"" if method in {"GET", "HEAD"} and random.random() < 0.9 else _body(random)
    if is_good:
        body = _good_body(random, operation)
    headers = _headers(random, body, is_good=is_good)
    query = "" if is_good and random.random() < 0.5 else _query(random, operation)
    return OddRequest(method, f"/v3{path}", query, headers, body)


def naming_unknown(operation: document.Operation) -> Iterator[OddRequest]:
    """Yield requests for an operation, each good but for one name or number of nothing there is."""
    headers = {"apikey": KEY, "onBehalfOf": "ana", "Content-Type": "application/json"}
    places = {name: values[0] for name, values in _PLACES.items()}
    path = operation.path.format(**places)
    bodies = _EXAMPLES.get(operation.id) or [None]

    def request(path: str, query: str = "", body: Any = bodies[0]) -> OddRequest:
        content = b"" if body is None else json.dumps(body).encode()
        return OddRequest(operation.method, f"/v3{path}", query, headers, content)

    for unknown in _UNKNOWN:
        for name in places:
            if f"{{{name}}}" in operation.path:
                yield request(operation.path.format(**places | {name: unknown}))
        for name, _ in _QUERIES[operation.id]:
            yield request(path, query=f"{name}={unknown}")
        numbers = [int(unknown)] if unknown.isdigit() else []
        for body in bodies:
            for name in _FIELDS_OF[operation.id]:
                for value in (unknown, [unknown], *numbers):
                    yield request(path, body=(body or {}) | {name: value})


def odd_control(random: Random) -> OddRequest:
    """Return a call of the control plane, good or wrong; what it sets may outlast the answer."""
    operation = random.choice(_CONTROL)
    path = _path(random, operation.path, is_good=random.random() < 0.5)
    body = b"" if operation.method == "GET" else random.choice((_body, _control_body))(random)
    headers = {"Content-Type": random.choice(_TYPES)} if body else {}
    query = _query(random, operation) if random.random() < 0.2 else ""
    return OddRequest(operation.method, f"/_mock{path}", query, headers, body)


def _control() -> Iterator[document.Operation]:
    """Yield the operations of the control plane whose answers end."""
    paths = document.load("control")["paths"]
    for operation in document.operations("control"):
        described = paths[operation.path][operation.method.lower()]
        if "text/event-stream" not in described["responses"]["200"].get("content", {}):
            yield operation


def _control_body(random: Random) -> bytes:
    """Return a body with the fields that calls of the control plane know."""
    fields = {
        random.choice(_CONTROL_FIELDS): random.choice((_value(random, 0), *_NUMBERS[:3], "a"))
        for _ in range(random.choice((0, 1, 1, 2)))
    }
    return json.dumps(fields).encode()


def _headers(random: Random, body: bytes, *, is_good: bool) -> dict[str, str]:
    headers = {"apikey": KEY} if random.random() < 0.97 else {"apikey": random.choice(_TEXTS[2:6])}
    if random.random() < 0.9:
        headers["onBehalfOf"] = random.choice(USERS if random.random() < 0.9 else _TEXTS[:5])
    if random.random() < 0.2:
        headers["authToken"] = random.choice((*_TOKENS, *_TEXTS[2:6]))
    if body:
        headers["Content-Type"] = _TYPES[0] if is_good else random.choice(_TYPES)
    return {name: value.replace("\r\n", " ").replace("\0", "") for name, value in headers.items()}


def _path(random: Random, template: str, *, is_good: bool) -> str:
    """Return the template with its places filled in, with sensible names if it is to be good."""
    path = template
    while "{" in path:
        before, _, rest = path.partition("{")
        name, _, after = rest.partition("}")
        good = _PLACES.get(name) if is_good and random.random() < 0.95 else None
        path = before + (random.choice(good) if good else _segment(random)) + after
    return path


def _good_body(random: Random, operation: document.Operation) -> bytes:
    """Return a body of the operation's examples, perhaps with one field that is odd."""
    examples = _EXAMPLES.get(operation.id)
    if not examples:
        return b""
    body = dict(random.choice(examples))
    if random.random() < 0.4:
        body[random.choice([*body, *_FIELDS])] = _value(random, 0)
    return json.dumps(body).encode()


def _described(*names: str) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    """Yield document, id and description of each operation; parameters of its path come first."""
    for name in names:
        root = document.load(name)
        for operation in document.operations(name):
            item = root["paths"][operation.path]
            described = item[operation.method.lower()]
            listed = [*item.get("parameters", ()), *described.get("parameters", ())]
            yield root, operation.id, described | {"parameters": listed}


def _examples() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the id of each operation, and the bodies of its examples."""
    for _, name, described in _described(*DOCUMENTS):
        content = described.get("requestBody", {}).get("content", {})
        examples = content.get("application/json", {}).get("examples", {})
        yield name, [one["value"] for one in examples.values() if "value" in one]


def _queries() -> Iterator[tuple[str, list[tuple[str, list[str]]]]]:
    """Yield the id of each operation, and its query parameters with values they may have."""
    for root, name, described in _described(*DOCUMENTS, "control"):
        parameters = [resolved(root, each) for each in described["parameters"]]
        queries = [each for each in parameters if each["in"] == "query"]
        yield name, [(each["name"], _shown(root, each)) for each in queries]


def _shown(root: Mapping[str, Any], parameter: Mapping[str, Any]) -> list[str]:
    """Return the values of a parameter that the document shows, as they stand in an address."""
    shown = [resolved(root, each).get("value") for each in parameter.get("examples", {}).values()]
    shown += [parameter["example"]] if "example" in parameter else []
    shown += resolved(root, parameter["schema"]).get("enum", [])
    return [",".join(map(str, each)) if isinstance(each, list) else str(each) for each in shown]


def _fields() -> Iterator[tuple[str, list[str]]]:
    """Yield the id of each operation, and the names of what its body may hold."""
    for root, name, described in _described(*DOCUMENTS):
        body = resolved(root, described.get("requestBody", {}))
        schemas = [content["schema"] for content in body.get("content", {}).values()]
        yield name, sorted(set(_property_names(root, schemas, frozenset())))


def _property_names(root: Mapping[str, Any], schema: Any, above: frozenset[str]) -> Iterator[str]:
    """Yield the names of properties within a schema; `above` are the references it stands in."""
    if isinstance(schema, list):
        for each in schema:
            yield from _property_names(root, each, above)
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in above:
        yield from _property_names(root, resolved(root, schema), above | {reference})
    yield from schema.get("properties", ())
    for each in schema.values():
        yield from _property_names(root, each, above)


_OPERATIONS = [operation for name in DOCUMENTS for operation in document.operations(name)]
_CONTROL = list(_control())
_EXAMPLES = dict(_examples())
_QUERIES = dict(_queries())
_ALL_QUERIES = [
    *(each for queries in _QUERIES.values() for each in queries),
    *((name, list[str]()) for name in ("tags[]", "tagged", "uids")),  # of other spellings
]
_FIELDS_OF = dict(_fields())
_FIELDS = sorted({name for names in _FIELDS_OF.values() for name in names})
_TOKENS = ("ana_7b771970d6c683196c168f1891402295e7ccd8d1",)  # the first that is issued
_PLACES = {
    "uid": USERS,
    "guid": ("hikers", "family"),
    "id": tuple(map(str, range(1, 30))),
    "conversationId": ("group_hikers", "ana_user_bo", "bo_user_cleo", "user_bo"),
    "authToken": _TOKENS,
    "name": ("before", "after"),
    "document": ("api", "stage", "client"),
    "requestId": tuple(map(str, range(1, 9))),
}
_UNKNOWN = ("nobody", "group_nowhere", "99999")
_CONTROL_FIELDS = (
    *("name", "mode", "now", "seconds", "faults", "dialect", "default", "operations", "limit"),
    *("per_s", "operation", "status", "drop", "times", "users", "groups", "messages", "world"),
)


def _segment(random: Random) -> str:
    text = random.choice(_NAMES if random.random() < 0.9 else _TEXTS)
    return text.encode().decode("latin-1").replace("/", "") or "x"


def _query(random: Random, operation: document.Operation) -> str:
    """Return a query, mostly of the operation's own parameters and values that they may have."""
    if random.random() < 0.4:
        return ""
    own = _QUERIES.get(operation.id) or _ALL_QUERIES
    pairs = []
    for _ in range(random.choice((1, 1, 1, 2, 3, 150))):
        name, good = random.choice(own if random.random() < 0.9 else _ALL_QUERIES)
        values = random.choice((good or _NAMES, good or _NAMES, _NAMES, _TEXTS, _NUMBERS))
        pairs.append(f"{name}={random.choice(values)}")
    return "&".join(pairs).encode().decode("latin-1").replace("\r\n", "")


def _body(random: Random) -> bytes:
    if random.random() < 0.1:
        return random.choice(_RAW)
    if random.random() < 0.3:
        message = {
            "receiver": random.choice(("bo", "hikers")),
            "receiverType": random.choice(("user", "group")),
            "category": "message",
            "type": "text",
            "data": {"text": random.choice(_TEXTS), "metadata": {"a": _value(random, 0)}},
        }
        return json.dumps(message).encode()
    fields = {
        random.choice(_FIELDS): _value(random, 0) for _ in range(random.choice((0, 1, 1, 2, 5)))
    }
    return json.dumps(fields, ensure_ascii=random.random() < 0.9).encode()


def _value(random: Random, level: int) -> Any:
    kind = random.randrange(9 if level < 3 else 6)
    match kind:
        case 0 | 1 | 2:
            return random.choice((*USERS, "hikers", "work", *_TEXTS))
        case 3 | 4:
            return random.choice(_NUMBERS)
        case 5:
            return random.choice((None, True, False))
        case 6:
            count = random.choice((0, 1, 2, 26, 101) if level == 0 else (0, 1, 2))
            return [_value(random, level + 1) for _ in range(count)]
        case 7:
            return {random.choice(_FIELDS): _value(random, level + 1) for _ in range(2)}
    nested: Any = 1
    for _ in range(random.choice((5, 97, 99, 100, 101, 246, 254, 600))):
        nested = [nested]
    return nested


def ask(app: Flask, odd: OddRequest) -> OddAnswer:
    """Return the app's answer to a request that no HTTP client has put in order."""
    environ = EnvironBuilder(method=odd.method, path="/", headers=odd.headers, data=odd.body)
    request = environ.get_environ()
    request["PATH_INFO"], request["QUERY_STRING"] = odd.path, odd.query
    if odd.body and "Content-Type" in odd.headers:
        request["CONTENT_TYPE"] = odd.headers["Content-Type"].encode().decode("latin-1")
    parts, status, headers = run_wsgi_app(app, request)
    return OddAnswer(odd.method, int(status[:3]), headers.get("Content-Type", ""), b"".join(parts))


def reads() -> Iterator[OddRequest]:
    """Yield every kind of read: as each user, of one, by id, messages, control plane, pages."""
    for uid in USERS:
        headers = {"apikey": KEY, "onBehalfOf": uid}
        for path in (
            "/v3/conversations",
            "/v3/users/bo/conversation",
            "/v3/conversations/group_hikers",
            "/v3/users/bo/messages",
        ):
            yield OddRequest("GET", path, "", headers, b"")
    headers = {"apikey": KEY}
    for path in ("/v3/messages", "/v3/users", "/v3/groups", "/v3/conversations"):
        yield OddRequest(
            "GET", path, "perPage=1000" if path != "/v3/messages" else "", headers, b""
        )
    for path in ("world", "journal", "clock", "health", ""):
        yield OddRequest("GET", f"/_mock/{path}", "", {}, b"")
    yield OddRequest("GET", "/_mock/world", "format=yaml", {}, b"")
    for shown in ("as=ana&open=users/bo", "as=bo&open=groups/hikers"):
        yield OddRequest("GET", "/_mock/", shown, {}, b"")
