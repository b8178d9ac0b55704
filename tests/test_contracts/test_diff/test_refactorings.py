"""Documents that say the same in other words: a comparison finds nothing, both ways."""

import json

import pytest

from duologue.contracts.diff.comparison import compare_sides
from support.documents.document_pairs import (
    TODAY,
    answer,
    api,
    body,
    query,
    with_parameters,
    with_responses,
    write,
)

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
THING = {"type": "object", "required": ["a", "b"], "properties": {"a": STRING, "b": INTEGER}}
TURNED = {"properties": {"b": INTEGER, "a": STRING}, "required": ["b", "a"], "type": "object"}
REF = {"$ref": "#/components/schemas/Thing"}
OTHER_REF = {"$ref": "#/components/schemas/Renamed"}
Q, R = ({"name": name, "in": "query", "schema": STRING} for name in "qr")
OLD_30 = {"openapi": "3.0.3"}
BOTH_KEYS = {
    "One": {"type": "apiKey", "in": "header", "name": "apikey"},
    "Two": {"type": "apiKey", "in": "header", "name": "ApiKey", "description": "The same."},
}


READ_ONLY, WRITE_ONLY = (
    {"id": {"type": "integer", word: True}} for word in ("readOnly", "writeOnly")
)
WEBHOOK = {
    "requestBody": {"content": {"application/json": {"schema": REF}}},
    "responses": {},
}
INLINED = {"requestBody": {"content": {"application/json": {"schema": THING}}}}


def animals(mapping, names=("Cat", "Dog")):
    """A document whose answer is one of two alternatives."""
    kinds = ({"type": "object", "required": [key], "properties": {key: STRING}} for key in "mb")
    return answer(
        {
            "oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names],
            "discriminator": {"propertyName": "kind", "mapping": mapping},
        },
        components={"schemas": dict(zip(names, kinds, strict=True))},
    )


def things(schema, name="Thing", **root):
    return body(schema, components={"schemas": {name: THING}}, **root)


SAME = {
    "$ref inlined": (things(REF), body(THING)),
    "component renamed": (things(REF), things(OTHER_REF, "Renamed")),
    "keys reordered": (body(THING), body(TURNED)),
    "parameters reordered": (with_parameters(Q, R), with_parameters(R, Q)),
    "path parameter renamed": (api(path="/things/{id}"), api(path="/things/{thingId}")),
    "two path parameters renamed": (api(path="/a/{x}/b/{y}"), api(path="/a/{y}/b/{x}")),
    "parameter moved to the path item": (
        with_parameters(Q),
        api(
            item={
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": STRING}, Q]
            }
        ),
    ),
    "parameter made a component": (
        with_parameters(Q),
        with_parameters({"$ref": "#/components/parameters/Q"})
        | {"components": {"parameters": {"Q": Q}}},
    ),
    "answer made a component": (
        with_responses(_404={"description": "gone"}),
        with_responses(_404={"$ref": "#/components/responses/Gone"})
        | {"components": {"responses": {"Gone": {"description": "absent"}}}},
    ),
    "allOf of one": (things({"allOf": [REF]}), things(REF)),
    "allOf merged": (
        body(
            {
                "allOf": [
                    {"type": "object", "required": ["a"], "properties": {"a": STRING}},
                    {"type": "object", "required": ["b"], "properties": {"b": INTEGER}},
                ]
            }
        ),
        body(THING),
    ),
    "allOf nested": (things({"allOf": [{"allOf": [REF]}, {"description": "d"}]}), things(REF)),
    "anyOf of one": (body({"anyOf": [THING]}), body(THING)),
    "branches reordered": (
        body({"anyOf": [THING, {"type": "object", "required": ["z"]}]}),
        body({"anyOf": [{"type": "object", "required": ["z"]}, TURNED]}),
    ),
    "const for an enum of one": (body({"const": "a"}), body({"enum": ["a"]})),
    "type beside an enum": (
        body({"type": "string", "enum": ["a", "b"]}),
        body({"enum": ["b", "a"]}),
    ),
    "enum that a limit cuts": (body({"enum": ["a", "bb"], "maxLength": 1}), body({"enum": ["a"]})),
    "null as a type or an alternative": (
        body({"type": ["string", "null"], "maxLength": 3}),
        body({"oneOf": [{"type": "null"}, {"type": "string", "maxLength": 3}]}),
    ),
    "nullable of 3.0": (
        body({"type": "string", "nullable": True}, **OLD_30),
        body({"type": ["string", "null"]}),
    ),
    "exclusive bound of 3.0": (
        body({"type": "number", "minimum": 0, "exclusiveMinimum": True}, **OLD_30),
        body({"type": "number", "exclusiveMinimum": 0}),
    ),
    "exclusive bound of integers": (
        body({"type": "integer", "exclusiveMaximum": 10}),
        body({"type": "integer", "maximum": 9}),
    ),
    "words about other types": (
        body(STRING),
        body({"type": "string", "minimum": 3, "maxItems": 1}),
    ),
    "limits that limit nothing": (body(STRING), body({"type": "string", "minLength": 0})),
    "additionalProperties said": (body(THING), body(THING | {"additionalProperties": True})),
    "texts and examples": (
        body(THING),
        body(THING | {"title": "T", "description": "D", "examples": [{"a": "x", "b": 1}]}),
    ),
    "style said": (query(), query(style="form", explode=True, required=False)),
    "header in capitals": (
        with_parameters({"name": "X-A", "in": "header", "schema": STRING}),
        with_parameters({"name": "x-a", "in": "header", "schema": STRING}),
    ),
    "ignored header": (
        api(),
        with_parameters({"name": "Authorization", "in": "header", "schema": STRING}),
    ),
    "media type in capitals": (
        answer(THING),
        json.loads(json.dumps(answer(THING)).replace("application/json", "Application/JSON")),
    ),
    "security moved to the operation": (
        api(security=[{"One": []}], components={"securitySchemes": BOTH_KEYS}),
        api(operation={"security": [{"One": []}]}, components={"securitySchemes": BOTH_KEYS}),
    ),
    "security scheme renamed": (
        api(security=[{"One": []}], components={"securitySchemes": BOTH_KEYS}),
        api(security=[{"Two": []}], components={"securitySchemes": BOTH_KEYS}),
    ),
    "slash after a server": (
        api(servers=[{"url": "https://a.example/v1"}]),
        api(servers=[{"url": "https://a.example/v1/", "description": "d"}]),
    ),
    "path escaped": (api(path="/a%2Db/{id}"), api(path="/a-b/{id}")),
    "path with a space": (api(path="/a b/{id}"), api(path="/a%20b/{id}")),
    "server's host in capitals": (
        api(servers=[{"url": "https://A.example/V1"}]),
        api(servers=[{"url": "https://a.example/V1"}]),
    ),
    "default server said": (api(), api(servers=[{"url": "/"}])),
    "server repeated at the operation": (
        api(servers=[{"url": "https://a.example"}]),
        api(
            operation={"servers": [{"url": "https://a.example"}]},
            servers=[{"url": "https://a.example"}],
        ),
    ),
    "types refused or named": (
        body({"not": {"type": "null"}}),
        body({"type": ["string", "number", "boolean", "array", "object"]}),
    ),
    "what is refused altogether": (body(False), body({"not": {}})),
    "pattern with an escaped slash": (
        body({"type": "string", "pattern": "^a\\/b$"}),
        body({"type": "string", "pattern": "^a/b$"}),
    ),
    "readOnly property of a request": (
        body(THING),
        body(THING | {"required": ["a", "b", "id"], "properties": THING["properties"] | READ_ONLY}),
    ),
    "writeOnly property of an answer": (
        answer(THING),
        answer(
            THING | {"required": ["a", "b", "id"], "properties": THING["properties"] | WRITE_ONLY}
        ),
    ),
    "mapped alternatives renamed": (
        animals({"cat": "Cat", "dog": "#/components/schemas/Dog"}),
        animals({"dog": "Hound", "cat": "#/components/schemas/Feline"}, names=("Feline", "Hound")),
    ),
    "schema of a webhook inlined": (
        things(THING, webhooks={"new": {"post": WEBHOOK | {"summary": "New."}}}),
        things(REF, webhooks={"new": {"post": {"responses": {}, **INLINED}}}),
    ),
    "integer and whole number": (
        body({"type": "number", "maximum": 5}),
        body({"type": "number", "maximum": 5.0}),
    ),
    "unused component": (body(THING), things(THING)),
}


