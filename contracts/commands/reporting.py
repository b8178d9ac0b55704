"""Where a command's reports go: the folder, the summary of the CI's step, standard output."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from duologue.contracts.commands.output import writable
from duologue.contracts.errors import OptionInvalid, OutputNotWritable, RunNotMade
from duologue.contracts.http.redaction import Redactor
from duologue.contracts.reports.registry import ALWAYS, DEFAULT, FORMATS, write_reports
from duologue.contracts.reports.terminal import summarize
from duologue.contracts.run.results import without_run

F = TypeVar("F", bound=Callable[..., Any])
SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
Document = dict[str, Any]


def report_options(command: F) -> F:
    """Add ``--output`` and ``--report``."""
    names = [name for name in FORMATS if name != ALWAYS]
    for option in (
        click.option(
            "--report",
            "report_names",
            multiple=True,
            metavar=",".join(names),
            help=f"What to write beside results.json; default: {','.join(DEFAULT)}.",
        ),
        click.option("--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR"),
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Reporting:
    """The reports that were asked for: names of formats, a folder or None, a summary or None."""

    names: tuple[str, ...]
    folder: Path | None
    summary: Path | None = None
    echo: Callable[[str], None] = click.echo

    def write(self, document: Document) -> None:
        """Write all reports; raise OutputNotWritable."""
        for name in self.names:
            if not FORMATS[name].file:
                self.echo(FORMATS[name].render(document).rstrip("\n"))
        if self.folder is not None:
            self._write_to(self.folder, document)
        if self.summary is not None and "markdown" in self.names:
            self._append_summary(self.summary, FORMATS["markdown"].render(document))

    def _write_to(self, folder: Path, document: Document) -> None:
        try:
            written = write_reports(document, folder, names=self.names)
        except OSError as cause:
            raise OutputNotWritable(folder, cause.strerror or str(cause)) from cause
        if written:
            self.echo(f"reports: {', '.join(str(path) for path in written)}")

    @contextlib.contextmanager
    def told_if_not_made(self, redactor: Redactor) -> Iterator[None]:
        """Write the reports of a run that could not be made, too; each says why in a sentence."""
        try:
            yield
        except OutputNotWritable:
            raise
        except RunNotMade as cause:
            self._write_not_made(redactor.text(" ".join(str(cause).split())))
            raise
        except KeyboardInterrupt:
            self._write_not_made("it was interrupted before the first request")
            raise

    def _write_not_made(self, sentence: str) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.write(without_run(sentence, started_at=now))

    def _append_summary(self, path: Path, text: str) -> None:
        try:
            with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(f"{text}\n")
        except OSError as cause:
            why = cause.strerror or str(cause)
            raise OutputNotWritable(path, why, option=SUMMARY_VARIABLE) from cause


def report(document: Document, reports: Reporting) -> None:
    """Print the summary of a result document and write its reports; raise OutputNotWritable."""
    summarize(document, Console(highlight=False))
    reports.write(document)


NOWHERE = Reporting((), None)


def reporting(
    asked: Iterable[str], output: Path | None, *, environ: Mapping[str, str] = os.environ
) -> Reporting:
    """Return where the reports go, once the folder is tried and an earlier run's are removed.

    Raises OptionInvalid for an unknown format or one that has nowhere to go, OutputNotWritable.
    """
    names = [name for words in asked for name in words.replace(" ", "").split(",") if name]
    for name in names:
        if name not in FORMATS:
            raise OptionInvalid("--report", f"no format {name!r}: use {', '.join(FORMATS)}")
    summary = environ.get(SUMMARY_VARIABLE) or None
    if output is None:
        _must_have_a_place(names, has_summary=summary is not None)
    chosen = dict.fromkeys((ALWAYS, *(names or (DEFAULT if output else ()))))
    return Reporting(tuple(chosen), writable(output), Path(summary) if summary else None)


def _must_have_a_place(names: Iterable[str], *, has_summary: bool) -> None:
    for name in names:
        if FORMATS[name].file and not (name == "markdown" and has_summary):
            hint = f", or set {SUMMARY_VARIABLE}" if name == "markdown" else ""
            raise OptionInvalid("--report", f"{name} needs a folder: add --output DIR{hint}")
