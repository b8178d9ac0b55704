"""Output of results: medians, Markdown tables, a JSON file, a description of the machine."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.support.processes import ROOT

ABSENT = "-"


def median(values: Iterable[float]) -> float | None:
    """Return the median; None for no values."""
    known = list(values)
    return statistics.median(known) if known else None


def ratio(value: float | None, base: float | None) -> float | None:
    """Return the value divided by the base; None if either is missing."""
    return None if value is None or not base else value / base


def shown(value: Any, digits: int = 0) -> str:
    """Return a cell: a number with so many decimals, or a dash for a missing one."""
    if value is None:
        return ABSENT
    return f"{value:,.{digits}f}" if isinstance(value, float | int) else str(value)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; the first column is left-aligned, the others right-aligned."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> dict[str, Any]:
    """Return machine, Python, commit and time of a measurement."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "commit": _commit(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def machine_line(about: dict[str, Any]) -> str:
    """Return these facts in one sentence."""
    return (
        f"{about['cores']} cores of {about['cpu']}, load {about['load']} at the end, "
        f"{about['system']}, Python {about['python']}, commit {about['commit']}, {about['at']}."
    )


def tell(progress: str) -> None:
    """Print one line of progress to stderr."""
    print(progress, file=sys.stderr, flush=True)


def publish(title: str, document: dict[str, Any], *, tables: str, output: Path | None) -> None:
    """Print the tables, and write Markdown and JSON if a folder is given."""
    about = machine()
    text = f"## {title}\n\n{machine_line(about)}\n\n{tables}\n"
    print(text)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^a-z0-9]+", "-", title.lower())
        whole = {"benchmark": title, "machine": about, **document}
        (output / f"{name}.md").write_text(text, encoding="utf-8")
        (output / f"{name}.json").write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _commit() -> str:
    if shutil.which("git") is None:
        return "unknown"
    words = ["git", "describe", "--always", "--dirty", "--abbrev=7"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
