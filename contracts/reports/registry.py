"""The registry of report formats: a new format is one module and one row here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duologue.contracts.reports import html_report, json_report, junit, markdown, sarif
from duologue.contracts.reports.github import github
from duologue.openapi.whole_file import write_whole

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Format:
    """A report format: what makes its text of the result document, and the name of its file.

    Without a name the text goes to standard output. ``without_run`` where it can also tell why a
    run could not be made.
    """

    render: Callable[[Document], str]
    file: str = ""
    without_run: bool = True


FORMATS: Mapping[str, Format] = {
    # No result document tells of a run that was not made: a comparison must not find one.
    "json": Format(json_report.json_report, json_report.FILE, without_run=False),
    "html": Format(html_report.html_report, html_report.FILE),
    "junit": Format(junit.junit, junit.FILE),
    "markdown": Format(markdown.markdown, markdown.FILE),
    "sarif": Format(sarif.sarif, sarif.FILE),
    "github": Format(github),
}
ALWAYS = "json"
DEFAULT = ("html", "junit")


def remove_reports(folder: Path, *, formats: Mapping[str, Format] = FORMATS) -> None:
    """Remove the reports of an earlier run, which this run must not seem to have written."""
    for each in formats.values():
        if each.file:
            (folder / each.file).unlink(missing_ok=True)


def write_reports(
    document: Document,
    folder: Path,
    *,
    names: Iterable[str],
    formats: Mapping[str, Format] = FORMATS,
) -> list[Path]:
    """Write the result document in the named formats that have a file; return the paths.

    Each file is written whole or not at all. Raises OSError.
    """
    written: list[Path] = []
    for each in (formats[name] for name in names):
        if each.file and (each.without_run or not document.get("not_made")):
            path = folder / each.file
            write_whole(path, each.render(document))
            written.append(path)
    return written
