"""Why other tools say something else than `contracts diff`, pair by pair: see second_opinions."""

from __future__ import annotations

# Sentence -> names of pairs, as the tests call them; both directions have the same reason.
SMART_DIFF = {
    "it does not read x-sunset": ("operation after its sunset", "sunset moved"),
    "it takes what is not read any more for a break; we warn: no request is refused": (
        *("optional parameter", "required parameter", "parameter renamed", "parameter moved"),
        *("optional body", "required body", "parameter default set"),
    ),
    "it takes each change of a type or format alike, and does not know what is wider: our"
    " witness shows the value": (
        *("parameter type", "number to integer", "type list", "null in a list", "inner type"),
        *("int64 to int32", "header schema", "schema of an answer without one"),
        *("nothing at all", "patternProperties"),
    ),
    "it does not judge how a parameter is written": (
        *("parameter explode", "parameter empty", "parameter reserved"),
    ),
    "it takes each status and header alike; we tell required from optional, ranges from codes,"
    " and errors from successes": (
        *("error status", "status in a range", "optional header", "header required"),
        *("range of statuses", "error by default", "answer in a range"),
    ),
    "it pairs paths without the names of their parameters, and takes one of two that is gone for"
    " renamed": ("two paths of one form",),
    "it judges the keyword readOnly, and does not know that requests carry no such property": (
        *("property is readOnly", "readOnly property is wanted"),
    ),
    "it compares components by their names: a renamed one is removed, whatever refers to it": (
        "component named by a discriminator",
    ),
    "it compares what is written: schemas joined by allOf look as if their own were gone": (
        "no discriminator",
    ),
    "it takes each change of an encoding for a break; we warn": ("encoding of a form",),
    "it does not judge callbacks and webhooks, and takes their schemas for those of requests": (
        *("limit of what a callback sends", "required property of what a callback sends"),
        *("limit of what a client answers to a callback", "body of a callback"),
        *("status that a client answers to a callback", "body of a callback that may be missing"),
        *("callback", "webhook", "what a webhook sends", "required parameter of a callback"),
        *("parameter that a callback always sends", "limit of a parameter of a callback"),
        *("style of a parameter of a callback", "required header of an answer to a callback"),
        "header that an answer to a callback must have",
        "limit of a header of an answer to a callback",
    ),
    "it compares alternatives of security by their places, and no scheme beside another one": (
        *("security both", "security scope"),
    ),
    "it takes a default for a limit; no value is refused for it": ("default of a field",),
    "it judges each keyword by itself: what takes the place of a type or of another bound looks"
    " like two changes": (
        *("enum", "const", "minimum becomes exclusive", "maximum becomes exclusive"),
    ),
    "it takes this keyword for harmless or breaking whatever it says; our witness shows the"
    " value": ("additionalProperties", "not"),
    "it does not judge this keyword; our witness shows the value": (
        *("first item", "if", "then", "dependentRequired", "contains"),
    ),
}
SUBSCHEMA = {
    "it reads draft 4, where an exclusive bound is no number": (
        *("minimum becomes exclusive", "maximum becomes exclusive"),
    ),
    "it reads draft 4, which forbids an empty list of required names": (
        *("required", "inner type", "inner length", "inner enum", "two below"),
        *("items' property", "additionalProperties", "oneOf branch"),
    ),
    "it does not read formats": ("format set", "format date", "int64 to int32"),
    "it does not read this keyword; our witness shows the value": (
        *("first item", "if", "then", "dependentRequired", "propertyNames", "contains"),
    ),
    "it drops the second part of allOf; our witness is refused by that part": ("allOf part",),
    "it reads draft 4, where a schema is no true and no false": ("nothing at all",),
}
TOOLS = {"api-smart-diff": SMART_DIFF, "jsonsubschema": SUBSCHEMA}


def explained(tool: str, pair: str) -> str:
    """Return why a tool says something else of a pair, empty where nobody has looked yet."""
    name = pair.removeprefix("request: ").removeprefix("response: ").rstrip(" <>")
    found = [why for why, names in TOOLS[tool].items() if name in names]
    return found[0] if found else ""
