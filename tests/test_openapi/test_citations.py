"""Every citation in the repository leads to READINGS.md, EVIDENCE.md or a heading listed there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import duologue.contracts.clauses
from duologue import openapi
from duologue.contracts.clause import REGISTRY
from duologue.mockserver.variants import VARIANTS
from duologue.openapi import readings
from duologue.openapi.bundle import read

ROOT = Path(__file__).parents[2]
FOLDERS = ("openapi", "mockserver", "contracts", "fixtures", "tests", "benchmarks")
KINDS = {".py", ".yaml", ".md", ".html", ".j2", ".js", ".css"}
# Numbers that are made up on purpose, so that a refusal of them can be tried.
MADE_UP = {Path(__file__), Path(__file__).with_name("test_readings.py")}

# Documents that do not lie in the repository: what they say is cited from where it stands here.
ELSEWHERE = re.compile(
    r"api[- ]facts|sdk-facts|sdk-socket|\bshared/|engineering[- ]notes|of the facts|\bissue \d"
)
LINTER = re.compile(r"#\s*(?:noqa|ruff|type):.*")
STATED = re.compile(r"Source: (.+?)\.(?=\W|$)")


def texts() -> Iterator[tuple[Path, str]]:
    """Every file that people write, with its text."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    for path in sorted([*found, *ROOT.glob("*.md")]):
        if path.suffix in KINDS and path not in MADE_UP and "node_modules" not in path.parts:
            yield path, path.read_text("utf-8")


def numbers(text: str) -> list[str]:
    """The numbers of readings and facts that a text cites; the codes of the linter are others."""
    return readings.NUMBER.findall(LINTER.sub("", text))


def test_every_number_is_a_reading_or_a_fact() -> None:
    """B6 or E12, wherever it stands: in code, tests, documents, overlays and guides."""
    known = {*readings.readings(), *readings.facts()}
    unknown = {
        f"{path.relative_to(ROOT)}: {number}"
        for path, text in texts()
        for number in numbers(text)
        if number not in known
    }

    assert unknown == set()


def sources() -> Iterator[Any]:
    """Each "Source: ..." in the descriptions of the documents, with its file."""
    for path in sorted((ROOT / "openapi").rglob("*.yaml")):
        for source in STATED.findall(" ".join(path.read_text("utf-8").split())):
            name = f"{path.relative_to(ROOT / 'openapi')}: {source}"
            yield pytest.param(source, id=name.replace("/", " "))


@pytest.mark.parametrize("source", list(sources()))
def test_the_source_of_a_description_is_resolved(source: str) -> None:
    """Headings by their names, readings and facts by their numbers."""
    assert readings.resolve(source)


def test_the_search_finds_the_sources_of_descriptions() -> None:
    """More than fifty of them, so that none is passed over because of how it is folded."""
    assert len(list(sources())) > 50


def in_parentheses() -> Iterator[Any]:
    """Each "(heading; readings B6)" with which people end a statement, with its file."""
    for path, text in texts():
        for source in re.findall(r"\(([^()]*\breadings [^()]*)\)", " ".join(text.split())):
            yield pytest.param(source, id=f"{path.relative_to(ROOT)} {source}".replace("/", " "))


@pytest.mark.parametrize("source", list(in_parentheses()))
def test_a_source_in_parentheses_is_resolved(source: str) -> None:
    """In docstrings and comments of code and tests."""
    assert readings.resolve(source)


def rules() -> Iterator[Any]:
    """The arguments of each @rule in the mock, with the function's name."""
    for path in sorted((ROOT / "mockserver").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "rule":
                    numbers = [ast.literal_eval(each) for each in call.args]
                    headings = [ast.literal_eval(each.value) for each in call.keywords]
                    yield pytest.param(numbers, headings, id=f"{path.stem}.{node.name}")


@pytest.mark.parametrize(("numbers", "headings"), list(rules()))
def test_the_source_of_a_rule_of_the_mock_is_resolved(
    numbers: list[str], headings: list[str]
) -> None:
    """Readings and facts by number, and a heading by its exact name."""
    cited = [each.number for each in readings.resolve("; ".join([*headings, *numbers]))]

    assert cited == [*headings, *numbers]


def test_the_search_finds_the_rules_of_the_mock() -> None:
    """However the decorator is written."""
    assert len(list(rules())) > 80


@pytest.mark.parametrize("overlay", openapi.overlays())
def test_each_description_of_an_overlay_is_a_reading(overlay: str) -> None:
    """An action that says what it is for names the reading whose live behaviour it brings."""
    document = read(ROOT / "openapi" / "overlays" / f"{overlay}.yaml")
    descriptions = [
        action["description"] for action in document["actions"] if "description" in action
    ]
    cited = [each for description in descriptions for each in readings.resolve(description)]

    assert cited
    assert all(isinstance(each, readings.Reading) for each in cited)


def test_no_document_outside_the_repository_is_cited() -> None:
    """A reader can open all that is cited."""
    cited = {
        f"{path.relative_to(ROOT)}: {found}"
        for path, text in texts()
        for found in ELSEWHERE.findall(text)
    }

    assert cited == set()


@pytest.mark.parametrize("clause", REGISTRY.values(), ids=lambda clause: clause.id)
def test_the_source_of_a_clause_is_resolved(clause: duologue.contracts.clause.Clause) -> None:
    """Each clause names a heading, a reading or a fact."""
    assert readings.resolve(clause.source)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_source_of_a_variant_is_resolved(name: str) -> None:
    """Each conforming variant names the reading that leaves it open, or the fact that shows it."""
    assert readings.resolve(VARIANTS[name].reading)


@pytest.mark.parametrize("text", ["see B29", "(readings C10)", "E999 shows it", "T99"])
def test_a_number_that_leads_nowhere_is_found(text: str) -> None:
    """The search itself sees such numbers."""
    assert [each for each in numbers(text) if each not in readings.readings()]


@pytest.mark.parametrize(
    "text", ["%E2%98", "#B22", "x  # noqa: E402", "ABC12", "UTF-E8x", "C0 controls"]
)
def test_what_only_looks_like_a_number_is_passed_over(text: str) -> None:
    """Escapes, colours, codes of the linter and parts of words."""
    assert numbers(text) == []
