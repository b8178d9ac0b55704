"""The world document as YAML, limited to what JSON can express."""

from __future__ import annotations

from typing import Any

import orjson
import yaml

from duologue.mockserver.control.errors import Unreadable
from duologue.mockserver.domain.limits import JSON_DEPTH, YAML_NODES


class _Reader(yaml.CSafeLoader):
    """A YAML loader without dates: 2026-01-05 stays a text, as in JSON."""


_Reader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
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
        raise Unreadable("YAML", f"{error.problem}{where}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable("YAML", str(error).partition("\n")[0]) from error
    except (orjson.JSONEncodeError, TypeError) as error:
        raise Unreadable("YAML", f"JSON could not say this ({error})") from error


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
