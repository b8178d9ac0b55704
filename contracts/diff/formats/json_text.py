"""JSON for programs."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from duologue.contracts.diff.findings import Difference, Severity

SCHEMA_VERSION = "1.0"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of this form."""
    text = files("duologue.contracts.diff").joinpath("diff.schema.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def json_text(difference: Difference) -> str:
    """Return every finding, one for each operation; diff.schema.json describes the form."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "old": difference.old,
        "new": difference.new,
        "summary": {each.value: difference.count(each) for each in Severity}
        | {"ignored": len(difference.findings) - len(difference.counted)},
        "findings": [each.as_dict() for each in difference.findings],
        "unused_ignores": list(difference.unused),
    }
    return json.dumps(document, indent=2) + "\n"
