"""Single-point mutants of Python source: one comparison, constant, statement or argument each."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

NAME = re.compile(r"[A-Za-z_]+")  # keys and codes; sentences are not judged by anybody
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
DELETABLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.Delete, ast.Raise)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of a source: its number there, its line, and what is changed."""

    number: int
    line: int
    change: str


def mutants(source: str) -> list[Mutant]:
    """Return all mutants of a source."""
    return [
        Mutant(number, line, change)
        for number, (line, change, _) in enumerate(_changes(ast.parse(source)))
    ]


def mutated(source: str, number: int) -> ast.Module:
    """Return the tree of the mutant with this number."""
    tree = ast.parse(source)
    for place, (_, _, apply) in enumerate(_changes(tree)):
        if place == number:
            apply()
            return ast.fix_missing_locations(tree)
    raise IndexError(number)


Change = tuple[int, str, Callable[[], None]]


def _changes(tree: ast.Module) -> Iterator[Change]:
    """Yield line, description and application of each change, those of functions' bodies."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for statement in function.body:
                for node in ast.walk(statement):
                    yield from _of_node(node)
            yield from _deletions(function)


def _of_node(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        yield from _comparisons(node)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield node.lineno, f"'and'/'or' swapped: {_text(node)}", lambda: setattr(node, "op", other)
    elif isinstance(node, ast.Call) and len(node.args) > 1:
        if not any(isinstance(each, ast.Starred) for each in node.args[:2]):
            swapped = [node.args[1], node.args[0], *node.args[2:]]
            change = f"arguments swapped: {_text(node)}"
            yield node.lineno, change, lambda: setattr(node, "args", swapped)
    elif isinstance(node, ast.Constant):
        yield from _constants(node)


def _comparisons(node: ast.Compare) -> Iterator[Change]:
    other = COMPARISONS[type(node.ops[0])]()
    ops = [other, *node.ops[1:]]
    change = f"{_text(node)} with {type(other).__name__}"
    yield node.lineno, change, lambda: setattr(node, "ops", ops)


def _constants(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        other: object = not value
    elif isinstance(value, int):
        other = value + 1
    elif isinstance(value, str) and NAME.fullmatch(value):
        other = f"{value}x"
    else:
        return
    yield node.lineno, f"{value!r} is {other!r}", lambda: setattr(node, "value", other)


def _deletions(function: ast.FunctionDef) -> Iterator[Change]:
    for parent in ast.walk(function):
        for field in ("body", "orelse"):
            block = getattr(parent, field, None)
            if isinstance(block, list):
                for place, statement in enumerate(block):
                    if _is_deletable(statement):
                        change = f"without: {_text(statement)}"
                        yield statement.lineno, change, _deletion(block, place)


def _is_deletable(statement: ast.stmt) -> bool:
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return isinstance(statement, DELETABLE) and not is_text


def _deletion(block: list[ast.stmt], place: int) -> Callable[[], None]:
    return lambda: block.__setitem__(place, ast.Pass())


def _text(node: ast.AST) -> str:
    return ast.unparse(node).splitlines()[0][:70]
