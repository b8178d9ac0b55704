"""Look up known vulnerabilities of everything in constraints.txt: ``tox -e audit``.

Exit code 1 if there is one, 0 if there is none or if the data is out of reach, which is said.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PINNED = Path(__file__).parent / "constraints.txt"
WITHIN_S = 180


def main() -> int:
    """Ask pip-audit, print what it says, and return the exit code."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(PINNED)]
    command += ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=WITHIN_S, check=False
        )
        asked = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return out_of_reach(f"no answer within {WITHIN_S} s")
    except (ValueError, KeyError):
        return out_of_reach((done.stderr.strip().splitlines() or ["no output"])[-1])
    return told(asked)


def told(asked: list[dict[str, Any]]) -> int:
    """Print the result of an audit and return the exit code."""
    known = [one for one in asked if "skip_reason" not in one]
    if not known:
        return out_of_reach(f"none of {len(asked)} packages could be looked up")
    for one in known:
        for flaw in one["vulns"]:
            fixed = ", ".join(flaw["fix_versions"]) or "no version yet"
            print(f"{one['name']} {one['version']}: {flaw['id']}, fixed in {fixed}")
    count = sum(len(one["vulns"]) for one in known)
    print(f"{len(known)} of {len(asked)} packages looked up, {count} known vulnerabilities")
    return int(count > 0)


def out_of_reach(reason: str) -> int:
    """Print that nothing was audited and return 0: no network is no vulnerability."""
    print(f"nothing was audited: pip-audit's data is out of reach here ({reason})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
