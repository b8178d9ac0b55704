"""The Playwright tests of the mock's guide, in Debian's Chromium."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import duologue.mockserver
from support.clients.browser import PATIENCE_MS, SWITCHES, browser, chromium

__all__ = ("browser",)
pytestmark = pytest.mark.starts_browser
# What is no part of the guide: its own bounds, of 5 s and 30 s, are for a machine of one's own.
PATIENT = f"""
import pytest
from playwright.sync_api import expect

expect.set_options(timeout={PATIENCE_MS})


@pytest.fixture(autouse=True)
def patience(page):
    page.set_default_timeout({PATIENCE_MS})
"""
GUIDE = Path(duologue.mockserver.__file__).parent / "README.md"


def test_the_playwright_tests_of_the_mocks_guide_pass(browser, tmp_path):
    """`browser` skips where there is none, and fails where CI has to have one."""
    blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (program,) = (each for each in blocks if "playwright" in each)
    launch = f"launch(executable_path={chromium()!r}, args={[*SWITCHES]!r})"
    (tmp_path / "test_guide.py").write_text(program.replace("launch()", launch))
    (tmp_path / "conftest.py").write_text(PATIENT)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    tests = program.count("def test_")
    assert f"{tests} passed" in done.stdout, done.stdout + done.stderr