@pytest.mark.parametrize("name", SAME)
def test_a_refactoring_is_no_difference(tmp_path, name):
    sides = [write(tmp_path, f"{n}.json", each) for n, each in enumerate(SAME[name])]

    there = compare_sides(*sides, today=TODAY).findings
    back = compare_sides(*reversed(sides), today=TODAY).findings

    assert [each.sentence for each in there + back] == []


def split(folder):
    """The document of THING in four files, one of them JSON."""
    root = things(REF)
    paths = root["paths"].pop("/things/{id}")
    media = paths["post"]["requestBody"]["content"]["application/json"]
    media["schema"] = {"$ref": "../schemas/Thing.yaml"}
    root["paths"]["/things/{id}"] = {"$ref": "paths/things.json"}
    del root["components"]
    write(folder, "paths/things.json", paths)
    schema = "type: object\nrequired: [a, b]\nproperties:\n  a: {$ref: 'Text.yaml#/text'}\n"
    write(folder, "schemas/Thing.yaml", f"{schema}  b:\n    type: integer\n")
    write(folder, "schemas/Text.yaml", "text: {type: string}\n")
    return write(folder, "openapi.json", root)


def test_a_document_split_over_files_is_the_same(tmp_path):
    whole = write(tmp_path, "whole.json", body(THING))

    there = compare_sides(split(tmp_path / "split"), whole, today=TODAY).findings
    back = compare_sides(whole, split(tmp_path / "split"), today=TODAY).findings

    assert there == back == ()


def test_a_difference_in_a_part_names_its_file_and_line(tmp_path):
    old, new = split(tmp_path / "old"), split(tmp_path / "new")
    part = tmp_path / "new/schemas/Thing.yaml"
    part.write_text(part.read_text() + "    minimum: 3\n")

    (found,) = compare_sides(old, new, today=TODAY).findings

    assert found.rule == "request-property-minimum-added"
    assert found.where.file.endswith("new/schemas/Thing.yaml")
    assert found.where.line == 7
