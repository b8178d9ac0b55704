"""The document of what clients call: valid, complete, each example as its schema says."""

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from duologue import openapi
from duologue.openapi.references import find

CLIENT = openapi.load("client")
OPERATIONS = [
    (operation, item)
    for item in CLIENT["paths"].values()
    for method, operation in item.items()
    if method != "parameters"
]


def followed(node):
    return find(CLIENT, node["$ref"][1:]) if "$ref" in node else node


def places(operation, item):
    """Everything of an operation that has a schema and examples."""
    listed = [*item.get("parameters", ()), *operation.get("parameters", ())]
    yield from map(followed, listed)
    if "requestBody" in operation:
        yield operation["requestBody"]["content"]["application/json"]
    for response in operation["responses"].values():
        yield followed(response)["content"]["application/json"]


def test_it_is_valid_openapi():
    validate(CLIENT)


def test_no_operation_is_in_two_documents():
    ids = [row.id for name in ("openapi", "stage", "client") for row in openapi.operations(name)]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("operation", "item"), OPERATIONS)
def test_every_example_fits_its_schema(operation, item):
    for place in places(operation, item):
        schema = {**place["schema"], "components": CLIENT["components"]}
        assert place["examples"], operation["operationId"]
        for example in place["examples"].values():
            value = followed(example)["value"]
            assert list(Draft202012Validator(schema).iter_errors(value)) == []


@pytest.mark.parametrize(("operation", "item"), OPERATIONS)
def test_each_operation_is_described(operation, item):
    del item
    assert operation["summary"]
    assert operation["description"].endswith(".")
    assert set(operation["tags"]) <= {tag["name"] for tag in CLIENT["tags"]}
    assert {"200", "401", "404", "405", "429"} <= set(operation["responses"])
