"""Write .ci/THIRD_PARTY.md: what an installation of duologue brings, with licences.

python .ci/third_party.py     in an environment where the project is installed
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

PAGE = Path(__file__).parent / "THIRD_PARTY.md"
HEAD = """# What an installation brings

Everything that `pip install duologue` installs, without extras, and its licence as its own metadata
states it. Nothing of it is copied into this tree. `python .ci/third_party.py` writes this page.

| Distribution | Licence |
| --- | --- |
"""


def main() -> None:
    """Write the page."""
    rows = (f"| {name} | {licence(name)} |" for name in sorted(installed("duologue")))
    PAGE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def installed(root: str) -> set[str]:
    """Return the names of what a distribution needs, directly or not, without extras."""
    found: set[str] = set()
    todo = [root]
    while todo:
        for requirement in metadata.requires(todo.pop()) or ():
            name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
            name = re.sub(r"[-_.]+", "-", name).lower()
            needs = Requirement(requirement)
            if name in found or (needs.marker and not needs.marker.evaluate({"extra": ""})):
                continue
            try:
                metadata.distribution(name)
            except metadata.PackageNotFoundError:  # of another system or Python
                continue
            found.add(name)
            todo.append(name)
    return found


def licence(name: str) -> str:
    """Return the licence of a distribution in one line."""
    of = metadata.metadata(name)
    classifiers = [
        one.rpartition(" :: ")[2] for one in of.get_all("Classifier") or () if "License" in one
    ]
    text = of.get("License-Expression") or " and ".join(classifiers) or of.get("License") or ""
    return text.splitlines()[0] if text.strip() else "not stated"


if __name__ == "__main__":
    sys.exit(main())
