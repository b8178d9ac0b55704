"""Every single-constraint change of our own document is found, and found to break somebody."""

import io
import json

import pytest

from duologue import openapi
from duologue.contracts.diff.document import Document
from duologue.contracts.diff.rules.operations import compare
from duologue.contracts.diff.sources import BundledSource, StdinSource
from support.documents.document_pairs import TODAY

NUMBERS = {
    *("minLength", "maxLength", "minimum", "maximum"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
}
NOT_SCHEMAS = {"examples", "example", "x-request", "info", "tags", "x-clauses", "value", "default"}


def places(node, path=()):
    """Each constraint of a document, as its path and keyword; names of properties are none."""
    if isinstance(node, list):
        for index, each in enumerate(node):
            yield from places(each, (*path, index))
    elif isinstance(node, dict):
        named = path and path[-1] in ("properties", "schemas", "parameters", "variables")
        for key, each in node.items():
            if key in NOT_SCHEMAS and not named:
                continue
            yield from places(each, (*path, key))
            if not named and "variables" not in path and "if" not in path:
                yield from changes_of(path, key, each)


def changes_of(path, key, value):
    if key in NUMBERS and isinstance(value, int):
        yield path, key, "+1"
        yield path, key, "-1"
    elif key in ("pattern", "const", "format") or (key == "enum" and len(value) > 1):
        yield path, key, "gone"
    elif key == "required" and isinstance(value, list):
        for name in value:
            yield path, key, name
    elif key == "type" and isinstance(value, str) and "securitySchemes" not in path:
        yield path, key, "other"


def changed(value, how):
    if how in ("+1", "-1"):
        return value + int(how)
    if how == "other":
        return "boolean" if value != "boolean" else "integer"
    return [each for each in value if each != how]


# Every refusal lists its codes beside it, and each listed code matches the pattern.
IMPLIED = {("ErrorEnvelope", "properties", "error", "properties", "code")}

BUNDLED = openapi.load()
CHANGES = [each for each in places(BUNDLED) if each[0][2:] not in IMPLIED or each[1] != "pattern"]


@pytest.fixture(scope="module")
def sides():
    text = json.dumps(BUNDLED).encode()
    return [Document(StdinSource(io.BytesIO(text))) for _ in range(2)]


def test_there_are_many():
    assert len(CHANGES) > 100


@pytest.mark.one_python
@pytest.mark.parametrize("part", range(8))
def test_each_changed_constraint_is_found(sides, part):
    old, new = sides
    missed = []
    for path, key, how in CHANGES[part::8]:
        node = new.root
        for step in path:
            node = node[step]
        before = node[key]
        if how == "gone":
            del node[key]
        else:
            node[key] = changed(before, how)
        found = compare(old, new, TODAY)
        node[key] = before
        if not found or not any(each.witness or each.severity != "breaking" for each in found):
            missed.append((path, key, how))

    assert missed == []


def test_the_bundled_document_is_the_split_one(sides):
    split = Document(BundledSource())

    assert compare(sides[0], split, TODAY) == compare(split, sides[0], TODAY) == []
