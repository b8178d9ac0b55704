"""Reports: each format reads the one result document, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from duologue.contracts.reports.json_report import write_json
from duologue.contracts.reports.junit import write_junit

Writer = Callable[[dict[str, Any], Path], Path]

# What `contracts run --output` writes: each takes the result document and the folder, and returns
# the path of its file. Raises OSError.
FORMATS: tuple[Writer, ...] = (write_json, write_junit)
