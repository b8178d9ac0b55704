"""The README and the guides are true: their commands and options exist, their output comes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from duologue.contracts.cli import main as contracts_cli
from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.cli import cli as mockserver_cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL)
PAGES = (
    "README.md",
    "mockserver/README.md",
    "contracts/README.md",
    "openapi/README.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
)
GUIDES = PAGES[:3]
LINKING = (*PAGES, "ARCHITECTURE.md", "benchmarks/README.md", "benchmarks/MEASUREMENTS.md")
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


def text_of(page: str) -> str:
    """A page of this repository."""
    return (ROOT / page).read_text(encoding="utf-8")


def python(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a module of this environment's Python."""
    command = [sys.executable, "-m", *words]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("page", LINKING)
def test_what_a_page_links_to_is_there(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text_of(page))

    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_each_option_that_a_guide_names_exists() -> None:
    """Those of pip, venv and Node are not ours to check."""
    commands = [
        command for group in (contracts_cli, mockserver_cli) for command in group.commands.values()
    ]
    of_commands = [
        name
        for each in commands
        for option in each.params
        for name in (*option.opts, *option.secondary_opts)
    ]
    known = (
        " ".join(of_commands)
        + python("pytest", "--help").stdout
        + "--version --help --test --experimental-websocket"
    )
    named = {
        option
        for page in GUIDES
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", text_of(page))
    }

    named -= {"--contracts-", "--mockserver-"}  # the prefixes
    assert [option for option in sorted(named) if not re.search(rf"{option}\b", known)] == []


def test_each_path_that_the_architecture_names_exists() -> None:
    names = re.findall(
        r"`((?:mockserver|contracts|openapi|tests)/[\w/.]*)`", text_of("ARCHITECTURE.md")
    )

    assert len(names) > 5
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_the_glossary_has_at_most_30_terms() -> None:
    rows = text_of("ARCHITECTURE.md").split("## Glossary")[1].count("\n| ") - 1  # the head

    assert 20 < rows <= 30


def test_the_tests_of_the_mocks_guide_pass(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", text_of("mockserver/README.md"), re.DOTALL)
    examples = [each for each in blocks if "playwright" not in each]  # see test_playwright.py
    assert len(examples) == 2
    for number, example in enumerate(examples):
        (tmp_path / f"test_guide_{number}.py").write_text(example)

    done = python("pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path)

    tests = "".join(examples).count("def test_")
    assert f"{tests} passed" in done.stdout, done.stdout + done.stderr


def test_each_control_call_of_the_mocks_guide_is_answered() -> None:
    app = create_app(world=examples(42))
    client = app.test_client()
    rows = re.findall(
        r"^\| `([A-Z]+) (/_mock\S+)` \| (?:`(\{.*?\})`)? ?\|",
        text_of("mockserver/README.md"),
        re.MULTILINE,
    )
    answers = {
        path: client.open(path, method=method, json=json.loads(body) if body else None).status_code
        for method, path, body in rows
    }
    inside(app).close()

    assert len(answers) > 10
    assert {path: status for path, status in answers.items() if status >= 300} == {}


def test_the_files_of_the_suites_guide_are_taken(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", text_of("contracts/README.md"), re.DOTALL)
    cast = next(block for block in blocks if block.startswith("conversations:"))
    deviations = next(block for block in blocks if block.startswith("deviations:"))
    (tmp_path / "cast.yaml").write_text(cast)
    (tmp_path / "deviations.yaml").write_text(deviations)
    only = ("--only", "operations.get-user-conversation")
    files = ("--cast", "cast.yaml", "--accept", "deviations.yaml")

    done = python("duologue.contracts", "run", *only, *files, cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
