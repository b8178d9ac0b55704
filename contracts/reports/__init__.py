"""Reports: each reads the one result document, and nothing else."""

from __future__ import annotations

from duologue.contracts.reports.json_report import write_json
from duologue.contracts.reports.junit import write_junit

__all__ = ["write_json", "write_junit"]
