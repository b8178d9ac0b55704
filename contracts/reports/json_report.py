"""results.json: the result document itself, and its schema."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

FILE = "results.json"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of results.json."""
    text = files("duologue.contracts").joinpath("results.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def json_report(document: dict[str, Any]) -> str:
    """Return the result document as indented JSON."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
