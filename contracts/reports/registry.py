"""The registry of report formats: a new format is one module and one row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from duologue.contracts.reports.json_report import write_json
from duologue.contracts.reports.junit import write_junit

Writer = Callable[[dict[str, Any], Path], Path]

# Each writer takes the result document and a folder, and returns the path of the file it wrote.
FORMATS: Mapping[str, Writer] = {
    "json": write_json,
    "junit": write_junit,
}


def write_reports(
    document: dict[str, Any], folder: Path, *, formats: Mapping[str, Writer] = FORMATS
) -> list[Path]:
    """Write the result document in every format and return the paths; raise OSError."""
    return [write(document, folder) for write in formats.values()]
