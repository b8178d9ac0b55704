"""Documents as people write them: encodings, YAML's spellings, schemas that refer to each other."""

import codecs
import json

import pytest

from duologue.contracts.diff.errors import ReferenceUnresolved
from support.documents.document_pairs import (
    answer,
    api,
    body,
    compared,
    query,
    severity_and_rule,
    write,
)

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
BEFORE, AFTER = body(STRING | {"maxLength": 20}), body(STRING | {"maxLength": 19})
YAML = """\
openapi: 3.1.0
x-both: &both
  get: {responses: {200: {description: ok}}}
paths:
  /a:
    <<: [*both]
    put: {responses: {}}
  /b: *both
"""
PLAIN = {
    "openapi": "3.1.0",
    "paths": {
        "/a": {
            "get": {"responses": {"200": {"description": "ok"}}},
            "put": {"responses": {}},
        },
        "/b": {"get": {"responses": {"200": {"description": "ok"}}}},
    },
}


@pytest.mark.parametrize(
    "mark",
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
    ids=lambda each: f"{each[1]} {'with' if each[0] else 'without'} a mark",
)
def test_a_document_in_another_encoding_is_read(tmp_path, mark):
    bom, encoding = mark
    written = bom + json.dumps(AFTER, ensure_ascii=False).encode(encoding)

    assert compared(tmp_path, AFTER, written) == ()
    assert severity_and_rule(compared(tmp_path, BEFORE, written)) == {
        "breaking request-body-max-length-lowered"
    }


def test_anchors_and_merge_keys_are_followed(tmp_path):
    assert compared(tmp_path, YAML, PLAIN) == ()
    assert severity_and_rule(compared(tmp_path, YAML, api(paths={}))) == {
        "breaking operation-removed"
    }


@pytest.mark.parametrize("version", ["3.0", "3.1", "'3.0.3'", "3.1.0"])
def test_a_version_without_quotes_is_read(tmp_path, version):
    assert compared(tmp_path, f"openapi: {version}\npaths: {{}}\n", api(paths={})) == ()


def test_scalars_are_those_of_yaml_1_2_and_of_json(tmp_path):
    """Days, yes and 1_000 are text; 1e3, 0x10 and 0o17 are numbers; 010 is ten."""
    words = "2020-01-01, yes, 1_000, 1:30, !!str 7, 1e3, 0x10, 0o17, 010, 1.50, null, True"
    old = json.dumps(query({"enum": ["HERE"]})).replace('["HERE"]', f"[{words}]")
    values = ["2020-01-01", "yes", "1_000", "1:30", "7", 1000, 16, 15, 10, 1.5, None, True]

    assert compared(tmp_path, old, query({"enum": values})) == ()


def model(**properties):
    return {"type": "object", "properties": properties}


def referring(name):
    return {"$ref": f"#/components/schemas/{name}"}


def two_answers(length):
    """Two schemas that refer to each other, each the answer of one operation."""
    first = answer(referring("A"))["paths"]["/things/{id}"]
    second = answer(referring("B"))["paths"]["/things/{id}"]
    schemas = {
        "A": model(b=referring("B"), x=STRING | {"maxLength": length}),
        "B": model(a=referring("A"), y=STRING),
    }
    return api(paths={"/one/{id}": first, "/two/{id}": second}, components={"schemas": schemas})


def test_each_operation_is_told_of_a_change_in_schemas_that_refer_to_each_other(tmp_path):
    """Whichever of them was compared first."""
    found = compared(tmp_path, two_answers(20), two_answers(21))

    assert {(each.operation, each.subject) for each in found} == {
        ("POST /one/{id}", "200 x"),
        ("POST /two/{id}", "200 a.x"),
    }
    assert all(each.witness for each in found)


def test_a_shared_schema_is_told_at_each_place_where_it_is_used(tmp_path):
    def twice(length):
        shared = {"T": model(x=STRING | {"maxLength": length})}
        return answer(model(a=referring("T"), b=referring("T")), components={"schemas": shared})

    found = compared(tmp_path, twice(20), twice(21))

    assert {each.subject for each in found} == {"200 a.x", "200 b.x"}


def chain(length, *, links=400):
    """Schemas that each refer to the next one and to the first, the last with a limit."""
    schemas = {
        f"M{n}": model(next=referring(f"M{n + 1}"), first=referring("M0")) for n in range(links)
    }
    schemas[f"M{links}"] = model(x=STRING | {"maxLength": length})
    return answer(referring("M0"), components={"schemas": schemas})


def test_schemas_that_refer_to_each_other_in_a_long_chain_are_compared(tmp_path):
    """Python's recursion ends at 1,000 levels; documents of large services have more schemas."""
    found = compared(tmp_path, chain(20), chain(21))

    assert severity_and_rule(found) == {"warning response-property-max-length-raised"}
    assert "within the budget" in found[0].sentence
    assert compared(tmp_path, chain(20), chain(20)) == ()


def test_a_change_that_many_operations_share_breaks_all_of_them(tmp_path):
    """A value is looked for in some of them; the others refer to it."""

    def many(length):
        paths = {f"/t{n}": answer(referring("T"), path="/t")["paths"]["/t"] for n in range(12)}
        shared = {"T": model(x=STRING | {"maxLength": length})}
        return api(paths=paths, components={"schemas": shared})

    found = compared(tmp_path, many(20), many(21))

    assert len(found) == 12
    assert {each.severity.value for each in found} == {"breaking"}
    assert [bool(each.witness) for each in found].count(True) == 5
    assert all(each.witness or "in other operations" in each.sentence for each in found)


def test_parts_in_files_of_two_spellings_are_one(tmp_path):
    def spelled(schema):
        paths = {
            f"/{n}": answer({"$ref": reference}, path="/a")["paths"]["/a"]
            for n, reference in enumerate(("./s/my%20thing.json", "s/../s/my thing.json"))
        }
        write(tmp_path, "s/my thing.json", schema)
        return api(paths=paths)

    assert compared(tmp_path, spelled(STRING), spelled(STRING)) == ()


def test_a_discriminator_that_maps_to_nothing_is_refused(tmp_path):
    schema = {"oneOf": [{}], "discriminator": {"propertyName": "a", "mapping": {"b": "No"}}}

    with pytest.raises(ReferenceUnresolved, match="'No', where no schema stands"):
        compared(tmp_path, body(schema), body(schema))
