"""Where a command writes: standard output in any encoding, and the folder for reports."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from duologue.contracts.errors import OutputNotWritable
from duologue.contracts.reports.registry import remove_reports


def take_any_character() -> None:
    """Let standard output take characters that its encoding lacks (cp1252, ASCII), as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


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
