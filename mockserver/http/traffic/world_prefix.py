"""Which of several worlds a request is for: a header, or the begin of its path.

`/_world/NAME/v3/users` is `/v3/users` with the header `X-Mock-World: NAME`, for clients that can
set nothing but an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PREFIX = "/_world/"
NAME = "HTTP_X_MOCK_WORLD"
_STRIPPED = "duologue.world_stripped"  # in a request's environment, once that is done


def strip_world(environ: dict[str, Any]) -> None:
    """Move a world's name from the path to the header; leave other requests as they are.

    Once: there are no worlds in a world.
    """
    path = environ["PATH_INFO"]
    if not path.startswith(PREFIX) or _STRIPPED in environ:
        return
    environ[_STRIPPED] = True
    name, slash, rest = path[len(PREFIX) :].partition("/")
    environ[NAME] = name
    environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}{PREFIX}{name}"
    environ["PATH_INFO"] = slash + rest


def world_of(environ: Mapping[str, Any]) -> str:
    """Return the begin of the path that leads to the request's world; empty for the mock itself."""
    name = environ.get(NAME)
    return "" if name is None else f"{PREFIX}{name}"
