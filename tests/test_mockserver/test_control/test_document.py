"""The control plane's document: everything that it describes exists and answers as described."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from duologue.mockserver.control.handlers import CALLS
from duologue.openapi import document

DOCUMENT = document.load("control")
OPERATIONS = document.operations("control")
WALK = [  # every operation once, in an order that works
    ("getHealth", None),
    ("getWorld", None),
    (
        "putWorld",
        {"users": ["ana", "bo"], "messages": [{"from": "bo", "to": {"user": "ana"}, "text": "Hi"}]},
    ),
    ("getWorldSchema", None),
    ("listSnapshots", None),
    ("saveSnapshot", {"name": "kept"}),
    ("restoreSnapshot", None),
    ("deleteSnapshot", None),
    ("addWorld", {"name": "kept", "from": "empty"}),
    ("listWorlds", None),
    ("deleteWorld", None),
    ("clearWorlds", None),
    ("getClock", None),
    ("setClock", {"mode": "frozen", "now": 1_800_000_000}),
    ("advanceClock", {"seconds": 5}),
    ("getFaults", None),
    ("setFaults", {"faults": ["count-is-text"]}),
    ("addFaults", {"faults": ["tags-end-at-24"]}),
    ("clearFaults", None),
    ("getDialect", None),
    ("setDialect", {"dialect": "live"}),
    ("getLatency", None),
    ("setLatency", {"default": {"ms": 0}, "operations": {"getUser": {"min_ms": 0, "max_ms": 1}}}),
    ("getRateLimit", None),
    ("setRateLimit", {"limit": 100, "per_s": 60}),
    ("clearClock", None),
    ("clearDialect", None),
    ("clearLatency", None),
    ("clearRateLimit", None),
    ("addFailure", {"operation": "getUser", "status": 503, "times": 1}),
    ("listFailures", None),
    ("deleteFailure", None),
    ("clearFailures", None),
    ("send", {"from": "bo", "to": "ana", "text": "Later", "in_s": 60}),
    ("listSends", None),
    ("deleteSend", None),
    ("setPresence", {"uid": "bo", "status": "online"}),
    ("clearPresence", None),
    ("expireSessions", None),
    ("getSocket", None),
    ("setSocketFaults", {"late_ms": 5, "twice": True, "uid": "ana"}),
    ("clearSocketFaults", None),
    ("cutSocket", None),
    ("clearSends", None),
    ("listJournal", None),
    ("getJournalEntry", None),
    ("explainAnswer", None),
    ("clearJournal", None),
    ("getControlDocument", None),
    ("getDocument", None),
    ("reset", None),
]

STREAMS = ["streamEvents"]  # without end, see test_events.py


def test_it_is_valid():
    """According to the official OpenAPI validator."""
    validate(DOCUMENT)


def test_every_operation_is_answered():
    """No operation is missing in the mock or in the document."""
    assert CALLS.keys() == {operation.id for operation in OPERATIONS}
    assert sorted([*dict(WALK), *STREAMS]) == sorted(operation.id for operation in OPERATIONS)


def test_every_answer_is_as_described(control):
    """Call all operations: successes and one refusal of each."""
    asked = control.api.get("/conversations", as_="ana").headers["X-Request-Id"]
    names = {"name": "kept", "requestId": asked, "document": "api", "id": "1"}
    known = {operation.id: operation for operation in OPERATIONS}
    for operation_id, body in WALK:
        operation = known[operation_id]
        if operation_id == "explainAnswer":
            names["requestId"] = control.api.get("/conversations", as_="ana").headers[
                "X-Request-Id"
            ]

        answer = control.ask(operation.method, operation.path.format(**names)[1:], body)
        refusal = control.ask(
            operation.method, operation.path.format(**names)[1:], headers={"Host": "x.example"}
        )

        assert answer.status_code == 200, (operation_id, answer.get_data(as_text=True))
        for response in (answer, refusal):
            problems = [
                error.message
                for error in _schema(operation, response).iter_errors(response.get_json())
            ]
            assert not problems, operation_id


@pytest.mark.parametrize(
    ("operation", "example"),
    [
        pytest.param(operation, content["example"], id=operation.id)
        for operation in OPERATIONS
        for described in [DOCUMENT["paths"][operation.path][operation.method.lower()]]
        if (content := described.get("requestBody", {}).get("content", {}).get("application/json"))
    ],
)
def test_every_example_can_be_sent(control, operation, example):
    """Unchanged."""
    answer = control.ask(operation.method, operation.path[1:], example)

    assert answer.status_code == 200, answer.get_data(as_text=True)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.id)
def test_every_status_that_it_describes_has_its_form(operation):
    """All errors have the same form."""
    described = DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"]

    assert {"200", "403", "404"} <= described.keys()


def test_documents_are_those_in_force(control):
    """The API's document is the dialect's; the control plane's is its own."""
    assert control.ask("GET", "openapi.json").get_json() == DOCUMENT
    assert control.ask("GET", "openapi/api.json").get_json() == document.load("openapi")
    assert control.ask("GET", "openapi/stage.json").get_json() == document.load("stage")

    control.put("dialect", {"dialect": "live"})

    assert control.ask("GET", "openapi/api.json").get_json() == document.load("openapi", "live")


def _schema(operation, answer):
    """Return the document's response of an operation with this status."""
    method = operation.method.lower()
    status = str(answer.status_code)
    referred = DOCUMENT["paths"][operation.path][method]["responses"][status].get("$ref")
    path = operation.path.replace("/", "~1")
    at = referred or f"#/paths/{path}/{method}/responses/{status}"
    return Draft202012Validator(DOCUMENT | {"$ref": f"{at}/content/application~1json/schema"})
