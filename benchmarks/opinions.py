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
