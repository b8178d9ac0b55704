"""The README tells the truth: its commands are CI's, its output is what comes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL)
CHANGING = re.compile(r"\d+(\.\d+)?")


def command_of(block: str) -> str:
    """The first command of a console block, without its comment."""
    return block.splitlines()[0].removeprefix("$ ").split("  #")[0].strip()


def test_the_first_block_stands_within_25_lines() -> None:
    """Who opens the README sees a command and its output at once."""
    head = "\n".join(README.splitlines()[:25])

    assert f"$ {command_of(BLOCKS[0])}" in head
    assert "all held in" in head


def test_ci_calls_the_test_command_word_for_word() -> None:
    """CI runs what the README tells people to run."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert command_of(BLOCKS[1]) in script


def test_the_main_job_prints_what_the_readme_shows(tmp_path: Path) -> None:
    """The shown output is the output, but for the port, the seconds and the folder."""
    words = command_of(BLOCKS[0]).rpartition("&& .venv/bin/contracts ")[2].split()
    shown = BLOCKS[0].splitlines()[1:]

    done = subprocess.run(
        [sys.executable, "-m", "duologue.contracts", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    printed = {CHANGING.sub("N", line) for line in done.stdout.splitlines()}
    expected = {CHANGING.sub("N", line) for line in shown if line != "..."}
    assert expected <= printed, done.stdout[-2000:] + done.stderr
    assert re.findall(r"(\d+) held", README)[0] == re.findall(r"(\d+) held,", done.stdout)[0]
    assert done.returncode == 0


def test_every_top_level_folder_is_on_the_map() -> None:
    """The README's tree names each folder that holds code."""
    tree = README.split("## The tree")[1]

    for name in ("openapi", "fixtures", "mockserver", "contracts", "tests", "benchmarks"):
        assert f"{name}/" in tree
