"""Write .ci/THIRD_PARTY.md: what an installation of duologue brings, with licences.

python .ci/third_party.py     in an environment where the project is installed
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

EXTRAS = ("postgres", "xdist")  # those that are not for work on this project
PAGE = Path(__file__).parent / "THIRD_PARTY.md"
HEAD = """# What an installation brings

Everything that `pip install duologue[postgres,xdist]` installs, and its licence as its own metadata
states it; psycopg comes with `postgres` alone. Nothing of it is copied into this tree.
`python .ci/third_party.py` writes this page.

| Distribution | Licence |
| --- | --- |
"""


def main() -> None:
    """Write the page."""
    rows = (f"| {name} | {licence(name)} |" for name in sorted(installed("duologue", EXTRAS)))
    PAGE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def installed(root: str, extras: Collection[str] = ()) -> set[str]:
    """Return the names of what a distribution needs with these extras, directly or not."""
    found: set[str] = set()
    todo = [(root, {"", *extras})]
    while todo:
        of, wanted = todo.pop()
        for needs in map(Requirement, metadata.requires(of) or ()):
            name = re.sub(r"[-_.]+", "-", needs.name).lower()
            is_needed = not needs.marker or any(needs.marker.evaluate({"extra": e}) for e in wanted)
            if name in found or not is_needed:
                continue
            try:
                metadata.distribution(name)
            except metadata.PackageNotFoundError:  # of another system or Python
                continue
            found.add(name)
            todo.append((name, {"", *needs.extras}))
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
