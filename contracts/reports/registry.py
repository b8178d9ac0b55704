"""The registry of report formats: a new format is one module and one row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from duologue.contracts.reports.json_report import FILE as JSON_FILE
from duologue.contracts.reports.json_report import write_json
from duologue.contracts.reports.junit import FILE as JUNIT_FILE
from duologue.contracts.reports.junit import write_junit

Writer = Callable[[dict[str, Any], Path], Path]

# Each writer takes the result document and a folder, and returns the path of the file it wrote.
FORMATS: Mapping[str, Writer] = {
    "json": write_json,
    "junit": write_junit,
}
# The files that they write.
REPORT_FILES = (JSON_FILE, JUNIT_FILE)


def remove_reports(folder: Path) -> None:
    """Remove the reports of an earlier run, which this run must not seem to have written."""
    for name in REPORT_FILES:
        (folder / name).unlink(missing_ok=True)


def write_reports(
    document: dict[str, Any], folder: Path, *, formats: Mapping[str, Writer] = FORMATS
) -> list[Path]:
    """Write the result document in every format and return the paths; raise OSError."""
    return [write(document, folder) for write in formats.values()]
