"""What npm fetches for tests that are asked for by a variable: without it they fail, not skip."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

INSTALL = ("install", "--no-audit", "--no-fund", "--ignore-scripts")
WITHIN_S = 240


def npm(*words: str, folder: Path, asked_by: str) -> str:
    """Run npm in a folder and return its stdout; fail the test with one sentence if it cannot.

    `asked_by` names the variable that is set where these tests have to run.
    """
    hint = f"{asked_by} is set, so this is no reason to skip; without it these tests are skipped."
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            pytest.fail(f"{tool} is not on the PATH. {hint}", pytrace=False)
    try:
        done = subprocess.run(
            ["npm", *words],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=WITHIN_S,
        )
    except subprocess.TimeoutExpired:
        pytest.fail(f"npm {words[0]} took over {WITHIN_S} s. {hint}", pytrace=False)
    if done.returncode:
        packages = " ".join(word for word in words[1:] if not word.startswith("-"))
        reason = done.stderr.strip()[-300:]
        pytest.fail(f"npm cannot fetch {packages}: {reason}\n{hint}", pytrace=False)
    return done.stdout
