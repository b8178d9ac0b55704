"""Where a command writes: standard output in any encoding, and the folder for reports."""

from __future__ import annotations

import contextlib
import errno
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from duologue.contracts.errors import INTERRUPTED, OutputNotWritable
from duologue.contracts.reports.registry import remove_reports

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def take_any_character() -> None:
    """Let standard output take characters that its encoding lacks (cp1252, ASCII), as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class TolerantFile(io.RawIOBase):
    """A file that takes everything: ``problem`` is why what was written is not all there.

    A command then does its whole work (removal and reports) where nobody can be told of it.
    """

    def __init__(self, file: io.RawIOBase) -> None:
        super().__init__()
        self._file = file
        self.problem: OSError | None = None

    def write(self, content: ReadableBuffer, /) -> int:
        """Write what can be written; return the length of all of it after the first failure."""
        if self.problem is None:
            try:
                return self._file.write(content) or 0
            except OSError as cause:
                self.problem = cause
        return memoryview(content).nbytes

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the number of the file below."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Return whether the file below is a terminal."""
        return self._file.isatty()


class Commands(click.Group):
    """A group of commands: exit code 2 where standard output could not take what they said.

    Neither 0 nor 1 would be worth its word to who reads it.
    """

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command; raise SystemExit."""
        with _tolerant("stderr"), _tolerant("stdout") as told:
            try:
                return super().main(*args, **kwargs)
            except SystemExit as ending:
                if told is None or not _is_lost(told) or ending.code == INTERRUPTED:
                    raise
                raise SystemExit(2) from None


@contextlib.contextmanager
def _tolerant(name: str) -> Iterator[TolerantFile | None]:
    """Put a tolerant file under ``sys.stdout`` or ``sys.stderr``; None where that is no file."""
    stream = getattr(sys, name)
    below = getattr(stream, "buffer", None)
    raw = getattr(below, "raw", below)
    if not isinstance(stream, io.TextIOWrapper) or not isinstance(raw, io.FileIO):
        yield None
        return
    tolerant = TolerantFile(raw)
    text = io.TextIOWrapper(
        io.BufferedWriter(tolerant),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
    setattr(sys, name, text)
    try:
        yield tolerant
    finally:
        text.flush()
        setattr(sys, name, stream)


def _is_lost(told: TolerantFile) -> bool:
    """Return whether standard output is not all there; say so, unless its reader has gone."""
    sys.stdout.flush()
    if told.problem is None:
        return False
    if told.problem.errno != errno.EPIPE:  # as with '| head': nobody waits for the rest
        why = told.problem.strerror
        hint = "make room there, or send it to another place"
        click.echo(f"contracts: standard output cannot be written ({why}): {hint}", err=True)
    return True


def writable(folder: Path | None) -> Path | None:
    """Return the report folder once it is made, tried, and without reports of an earlier run.

    Raises OutputNotWritable.
    """
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".contracts-probe"
        probe.write_text("")
        probe.unlink()
        remove_reports(folder)
    except OSError as cause:
        raise OutputNotWritable(folder, cause.strerror or str(cause)) from cause
    return folder
