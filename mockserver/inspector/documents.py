"""The documents that have a page, and the renderer that draws them: Swagger UI, from a package."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

_PACKAGE = "flask_swagger_ui"


class Document(NamedTuple):
    """An OpenAPI document of this mock, and where it is read."""

    name: str
    title: str
    file: str
    scheme: str  # the name of the security scheme that the mock's key is for; empty for none

    @property
    def page(self) -> str:
        """Where it is drawn."""
        return "/_mock/docs" if self is DOCUMENTS[0] else f"/_mock/docs/{self.name}"


DOCUMENTS = (
    Document("openapi", "Conversations", "/_mock/openapi/api.json", "apiKey"),
    Document("stage", "Users, groups, messages", "/_mock/openapi/stage.json", "apiKey"),
    Document("control", "Control of the mock", "/_mock/openapi.json", ""),
)


def find(name: str) -> Document | None:
    """The document of that name."""
    return next((each for each in DOCUMENTS if each.name == name), None)


@cache
def renderer() -> Path:
    """Where Swagger UI's files lie.

    The package is found and not imported: it is the files that are wanted, not its blueprint.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"no {_PACKAGE}: it comes with this package's dependencies")
    return Path(spec.submodule_search_locations[0]) / "dist"


@cache
def version() -> str:
    """Which Swagger UI it is, so that the addresses of its files change with it."""
    return f"swagger-ui-{(renderer() / 'VERSION').read_text().strip()}"
