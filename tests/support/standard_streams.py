"""A command whose caller has closed one of its standard streams."""

from __future__ import annotations

import subprocess
import sys

WITHIN_S = 60


def lowest_new_number(half: str, closed: int) -> int:
    """Return the lowest number of a new pipe once the command of a half has begun."""
    start = (
        f"import os; os.close({closed}); from duologue.{half} import __main__ as command\n"
        "command._open_standard_streams()\n"
        "raise SystemExit(min(os.pipe()))"
    )
    return subprocess.run([sys.executable, "-c", start], timeout=WITHIN_S, check=False).returncode
