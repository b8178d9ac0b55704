"""The world document as YAML, limited to what JSON can express."""

from __future__ import annotations

import re
from typing import Any

import orjson
import yaml

from duologue.mockserver.control.errors import Unreadable
from duologue.mockserver.domain.limits import JSON_DEPTH, YAML_NODES

_TEXT = "tag:yaml.org,2002:str"
_NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})


class _Reader(yaml.CSafeLoader):
    """A YAML loader without dates (2026-01-05 stays a text, as in JSON) and without double keys."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """Return the mapping; raise ConstructorError for a key that is there twice."""
        seen = set()
        for key, _ in node.value:
            if key.tag != _TEXT:
                problem = f"the key {_written(key)} is no text; put it in quotes"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            if key.value in seen:
                problem = f"the key {key.value} is there twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _not_sixties(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """Return a pattern of numbers without those to the base of 60: 12:30:00 stays a text."""
    return re.compile(rf"(?!\S*:)(?:{pattern.pattern})", re.VERBOSE)


_Reader.yaml_implicit_resolvers = {
    first: [
        (tag, _not_sixties(pattern) if tag in _NUMBERS else pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:timestamp"
    ]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def from_yaml(raw: bytes) -> Any:
    """Parse YAML; raise Unreadable."""
    try:
        _check_size(raw)
        # By way of JSON: what JSON has no word for is no more accepted in this form than in that.
        return orjson.loads(orjson.dumps(yaml.load(raw, Loader=_Reader)))  # noqa: S506  a safe one
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        is_tab = mark is not None and _character(raw, mark) == "\t"
        problem = "a tab; YAML indents with blanks" if is_tab else error.problem
        raise Unreadable("YAML", f"{problem}{where}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable("YAML", str(error).partition("\n")[0]) from error
    except (orjson.JSONEncodeError, TypeError) as error:
        raise Unreadable("YAML", f"JSON could not say this ({error})") from error


def _written(key: yaml.Node) -> str:
    return str(key.value) if isinstance(key, yaml.ScalarNode) else "of several values"


def _character(raw: bytes, mark: yaml.Mark) -> str:
    line = raw.decode(errors="replace").split("\n")[mark.line : mark.line + 1]
    return "".join(line)[mark.column : mark.column + 1]


def line_of(raw: bytes, place: str) -> tuple[int, int] | None:
    """Return line and column of a place such as ``users.0.uid`` in YAML or JSON; None if unknown.

    What is missing is at the place that misses it.
    """
    try:
        node = yaml.compose(raw, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return None
    mark = node.start_mark if node else None
    for step in place.split("."):
        found = _child(node, step)
        if found is None:
            break
        key, node = found
        mark = key.start_mark
    return None if mark is None else (mark.line + 1, mark.column + 1)


def _child(node: Any, step: str) -> tuple[Any, Any] | None:
    """Return the node of a key or of a number, after the node that names it."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
        return node.value[int(step)], node.value[int(step)]
    return None


def _check_size(raw: bytes) -> None:
    """Raise Unreadable if the document is too large once it is read.

    Nine lines of aliases of aliases stand for more nodes than memory holds, and a node too deep
    overruns the stack of the loader, which is in C; the events of the parser do neither.
    """
    nodes = depth = 0
    for event in yaml.parse(raw, Loader=yaml.CSafeLoader):
        where = f"line {event.start_mark.line + 1}" if event.start_mark else "it"
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable("YAML", f"{where} has an alias; write the value out")
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > JSON_DEPTH:
            raise Unreadable("YAML", f"{where} nests deeper than {JSON_DEPTH} levels")
        if nodes > YAML_NODES:
            raise Unreadable("YAML", f"it has more than {YAML_NODES} nodes; send it as JSON")


def to_yaml(document: Any) -> str:
    """Return a document as YAML, keys in their order, long texts on one line."""
    text: str = yaml.dump(
        document,
        Dumper=yaml.CSafeDumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=100,
    )
    return text
