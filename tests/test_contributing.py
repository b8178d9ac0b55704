"""The recipes of CONTRIBUTING.md name what is there."""

import ast
import builtins
import importlib
import re
import textwrap
from pathlib import Path

import pytest

from duologue.mockserver.faults.fault import Fault

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^ +```python\n(.*?)^ +```", re.DOTALL | re.MULTILINE)
CLAUSE, FAULT = (textwrap.dedent(block) for block in BLOCK.findall(PAGE))
MENTIONED = re.compile(r"`((?:contracts|mockserver|openapi|tests)/[\w./]+)`")


def undefined_names(code: str, module: str) -> set[str]:
    """Return the names that the code reads and neither sets itself nor finds in the module."""
    tree = ast.parse(code)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    own |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    known = own | set(vars(importlib.import_module(module))) | set(vars(builtins))
    return {node.id for node in names} - known


@pytest.mark.parametrize(
    ("code", "module"),
    [
        pytest.param(CLAUSE, "duologue.contracts.clauses.listing", id="clause"),
        pytest.param(FAULT, "duologue.mockserver.faults.listing", id="fault"),
    ],
)
def test_the_code_of_a_recipe_uses_names_of_its_module(code: str, module: str) -> None:
    assert undefined_names(code, module) == set()


def test_the_fault_of_the_recipe_is_a_fault() -> None:
    names = vars(importlib.import_module("duologue.mockserver.faults.listing"))

    fault = eval(FAULT, dict(names))

    assert isinstance(fault, Fault)
    assert f"`contracts drill --fault {fault.name}`" in PAGE.replace(".venv/bin/", "")


def test_the_files_of_the_recipes_are_there() -> None:
    paths = set(MENTIONED.findall(PAGE))

    assert paths
    assert {path for path in paths if not (ROOT / path).exists() and path.islower()} == set()
