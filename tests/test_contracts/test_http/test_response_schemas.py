"""Violations of the response schemas, and the clause that each breaks."""

import json

import pytest

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue import openapi
from duologue.contracts.clause import ALL_OPERATIONS, REGISTRY
from duologue.contracts.fuzz.triage import AUTH_CLAUSES
from duologue.contracts.http.response_schemas import SPEAK_OF_SHAPE, ResponseSchemas, shapes
from support.check_failures import WITH_BO


@pytest.mark.parametrize(
    ("operation", "body", "place", "clause_id"),
    [
        ("listConversations", {"data": []}, "meta", None),
        ("listConversations", {"data": {}, "meta": {}}, "data", None),
        (
            "listConversations",
            {"data": [], "meta": {}},
            "meta.pagination",
            "listing.pagination-adds-up",
        ),
        ("deleteConversation", {"data": {"success": "yes"}}, "success", None),
        ("getConversation", [], "the body", None),
    ],
)
def test_a_malformed_envelope_breaks_no_property(operation, body, place, clause_id):
    """Data and meta have clauses of their own, or none."""
    found = {(each.place, each.clause_id) for each in shapes().violations(operation, body)}

    assert (place, clause_id) in found


@pytest.mark.parametrize("operation", ALL_OPERATIONS)
def test_every_example_matches_its_schema(operation):
    """The document's examples of success have no violation."""
    document = openapi.load()
    (described,) = (
        each
        for item in document["paths"].values()
        for each in item.values()
        if isinstance(each, dict) and each.get("operationId") == operation
    )
    examples = described["responses"]["200"]["content"]["application/json"]["examples"]
    for reference in examples.values():
        example = document["components"]["examples"][reference["$ref"].rpartition("/")[2]]

        assert shapes().violations(operation, example["value"]) == ()


def test_clauses_of_schemas_are_named_in_the_document():
    """Each clause that a violation may break exists, and the document names it."""
    text = json.dumps(openapi.load())

    assert {*SPEAK_OF_SHAPE, *AUTH_CLAUSES.values()} <= set(REGISTRY)
    assert all(f'"{name}"' in text for name in SPEAK_OF_SHAPE)


def test_additional_properties_are_no_violation():
    more = {**WITH_BO, "pinned": True, "conversationWith": {**WITH_BO["conversationWith"], "x": 1}}

    assert shapes().violations("getConversation", {"data": more, "trace": "abc"}) == ()


def test_schemas_are_compiled_from_the_given_document():
    document = openapi.load()
    document["components"]["schemas"]["Conversation"]["required"].append("mood")
    (violation,) = ResponseSchemas(document).violations("getConversation", {"data": WITH_BO})

    assert violation.place == "mood"
