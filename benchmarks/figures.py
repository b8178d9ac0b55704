"""Figures as people and programs read them: medians, Markdown tables, a JSON file, the machine."""

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

from benchmarks.processes import ROOT

ABSENT = "-"


def median(values: Iterable[float]) -> float | None:
    """The middle value; None where there is none."""
    known = list(values)
    return statistics.median(known) if known else None


def ratio(value: float | None, base: float | None) -> float | None:
    """How many times the base the value is; None where either is missing."""
    return None if value is None or not base else value / base


def shown(value: Any, digits: int = 0) -> str:
    """A cell: a number with so many digits after the point, a dash for what is missing."""
    if value is None:
        return ABSENT
    return f"{value:,.{digits}f}" if isinstance(value, float | int) else str(value)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first column leans left, the others right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> dict[str, Any]:
    """What was measured on, by what, and when."""
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
    """The same in one sentence."""
    return (
        f"{about['cores']} cores of {about['cpu']}, load {about['load']} at the end, "
        f"{about['system']}, Python {about['python']}, commit {about['commit']}, {about['at']}."
    )


def tell(progress: str) -> None:
    """One line of progress, beside the tables."""
    print(progress, file=sys.stderr, flush=True)


def publish(title: str, document: dict[str, Any], *, tables: str, output: Path | None) -> None:
    """Print the tables, and keep both forms where a folder is named."""
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
