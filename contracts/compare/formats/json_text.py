"""JSON for programs."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from duologue.contracts.compare.comparison import Comparison

SCHEMA_VERSION = "1.0"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of this form."""
    text = files("duologue.contracts.compare").joinpath("compare.schema.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def json_text(comparison: Comparison) -> str:
    """Return every change; compare.schema.json describes the form."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "base": comparison.base.as_dict(),
        "head": comparison.head.as_dict(),
        "fails": comparison.fails,
        "summary": comparison.summary,
        "unreached_operations": list(comparison.unreached_operations),
        "differences": list(comparison.differences),
        "changes": [each.as_dict() for each in comparison.entries],
    }
    return json.dumps(document, indent=2) + "\n"
