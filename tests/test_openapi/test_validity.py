"""The files as they lie there are read by the tools people use."""

import re

import pytest
import schemathesis
from openapi_core import OpenAPI
from openapi_spec_validator import validate

from duologue import openapi
from duologue.openapi.bundle import read
from duologue.openapi.document import FOLDER


@pytest.fixture
def path(name):
    return FOLDER / f"{name}.yaml"


def test_the_bundle_is_valid_openapi(document):
    validate(document)


def test_the_file_is_valid_openapi(path):
    """Also with its references to other files, as a validator resolves them."""
    validate(read(path), base_uri=path.as_uri())


@pytest.fixture
def ids(name):
    """The operationIds, by our own reader; test_document.py lists them."""
    return sorted(row.id for row in openapi.operations(name))


def test_openapi_core_loads_the_file(path, ids):
    """Unchanged, with every operation in it."""
    api = OpenAPI.from_file_path(str(path))

    found = [
        (api.spec / "paths" / where / method / "operationId").read_value()
        for where in (api.spec / "paths").keys()  # noqa: SIM118 - a path object, not a dict
        for method in (api.spec / "paths" / where).keys()  # noqa: SIM118
        if method != "parameters"
    ]
    assert sorted(found) == ids


def test_schemathesis_loads_the_file(path, ids):
    """Unchanged, with every operation in it and no error among them."""
    found = [result.ok() for result in schemathesis.openapi.from_path(path).get_all_operations()]

    assert sorted(operation.definition.raw["operationId"] for operation in found) == ids


def test_body_examples_stand_where_they_are_used(name):
    """Schemathesis 4.32.5 resolves a reference there from the root's folder, and tests nothing."""
    folder = FOLDER / "paths" if name == "openapi" else FOLDER / "stage" / "paths"
    bodies = [
        operation["requestBody"]["content"]["application/json"]["examples"]
        for path in folder.glob("*.yaml")
        for method, operation in read(path).items()
        if method != "parameters" and "requestBody" in operation
    ]

    assert bodies
    assert all("value" in example for body in bodies for example in body.values())


def test_servers_are_the_vendors_and_a_relative_one(document):
    """The vendor's template has an app and three regions; /v3 serves any host."""
    vendor, relative = document["servers"]

    assert vendor["url"] == "https://{appId}.api-{region}.cometchat.io/v3"
    assert vendor["variables"]["region"]["enum"] == ["us", "eu", "in"]
    assert relative["url"] == "/v3"


def _schemas(node):
    """Yield everything in a document that may be a schema."""
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _schemas(each)


def test_other_tools_take_the_schemas(document):
    """Linters ask each list for its items; a generator left out what `const` narrows.

    Another one made no client of a schema that is an object or a list by its `type`. Seen with
    Spectral 6.16, openapi-python-client 0.29 and openapi-generator 7.26.
    """
    lists = [each for each in _schemas(document) if "array" in each.get("type", ())]
    narrowed = [
        part["properties"]
        for each in document["components"]["schemas"].values()
        for part in each.get("allOf", ())
        if "properties" in part
    ]

    assert [each for each in lists if "items" not in each] == []
    assert [each for each in lists if each["type"] != "array"] == []
    assert not any("const" in schema for each in narrowed for schema in each.values())


def test_references_are_addresses():
    """RFC 3986 knows no braces and no blanks; openapi-generator 7.26 reads no such file."""
    nodes = [node for path in FOLDER.rglob("*.yaml") for node in _schemas(read(path))]
    found = {node["$ref"].partition("#")[0] for node in nodes if isinstance(node.get("$ref"), str)}

    assert len(found) > 300
    assert [each for each in found if not re.fullmatch(r"[A-Za-z0-9._/-]*", each)] == []


def test_other_tools_take_the_links(document):
    """openapi-generator 7.26 refuses a document whose links have a body that is no text."""
    links = document["components"].get("links", {}).values()

    assert [each for each in links if not isinstance(each.get("requestBody", ""), str)] == []
