"""What other tools say of our pairs: ``python -m benchmarks.accuracy.second_opinions``.

`contracts diff` and two others judge each pair of the tests in both directions: does the change
break a client? api-smart-diff (npm) judges whole documents, jsonsubschema (pip) the schemas of
requests. Both are installed at run time into the cache, at pinned versions. A disagreement without
an explanation below is told, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import io
import json
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.accuracy.opinions import explained
from benchmarks.rivals import npm
from benchmarks.support.figures import publish, table, tell
from duologue.contracts.diff.document import Document
from duologue.contracts.diff.findings import Severity
from duologue.contracts.diff.rules.operations import compare
from duologue.contracts.diff.sources import StdinSource

TESTS = Path(__file__).parents[2] / "tests"
TODAY = dt.date(2026, 6, 1)
SMART_DIFF, SUBSCHEMA = "api-smart-diff 1.0.6", "jsonsubschema 0.0.8"
INSTALL_WITHIN_S, SCHEMA_WITHIN_S = 300, 5


@dataclass(frozen=True)
class Pair:
    """Two documents, and the schemas of the request in them where they differ in nothing else."""

    name: str
    old: dict[str, Any]
    new: dict[str, Any]
    schemas: tuple[Any, Any] | None = None


def pairs() -> Iterator[Pair]:
    """Yield the pairs of the tests, in both directions."""
    sys.path.insert(0, str(TESTS))
    operations = _module("test_operation_pairs")
    schemas = _module("test_schema_pairs")
    for name, (old, new, *_) in operations.PAIRS.items():
        yield Pair(f"{name} >", old, new)
        yield Pair(f"{name} <", new, old)
    for name, (wide, narrow, *_) in schemas.NARROWER.items():
        for side, around in (("request", schemas.body), ("response", schemas.answer)):
            both = (wide, narrow) if side == "request" else None
            yield Pair(f"{side}: {name} >", around(wide), around(narrow), both)
            yield Pair(f"{side}: {name} <", around(narrow), around(wide), both and both[::-1])


def _module(name: str) -> Any:
    sys.path.insert(0, str(TESTS / "test_contracts" / "test_diff"))
    return importlib.import_module(name)


# -- three opinions -----------------------------------------------------------------------------


def ours(each: Pair) -> bool:
    """Return whether `contracts diff` finds the change breaking."""
    old, new = (
        Document(StdinSource(io.BytesIO(json.dumps(side).encode())))
        for side in (each.old, each.new)
    )
    return any(one.severity is Severity.BREAKING for one in compare(old, new, TODAY))


SCRIPT = """
const {apiDiff} = require("api-smart-diff");
for (const line of require("fs").readFileSync(0, "utf8").split("\\n").filter(Boolean)) {
  const [before, after] = JSON.parse(line);
  let said = null;
  try { said = apiDiff(before, after).some((one) => one.type === "breaking"); } catch {}
  console.log(JSON.stringify(said));
}
"""


def of_smart_diff(every: list[Pair]) -> list[bool | None]:
    """Return whether api-smart-diff finds each change breaking, None where it failed."""
    packages = {"api-smart-diff": SMART_DIFF.rpartition(" ")[2]}
    place = npm.installed(packages, place=npm.folder().with_name("opinions"))
    lines = "\n".join(json.dumps([each.old, each.new]) for each in every)
    done = subprocess.run(
        ["node", "-e", SCRIPT], cwd=place, input=lines, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


JUDGE = """
import json, signal, sys
from jsonsubschema import isSubschema
def stop(*_): raise TimeoutError
signal.signal(signal.SIGALRM, stop)
for line in sys.stdin:
    one, other = json.loads(line)
    signal.alarm(%d)
    try: said = not isSubschema(one, other)
    except Exception: said = None
    signal.alarm(0)
    print(json.dumps(said), flush=True)
"""


def of_subschema(every: list[Pair]) -> list[bool | None]:
    """Return whether jsonsubschema finds that requests are refused now; None where it fails."""
    python = npm.folder().with_name("subschema") / "bin" / "python"
    if not python.exists():
        venv.create(python.parents[2], with_pip=True)
        words = [python, "-m", "pip", "install", "-q", SUBSCHEMA.replace(" ", "==")]
        subprocess.run(words, check=True, timeout=INSTALL_WITHIN_S)
    lines = "\n".join(json.dumps(each.schemas) for each in every)
    words = [python, "-W", "ignore", "-c", JUDGE % SCHEMA_WITHIN_S]
    done = subprocess.run(words, input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


# -- the table ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Disagreement:
    """One pair of which another tool says something else than we do."""

    tool: str
    pair: str
    ours: bool
    other: bool | None

    @property
    def why(self) -> str:
        """Return the explanation, empty without one."""
        return explained(self.tool.split(maxsplit=1)[0], self.pair)


WORDS = {True: "breaking", False: "harmless", None: "no opinion"}


def main() -> None:
    """Print the agreement with each tool, and each disagreement with its explanation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, metavar="DIR")
    output = parser.parse_args().output
    every = list(pairs())
    mine = [ours(each) for each in every]
    theirs = {SMART_DIFF: (every, of_smart_diff(every))}
    judged = [each for each in every if each.schemas is not None]
    tell(f"{len(judged)} pairs of schemas for jsonsubschema")
    theirs[SUBSCHEMA] = (judged, of_subschema(judged))
    known = {each.name: said for each, said in zip(every, mine, strict=True)}
    differ = [
        Disagreement(tool, each.name, known[each.name], said)
        for tool, (asked, answers) in theirs.items()
        for each, said in zip(asked, answers, strict=True)
        if said != known[each.name]
    ]
    counts = [
        [tool, str(len(asked)), str(len(asked) - sum(one.tool == tool for one in differ))]
        for tool, (asked, _) in theirs.items()
    ]
    rows = [
        [one.tool.split()[0], one.pair, WORDS[one.ours], WORDS[one.other], one.why or "UNEXPLAINED"]
        for one in differ
    ]
    text = "\n\n".join(
        [
            table(["tool", "asked", "agree"], counts),
            table(["tool", "pair", "we say", "it says", "why"], rows),
        ]
    )
    publish("Second opinions", {"disagreements": rows}, tables=text, output=output)
    sys.exit(int(any(not one.why for one in differ)))


if __name__ == "__main__":
    main()
