"""results.json: the result document itself, and its schema."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

FILE = "results.json"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of results.json."""
    text = files("duologue.contracts").joinpath("results.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def write_json(document: dict[str, Any], folder: Path) -> Path:
    """Write results.json and return its path."""
    path = folder / FILE
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    # Half a surrogate pair, as broken targets send it, has no UTF-8: JSON's own escape stands in.
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    return path
