"""The tests have the same names in every process: pytest-xdist refuses workers that differ."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

# Calls whose value differs from process to process.
VARYING = {
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "os.getpid",
    "os.urandom",
    "random.random",
    "random.choice",
    "random.randint",
    "secrets.token_hex",
    "secrets.token_urlsafe",
    "time.monotonic",
    "time.time",
    "time.time_ns",
    "uuid.uuid1",
    "uuid.uuid4",
    "uuid4",
}


def run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that are evaluated when the module is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTIONS):
            for decorator in getattr(child, "decorator_list", []):
                yield decorator
                yield from run_at_import(decorator)
            continue
        yield child
        yield from run_at_import(child)


def varies(node: ast.AST) -> bool:
    """Return True for a call whose value another process does not get."""
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func)
    keywords = {keyword.arg for keyword in node.keywords}
    return name in VARYING or (name == "gzip.compress" and "mtime" not in keywords)


def varying_lines(source: str) -> list[int]:
    """Return the lines of the calls at import time whose values vary."""
    return [node.lineno for node in run_at_import(ast.parse(source)) if varies(node)]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("@pytest.mark.parametrize('x', [gzip.compress(b'{}')])\ndef test(x): ...", [1]),
        ("@pytest.mark.parametrize('x', [gzip.compress(b'{}', mtime=0)])\ndef test(x): ...", []),
        ("RUN = uuid4()", [1]),
        ("def test():\n    uuid4()", []),
        ("NEW = lambda: uuid4()", []),
    ],
)
def test_what_varies_is_found(source, lines):
    assert varying_lines(source) == lines


def test_no_test_module_has_a_value_that_varies_from_process_to_process():
    found = [
        f"{path.relative_to(TESTS)}:{line}"
        for path in sorted(TESTS.rglob("*.py"))
        for line in varying_lines(path.read_text("utf-8"))
    ]

    assert found == []
