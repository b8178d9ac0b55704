"""The house's arrows: which room may import which, read from every import in the tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HALVES = ("openapi", "fixtures", "mockserver", "contracts")

# The rooms of the suite by their distance from the document; those of one row are neighbours.
MIDDLE = ("contracts.fuzz", "contracts.stateful")
RIGHT_TO_LEFT = (
    "contracts.http",
    "contracts.context",
    "contracts.clause",
    *MIDDLE,
    "contracts.run",
    "contracts.clauses",
    "contracts.session",
    "contracts.drill",
    "contracts.diff",
    "contracts.proxy",
    "contracts.reports",
    "contracts.compare",
    "contracts.commands",
    "contracts.cli",
    "contracts.plugin",
    "contracts.test_clauses",
)

DIFF_READS = ("contracts.run", "contracts.diff")
REPORTS_READ = ("contracts.clause", "contracts.run", "contracts.reports")


def beyond(room: str, *neighbours: str) -> tuple[str, ...]:
    """Return the rooms to the left of a room, without those it may import all the same."""
    left = RIGHT_TO_LEFT[RIGHT_TO_LEFT.index(room) + 1 :]
    return tuple(each for each in left if each not in neighbours)


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
    # cli, plugin -> session -> {run, clauses, fuzz, stateful} -> context -> http -> openapi
    "contracts.http": beyond("contracts.http"),
    "contracts.context": beyond("contracts.context"),
    "contracts.fuzz": (*beyond("contracts.fuzz", "contracts.stateful"), "contracts.run"),
    "contracts.stateful": (*beyond("contracts.stateful", "contracts.fuzz"), "contracts.run"),
    "contracts.clauses": (*beyond("contracts.clauses", *MIDDLE), "contracts.run", "schemathesis"),
    "contracts.run": (*beyond("contracts.run"), "schemathesis"),
    "contracts.diff": tuple(room for room in RIGHT_TO_LEFT if room not in DIFF_READS),
    "contracts.reports": (
        "contracts.run.runner",
        *(room for room in RIGHT_TO_LEFT if room not in REPORTS_READ),
    ),
}
# Room of the mock -> all rooms of the distribution that it may import, beside itself.
_LOWER = {"behaviours", "usecases", "store", "domain", "clock", "errors"}
ALLOWED: dict[str, set[str]] = {
    "mockserver.domain": set(),
    "mockserver.clock": set(),
    "mockserver.errors": {"domain"},
    "mockserver.settings": {"domain", "errors", "store.state_urls"},
    "mockserver.store": {"domain", "errors"},
    "mockserver.behaviours": {"usecases.types", "http.api_response", "store", "domain", "clock"},
    "mockserver.usecases": {"behaviours", "store", "domain", "clock"},
    "mockserver.http": _LOWER,
    "mockserver.documented": {"http", *_LOWER},
    "mockserver.error_texts": {"domain"},
    "mockserver.dialect": {"documented", "error_texts", "http", "settings", "openapi", *_LOWER},
    "mockserver.faults": {"http", *_LOWER},
    "mockserver.variants": {"faults", "dialect", "http", *_LOWER},
    "mockserver.control": {"dialect", "faults", "http", "settings", "openapi", *_LOWER},
    "mockserver.inspector": {"control", "faults", "http", *_LOWER},
    "mockserver.socket": {"control", "http", *_LOWER},
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


def test_no_clause_module_imports_another() -> None:
    """What several clause modules need stands in ``clauses/support``."""
    room = "contracts.clauses"
    wrong = {
        (module, other)
        for module, path in modules()
        if lies_in(module, room) and module != room
        for other in of_ours(module, path)
        if lies_in(other, room) and not lies_in(other, f"{room}.support")
    }

    assert not wrong


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


def of_ours(module: str, path: Path) -> set[str]:
    """Return the modules and rooms of the four packages that a module imports."""
    return {
        name
        for name in imports(path)
        if name.partition(".")[0] in HALVES and not lies_in(module, name)
    }


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_of_the_mock_imports_only_what_its_row_allows(room: str) -> None:
    """The arrows of the mock, each one named."""
    allowed = [room, *(one if one == "openapi" else f"mockserver.{one}" for one in ALLOWED[room])]

    wrong = {
        (module, name)
        for module, path in modules()
        if lies_in(module, room)
        for name in of_ours(module, path)
        if name != "mockserver" and not any(lies_in(name, way) for way in allowed)
    }

    assert not wrong


def circles(imported: dict[str, set[str]]) -> set[str]:
    """Return the modules that import themselves by way of others."""
    left = dict(imported)
    while True:
        done = {one for one in left if not left[one] & left.keys()}
        if not done:
            break
        left = {one: names for one, names in left.items() if one not in done}
    while True:  # what only imports a circle is not part of it
        used = set().union(*left.values())
        if left.keys() <= used:
            return set(left)
        left = {one: names for one, names in left.items() if one in used}


@pytest.mark.parametrize("half", HALVES)
def test_no_module_imports_itself_by_way_of_others(half: str) -> None:
    """Type-only imports count: two files that need each other are one file."""
    known = dict(modules())
    imported = {
        module: of_ours(module, path) & known.keys() - {module}
        for module, path in known.items()
        if lies_in(module, half)
    }

    assert circles(imported) == set()


def test_a_circle_is_seen() -> None:
    """The check itself can fail."""
    found = circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set(), "e": {"a"}})

    assert found == {"b", "c"}


def test_a_class_name_stands_in_one_module() -> None:
    places: dict[str, list[str]] = {}
    for module, path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(module)

    assert {name: found for name, found in places.items() if len(found) > 1} == {}


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
