"""The world document as YAML, limited to what JSON can express."""

from __future__ import annotations

from typing import Any

import orjson
import yaml

from duologue.mockserver.control.errors import Unreadable


class _Reader(yaml.CSafeLoader):
    """A YAML loader without dates: 2026-01-05 stays a text, as in JSON."""


_Reader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def from_yaml(raw: bytes) -> Any:
    """Parse YAML; raise Unreadable."""
    try:
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
