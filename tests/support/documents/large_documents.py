"""Documents with many schemas that refer to each other, as large APIs have them."""

from __future__ import annotations

import random
from typing import Any

REFERENCES = 10
TEXTS = 6
USES = 20


def dense_document(schemas: int, *, is_changed: bool = False) -> dict[str, Any]:
    """Return a document whose schemas each refer to ten others, used by twenty operations.

    Changed, a text of one schema is shorter, and another schema has a value less.
    """
    draw = random.Random(1)
    components = {f"S{number}": _schema(draw, schemas) for number in range(schemas)}
    if is_changed:
        components["S5"]["properties"]["text1"]["maxLength"] = 50
        components["S9"]["properties"]["kind"]["enum"] = ["a", "b"]
    paths = {f"/things{number}": _item(draw, schemas) for number in range(USES)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Dense", "version": "1"},
        "paths": paths,
        "components": {"schemas": components},
    }


def _schema(draw: random.Random, schemas: int) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for number in range(REFERENCES):
        reference = _reference(draw, schemas)
        is_list = draw.random() < 0.4
        properties[f"other{number}"] = (
            {"type": "array", "items": reference} if is_list else reference
        )
    texts = {f"text{n}": {"type": "string", "maxLength": 100 + n} for n in range(TEXTS)}
    kind = {"type": "string", "enum": ["a", "b", "c"]}
    return {
        "type": "object",
        "properties": {**properties, **texts, "kind": kind},
        "required": ["text0"],
    }


def _item(draw: random.Random, schemas: int) -> dict[str, Any]:
    asked, answered = (
        {"content": {"application/json": {"schema": _reference(draw, schemas)}}} for _ in range(2)
    )
    return {
        "post": {"requestBody": asked, "responses": {"200": {"description": "Done.", **answered}}}
    }


def _reference(draw: random.Random, schemas: int) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/S{draw.randrange(schemas)}"}
