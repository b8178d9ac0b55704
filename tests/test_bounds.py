"""Bounds of waiting: what must happen has as long as a loaded machine may need."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from support.waiting import WITHIN_S

HERE = Path(__file__).parent
NAMES = {"timeout", "open_timeout", "within_s"}
WAITING = {"join", "wait", "communicate", "settimeout"}  # by their first argument, too
# A project of a user of ours, read as an example.
EXAMPLES = HERE / "test_sample_consumer" / "project"


def _short_bounds(module: ast.Module) -> Iterator[int]:
    """Yield the lines that wait for less than WITHIN_S, unless nothing is to come."""
    constants = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def below(tree: ast.AST) -> Iterator[int]:
        for node in ast.iter_child_nodes(tree):
            if _expects_nothing(node):
                continue
            if isinstance(node, ast.Call):
                yield from (node.lineno for bound in _bounds(node) if _is_short(bound, constants))
            yield from below(node)

    yield from below(module)


def _expects_nothing(node: ast.AST) -> bool:
    """Return whether a block expects a failure, or an assertion the end of a bound."""
    if isinstance(node, ast.With):
        return "pytest.raises" in ast.unparse(node.items[-1])
    return isinstance(node, ast.Assert) and ast.unparse(node.test).startswith("not ")


def _bounds(call: ast.Call) -> Iterator[ast.expr]:
    yield from (word.value for word in call.keywords if word.arg in NAMES)
    if isinstance(call.func, ast.Attribute) and call.func.attr in WAITING:
        yield from call.args[:1]


def _is_short(bound: ast.expr, constants: dict[str, ast.expr]) -> bool:
    if isinstance(bound, ast.Name):
        bound = constants.get(bound.id, bound)
    elif isinstance(bound, ast.BinOp):  # a part of another bound
        return _is_short(bound.left, constants) or isinstance(bound.op, ast.Div | ast.Sub)
    is_number = isinstance(bound, ast.Constant) and type(bound.value) in {int, float}
    return is_number and bound.value < WITHIN_S


def test_no_bound_of_what_must_happen_is_short():
    """A bound ends a hang: with 10 s, a test was red in CI that took milliseconds elsewhere."""
    found = [
        f"{path.relative_to(HERE)}:{line}"
        for path in sorted(HERE.rglob("*.py"))
        if not path.is_relative_to(EXAMPLES)
        for line in _short_bounds(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert found == [], "use WITHIN_S of support.waiting"


def test_a_short_bound_is_found():
    text = (
        "PATIENCE_S = 59\n"
        "thread.join(PATIENCE_S)\n"
        "thread.join(WITHIN_S / 2)\n"
        "thread.join(5)\n"
        "urlopen(url, timeout=1.5)\n"
        "thread.join(WITHIN_S)\n"
        "with pytest.raises(OSError):\n"
        "    connect(url, timeout=1)\n"
        "assert not event.wait(0.1)\n"
    )

    assert list(_short_bounds(ast.parse(text))) == [2, 3, 4, 5]
