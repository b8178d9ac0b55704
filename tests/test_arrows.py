"""The house's arrows: which room may import which, read from every import in the tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HALVES = ("openapi", "fixtures", "mockserver", "contracts")

# Room -> what no module in it may import, its own rooms' rules on top.
FORBIDDEN: dict[str, tuple[str, ...]] = {
    "openapi": ("fixtures", "mockserver", "contracts"),
    "fixtures": ("openapi", "mockserver", "contracts", "flask", "sqlalchemy"),
    "mockserver": ("contracts",),
    "contracts": ("mockserver", "fixtures", "flask", "sqlalchemy"),
    "mockserver.domain": (
        *("flask", "sqlalchemy", "faker", "time", "random", "datetime", "openapi", "fixtures"),
        *("mockserver.store", "mockserver.http", "mockserver.usecases", "mockserver.app"),
    ),
    "mockserver.store": (
        "flask",
        "mockserver.http",
        "mockserver.usecases",
        "mockserver.app",
        "openapi",
    ),
    "mockserver.usecases": ("flask", "mockserver.http", "mockserver.app"),
    "mockserver.inspector": ("mockserver.app", "mockserver.cli"),
    "mockserver.control": ("mockserver.app", "mockserver.cli", "mockserver.inspector"),
    "mockserver.http": ("mockserver.app", "mockserver.cli", "sqlalchemy"),
    "contracts.http": ("contracts.run", "contracts.clauses", "contracts.context"),
    "contracts.context": (
        "contracts.run",
        "contracts.clauses",
        "contracts.cli",
        "contracts.reports",
    ),
    "contracts.clauses": ("contracts.run", "contracts.cli", "contracts.reports", "schemathesis"),
    "contracts.reports": ("contracts.run.runner", "contracts.clauses", "contracts.http"),
    "contracts.run": ("contracts.cli", "contracts.reports", "schemathesis"),
}
ENGINE_USERS = {"contracts.fuzz.schemathesis_adapter"}


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the four packages, by its dotted name."""
    for half in HALVES:
        for path in sorted((ROOT / half).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(path: Path) -> set[str]:
    """Return all that a module imports, anywhere in it, type-only imports included.

    Our own packages are named without their common prefix ``duologue.``.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute, so that arrows can be read"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return {name.removeprefix("duologue.") for name in found}


def lies_in(module: str, room: str) -> bool:
    """Whether a dotted name is a room or lies in it."""
    return module == room or module.startswith(room + ".")


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=str)
def test_no_arrow_points_the_wrong_way(module: str, path: Path) -> None:
    """A room imports only what lies to its right."""
    wrong = {
        (room, name)
        for room, forbidden in FORBIDDEN.items()
        if lies_in(module, room)
        for name in imports(path)
        for never in forbidden
        if lies_in(name, never)
    }

    assert not wrong


def test_one_module_speaks_to_the_engine() -> None:
    """Only one module of the suite imports schemathesis."""
    users = {
        module
        for module, path in modules()
        if any(lies_in(name, "schemathesis") for name in imports(path))
    }

    assert users <= ENGINE_USERS


def test_the_reader_of_imports_sees_a_wrong_arrow(tmp_path: Path) -> None:
    """The check itself can fail: an import inside a function is seen."""
    module = tmp_path / "module.py"
    module.write_text("def f():\n    from duologue.mockserver.store import rows\n")

    assert "mockserver.store" in imports(module)
