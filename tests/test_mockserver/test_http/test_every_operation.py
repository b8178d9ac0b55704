"""What any request may meet at any operation is an answer that the operation describes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.openapi import document
from support.odd_requests import KEY, OddRequest, ask, naming_unknown

OPERATIONS = [
    pytest.param(operation, id=operation.id)
    for name in ("openapi", "stage", "client")
    for operation in document.operations(name)
]
PLACES = {"uid": "bo", "guid": "hikers", "id": "2", "conversationId": "group_hikers"}
CALLER = {"onBehalfOf": "ana"}
LONG = "x" * 300
JSON = {"Content-Type": "application/json"}
HEADERS = {
    "no key": CALLER,
    "unknown key": {"apikey": "wrong"},
    "key of scope authOnly": {"apikey": "auth-only", **CALLER},
    "key alone": {"apikey": KEY},
    "blank caller": {"apikey": KEY, "onBehalfOf": ""},
    "caller of 300 characters": {"apikey": KEY, "onBehalfOf": LONG},
    "unknown caller": {"apikey": KEY, "onBehalfOf": "nobody"},
    "unknown token": {"authToken": "wrong"},
    "blank token": {"authToken": "", "apikey": KEY},
    "token beside a key": {"authToken": "TOKEN", "apikey": KEY},
    "token alone": {"authToken": "TOKEN"},
    "token of 300 characters": {"authToken": LONG},
    "unknown encoding": {"apikey": KEY, **CALLER, **JSON, "Content-Encoding": "br"},
    "broken encoding": {"apikey": KEY, **CALLER, **JSON, "Content-Encoding": "gzip"},
    "text": {"apikey": KEY, **CALLER, "Content-Type": "text/plain"},
    "JSON": {"apikey": KEY, **CALLER, **JSON},
}
BODIES = (b"", b"{", b"null", b"[]", b"[" * 200, b'{"tags": 1, "name": 1, "data": 1}')
QUERY = "page=x&limit=x&id=x&unread=2&tags="


@pytest.fixture(scope="module")
def app(module_state):
    made = create_app(world=examples(42), state_url=module_state)
    yield made
    inside(made).close()


@pytest.fixture(scope="module")
def resettable_app():
    """Return an app of its own, since a reset ends the sessions of the other one."""
    made = create_app(world=examples(42))
    yield made
    inside(made).close()


@pytest.fixture(scope="module")
def token(app):
    """Return a token of Ana's."""
    request = OddRequest("POST", "/v3/users/ana/auth_tokens", "", HEADERS["key alone"], b"")
    return ask(app, request).json()["data"]["authToken"]


def requests(operation: document.Operation, token: str) -> Iterator[tuple[str, OddRequest]]:
    """Yield requests for an operation, each with what is odd about it."""
    names = PLACES | {"authToken": token}
    path = operation.path.format(**names)
    for name, headers in HEADERS.items():
        sent = {key: value.replace("TOKEN", token) for key, value in headers.items()}
        for body in BODIES if "Content-Type" in sent else BODIES[:1]:
            yield name, OddRequest(operation.method, f"/v3{path}", "", sent, body)
    for name, query in (("no place", QUERY), ("no page", "perPage=0")):
        yield name, OddRequest(operation.method, f"/v3{path}", query, HEADERS["JSON"], b"")
    for name, odd in (("uid", LONG), ("guid", LONG), ("id", "9" * 30), ("uid", "\0")):
        path = operation.path.format(**names | {name: odd})
        yield (
            f"{name} {odd[:5]}",
            OddRequest(operation.method, f"/v3{path}", "", HEADERS["JSON"], b""),
        )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_request_makes_an_operation_fail(app, token, operation):
    """With each way to be let in or not, and bodies, queries and names of any kind."""
    answers = [(name, ask(app, request)) for name, request in requests(operation, token)]

    assert [(name, one.fault()) for name, one in answers if one.fault()] == []


@pytest.mark.one_python
@pytest.mark.parametrize("dialect", ["documented", "live"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_name_of_nothing_is_refused_as_described(resettable_app, operation, dialect):
    """In a path, a query or any field of a body, a user, group or message that is not there."""
    controls = inside(resettable_app).controls
    controls.reset()
    controls.configuration_control.set_dialect(dialect)

    answers = [(request, ask(resettable_app, request)) for request in naming_unknown(operation)]

    controls.configuration_control.reset_dialect()
    assert [(request, one.fault()) for request, one in answers if one.fault()] == []
