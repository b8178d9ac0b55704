"""The test in Node that the mock's guide shows passes as it stands, but for the port."""

from __future__ import annotations

import re
import subprocess
import textwrap
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "mockserver" / "README.md"
RUN_WITHIN_S = 120


@pytest.fixture
def program() -> str:
    """The block of the guide that Node's own runner runs."""
    blocks = re.findall(r"```javascript\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    (found,) = (each for each in blocks if "node:test" in each)
    return textwrap.dedent(found)


def test_it_passes(sdk, program, inbox_over_tls):
    url, environment = inbox_over_tls
    path = sdk / "guide.test.mjs"
    path.write_text(program.replace("localhost:8080/v3", url.partition("//")[2]), "utf-8")

    done = subprocess.run(
        ["node", "--test", path.name],
        cwd=sdk,
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_WITHIN_S,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert re.search(r"^# pass 1$", done.stdout, re.MULTILINE), done.stdout
