"""Pairs of schemas, each compared in both directions as a request body and as an answer."""

import pytest

from support.documents.document_pairs import answer, body, compared, severity_and_rule

STRING, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
NULL, OBJECT = {"type": "null"}, {"type": "object"}


def properties(*required, **named):
    return {"type": "object", "required": list(required), "properties": named}


def listed(**words):
    return {"type": "array", "items": STRING, **words}


A, B = properties("a", a=STRING), properties("b", b=INTEGER)
CAT = properties("kind", kind={"const": "cat"}, lives=INTEGER)
DOG = properties("kind", kind={"const": "dog"}, tricks=listed())
BIRD = properties("kind", kind={"const": "bird"})
WHEN = {"if": properties("a", a={"const": "x"}), "then": {"required": ["b"]}}

# name: wide, narrow, rule towards narrow, rule towards wide (without request-body- and so on)
NARROWER = {
    "number to integer": (NUMBER, INTEGER, "body-type-changed", "body-type-changed"),
    "type list": (
        {"type": ["string", "integer"]},
        STRING,
        "body-type-changed",
        "body-type-changed",
    ),
    "type added": ({}, STRING, "body-type-changed+not-null", "body-type-changed+null"),
    "null in a list": (
        *({"type": ["string", "null"]}, STRING),
        *("body-became-not-nullable", "body-became-nullable"),
    ),
    "null as an alternative": (
        *({"anyOf": [STRING, NULL]}, STRING),
        *("body-became-not-nullable", "body-became-nullable"),
    ),
    "null as one of": (
        *({"oneOf": [INTEGER, NULL]}, INTEGER),
        *("body-became-not-nullable", "body-became-nullable"),
    ),
    "enum value": (
        *({"enum": ["a", "b"]}, {"enum": ["a"]}),
        *("body-enum-value-removed", "body-enum-value-added"),
    ),
    "enum": (STRING, {"enum": ["a"]}, "body-enum-added", "body-enum-removed"),
    "enum of numbers": (
        *({"enum": [1, 2, 3]}, {"enum": [1, 2]}),
        *("body-enum-value-removed", "body-enum-value-added"),
    ),
    "const": (STRING, {"const": "a"}, "body-enum-added", "body-enum-removed"),
    "enum to const": (
        *({"enum": ["a", "b"]}, {"const": "b"}),
        *("body-enum-value-removed", "body-enum-value-added"),
    ),
    "null in an enum": (
        *({"enum": ["a", None]}, {"enum": ["a"]}),
        *("body-enum-value-removed", "body-enum-value-added"),
    ),
    "minLength": (
        *({"type": "string", "minLength": 1}, {"type": "string", "minLength": 5}),
        *("body-min-length-raised", "body-min-length-lowered"),
    ),
    "minLength set": (
        *(STRING, {"type": "string", "minLength": 1}),
        *("body-min-length-added", "body-min-length-removed"),
    ),
    "maxLength": (
        *({"type": "string", "maxLength": 100}, {"type": "string", "maxLength": 99}),
        *("body-max-length-lowered", "body-max-length-raised"),
    ),
    "maxLength set": (
        *(STRING, {"type": "string", "maxLength": 0}),
        *("body-max-length-added", "body-max-length-removed"),
    ),
    "minimum": (
        *({"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 1}),
        *("body-minimum-raised", "body-minimum-lowered"),
    ),
    "minimum set": (
        *(INTEGER, {"type": "integer", "minimum": -7}),
        *("body-minimum-added", "body-minimum-removed"),
    ),
    "maximum": (
        *({"type": "number", "maximum": 1.5}, {"type": "number", "maximum": 1.25}),
        *("body-maximum-lowered", "body-maximum-raised"),
    ),
    "maximum set": (
        *(NUMBER, {"type": "number", "maximum": 10**12}),
        *("body-maximum-added", "body-maximum-removed"),
    ),
    "minimum becomes exclusive": (
        *({"type": "number", "minimum": 0}, {"type": "number", "exclusiveMinimum": 0}),
        *("body-minimum-raised", "body-minimum-lowered"),
    ),
    "maximum becomes exclusive": (
        *({"type": "integer", "maximum": 9}, {"type": "integer", "exclusiveMaximum": 9}),
        *("body-maximum-lowered", "body-maximum-raised"),
    ),
    "multipleOf set": (
        *(INTEGER, {"type": "integer", "multipleOf": 5}),
        *("body-multiple-of-added", "body-multiple-of-removed"),
    ),
    "multipleOf": (
        *({"type": "integer", "multipleOf": 5}, {"type": "integer", "multipleOf": 10}),
        *("body-multiple-of-changed", "body-multiple-of-changed"),
    ),
    "minItems": (
        *(listed(), listed(minItems=1)),
        *("body-min-items-added", "body-min-items-removed"),
    ),
    "maxItems": (
        *(listed(maxItems=25), listed(maxItems=20)),
        *("body-max-items-lowered", "body-max-items-raised"),
    ),
    "maxItems set": (
        *(listed(), listed(maxItems=20)),
        *("body-max-items-added", "body-max-items-removed"),
    ),
    "uniqueItems": (
        *(listed(), listed(uniqueItems=True)),
        *("body-unique-items-added", "body-unique-items-removed"),
    ),
    "minProperties": (
        *(OBJECT, {"type": "object", "minProperties": 2}),
        *("body-min-properties-added", "body-min-properties-removed"),
    ),
    "maxProperties": (
        *({"type": "object", "maxProperties": 4}, {"type": "object", "maxProperties": 3}),
        *("body-max-properties-lowered", "body-max-properties-raised"),
    ),
    "pattern set": (
        *(STRING, {"type": "string", "pattern": "^[a-z]+$"}),
        *("body-pattern-added", "body-pattern-removed"),
    ),
    "format set": (
        *(STRING, {"type": "string", "format": "uuid"}),
        *("body-format-added", "body-format-removed"),
    ),
    "format date": (
        *(STRING, {"type": "string", "format": "date"}),
        *("body-format-added", "body-format-removed"),
    ),
    "int64 to int32": (
        *({"type": "integer", "format": "int64"}, {"type": "integer", "format": "int32"}),
        *("body-format-changed", "body-format-changed"),
    ),
    "required": (
        *(properties(a=STRING), properties("a", a=STRING)),
        *("property-became-required", "property-became-optional"),
    ),
    "inner type": (
        *(properties(a=NUMBER), properties(a=INTEGER)),
        *("property-type-changed", "property-type-changed"),
    ),
    "inner length": (
        *(properties(a=STRING), properties(a={"type": "string", "maxLength": 3})),
        *("property-max-length-added", "property-max-length-removed"),
    ),
    "inner enum": (
        *(properties(a={"enum": ["x", "y"]}), properties(a={"enum": ["x"]})),
        *("property-enum-value-removed", "property-enum-value-added"),
    ),
    "two below": (
        *(properties(a=properties(b=STRING)), properties(a=properties("b", b=STRING))),
        *("property-became-required", "property-became-optional"),
    ),
    "items": (
        *(listed(), listed(items={"type": "string", "minLength": 2})),
        *("property-min-length-added", "property-min-length-removed"),
    ),
    "items' property": (
        *(listed(items=A | {"required": []}), listed(items=A)),
        *("property-became-required", "property-became-optional"),
    ),
    "first item": (
        *(
            {"type": "array", "prefixItems": [NUMBER], "items": STRING},
            {"type": "array", "prefixItems": [INTEGER], "items": STRING},
        ),
        *("property-type-changed", "property-type-changed"),
    ),
    "additionalProperties": (
        *(properties(a=STRING), properties(a=STRING) | {"additionalProperties": False}),
        *("body-additional-properties-forbidden", "body-additional-properties-allowed"),
    ),
    "additionalProperties' schema": (
        *(
            {"type": "object", "additionalProperties": STRING},
            {"type": "object", "additionalProperties": {"type": "string", "maxLength": 2}},
        ),
        *("property-max-length-added", "property-max-length-removed"),
    ),
    "patternProperties": (
        *(
            {"type": "object", "patternProperties": {"^x": NUMBER}},
            {"type": "object", "patternProperties": {"^x": INTEGER}},
        ),
        *("property-type-changed", "property-type-changed"),
    ),
    "anyOf branch": (
        *({"anyOf": [A, B, BIRD]}, {"anyOf": [A, B]}),
        *("body-any-of-branch-removed", "body-any-of-branch-added"),
    ),
    "oneOf branch": (
        *({"oneOf": [CAT, DOG, BIRD]}, {"oneOf": [CAT, DOG]}),
        *("body-one-of-branch-removed", "body-one-of-branch-added"),
    ),
    "plain to anyOf": (
        *({"anyOf": [A, B]}, A),
        *("body-any-of-branch-removed", "body-any-of-branch-added"),
    ),
    "within a branch": (
        *(
            {"anyOf": [A, B]},
            {"anyOf": [A, properties("b", b={"type": "integer", "minimum": 3})]},
        ),
        *("property-minimum-added", "property-minimum-removed"),
    ),
    "allOf part": (
        *({"allOf": [A]}, {"allOf": [A, properties("c", c=STRING)]}),
        *("property-became-required+new", "property-became-optional+gone"),
    ),
    "limit in allOf": (
        *({"allOf": [STRING]}, {"allOf": [STRING, {"minLength": 2}]}),
        *("body-min-length-added", "body-min-length-removed"),
    ),
    "not": (
        STRING,
        {"type": "string", "not": {"const": "a"}},
        "body-not-added",
        "body-not-removed",
    ),
    "if": (OBJECT, OBJECT | WHEN, "body-condition-added", "body-condition-removed"),
    "then": (
        *(OBJECT | WHEN, OBJECT | WHEN | {"then": {"required": ["b", "c"]}}),
        *("property-became-required", "property-became-optional"),
    ),
    "dependentRequired": (
        *(OBJECT, OBJECT | {"dependentRequired": {"a": ["b"]}}),
        *("body-dependent-required-added", "body-dependent-required-removed"),
    ),
    "propertyNames": (
        *(OBJECT, OBJECT | {"propertyNames": {"maxLength": 4}}),
        *("body-property-names-added", "body-property-names-removed"),
    ),
    "contains": (
        *(listed(), listed(contains={"const": "x"})),
        *("body-contains-added", "body-contains-removed"),
    ),
    "nothing at all": ({"type": "string"}, False, "body-type-changed", "body-type-changed"),
}

# name: old, new, then what is told of the request, and of the answer; both hurt both ways
EITHER = {
    "another type": (STRING, INTEGER, "body-type-changed"),
    "another pattern": (
        *({"type": "string", "pattern": "^[a-m]+$"}, {"type": "string", "pattern": "^[h-z]+$"}),
        "body-pattern-changed",
    ),
    "another format": (
        *({"type": "string", "format": "uuid"}, {"type": "string", "format": "date"}),
        "body-format-changed",
    ),
    "another type of a property": (
        *(properties(a=STRING), properties(a=listed())),
        "property-type-changed",
    ),
    "multiples of another number": (
        *({"type": "integer", "multipleOf": 4}, {"type": "integer", "multipleOf": 6}),
        "body-multiple-of-changed",
    ),
    "another test": (
        OBJECT | WHEN,
        OBJECT | WHEN | {"if": properties("z", z={"const": 1})},
        "body-condition-changed",
    ),
}


def rules(side, short):
    """The rule ids behind the table's shorthand, and those that come with it as notes."""
    name, _, extra = short.partition("+")
    extras = {
        "": set(),
        "null": {f"{side}-body-became-nullable"},
        "not-null": {f"{side}-body-became-not-nullable"},
    }
    return {f"{side}-{name}"} | extras.get(extra, set())


@pytest.mark.parametrize("name", NARROWER)
@pytest.mark.parametrize("around", [body, answer], ids=["request", "response"])
def test_a_narrower_schema_breaks_requests_and_a_wider_one_answers(tmp_path, around, name):
    wide, narrow, to_narrow, to_wide = NARROWER[name]
    side = "request" if around is body else "response"

    narrowed = compared(tmp_path, around(wide), around(narrow))
    widened = compared(tmp_path, around(narrow), around(wide))

    hurting, harmless = ("breaking", "note") if around is body else ("note", "breaking")
    extra_new = {f"note {side}-property-added"} if to_narrow.endswith("+new") else set()
    removed = to_wide.endswith("+gone") and side == "request"
    extra_gone = {f"warning {side}-property-removed"} if removed else set()
    assert (
        severity_and_rule(narrowed)
        == {f"{hurting} {rule}" for rule in rules(side, to_narrow)} | extra_new
    )
    assert (
        severity_and_rule(widened)
        == {f"{harmless} {rule}" for rule in rules(side, to_wide)} | extra_gone
    )
    assert all(bool(each.witness) == (each.severity == "breaking") for each in narrowed + widened)


@pytest.mark.parametrize("name", EITHER)
@pytest.mark.parametrize("around", [body, answer], ids=["request", "response"])
def test_what_is_neither_narrower_nor_wider_breaks_both_ways(tmp_path, around, name):
    old, new, rule = EITHER[name]
    side = "request" if around is body else "response"

    there = compared(tmp_path, around(old), around(new))
    back = compared(tmp_path, around(new), around(old))

    assert severity_and_rule(there) == severity_and_rule(back) == {f"breaking {side}-{rule}"}
    assert all(each.witness for each in there + back)


def test_an_optional_property_that_is_gone_is_a_warning(tmp_path):
    old, new = properties(a=STRING, b=STRING), properties(a=STRING)

    assert severity_and_rule(compared(tmp_path, body(old), body(new))) == {
        "warning request-property-removed"
    }
    assert severity_and_rule(compared(tmp_path, answer(old), answer(new))) == {
        "warning response-property-removed"
    }


def test_a_required_property_that_is_gone_breaks_readers_once(tmp_path):
    (found,) = compared(tmp_path, answer(properties("a", a=STRING)), answer(OBJECT))

    assert (found.severity, found.rule) == ("breaking", "response-property-became-optional")
    assert found.witness == ({},)


def test_a_removed_property_is_refused_where_others_are_forbidden(tmp_path):
    closed = {"additionalProperties": False}
    old, new = properties(a=STRING, b=STRING) | closed, properties(a=STRING) | closed

    found = compared(tmp_path, body(old), body(new))

    assert "breaking request-property-type-changed" in severity_and_rule(found)


def test_a_difference_that_no_value_shows_is_a_warning_that_says_so(tmp_path):
    old = {"type": "string", "pattern": r"^(a|b)+$"}
    new = {"type": "string", "pattern": r"^[ab]+$"}

    (found,) = compared(tmp_path, body(old), body(new))

    assert (found.severity, found.witness) == ("warning", ())
    assert "within the budget" in found.sentence


def test_a_schema_that_refers_to_itself_is_compared_once(tmp_path):
    def tree(limit):
        node = properties(name={"type": "string", "maxLength": limit}, below=None)
        node["properties"]["below"] = {
            "type": "array",
            "items": {"$ref": "#/components/schemas/Tree"},
        }
        return body({"$ref": "#/components/schemas/Tree"}, components={"schemas": {"Tree": node}})

    (found,) = compared(tmp_path, tree(9), tree(8))

    assert (found.severity, found.rule) == ("breaking", "request-property-max-length-lowered")
