"""The OpenAPI documents that have a page, and Swagger UI, which renders them."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

_PACKAGE = "flask_swagger_ui"


class DocumentLink(NamedTuple):
    """An OpenAPI document of this mock, and its address from the root of the mock."""

    name: str
    title: str
    file: str
    scheme: str  # the security scheme of the mock's key; empty for none

    @property
    def page(self) -> str:
        """Return the address of its page, from the root of the mock."""
        return "_mock/docs" if self is DOCUMENTS[0] else f"_mock/docs/{self.name}"


DOCUMENTS = (
    DocumentLink("openapi", "Conversations", "_mock/openapi/api.json", "apiKey"),
    DocumentLink("stage", "Users, groups, messages", "_mock/openapi/stage.json", "apiKey"),
    DocumentLink("client", "What clients call", "_mock/openapi/client.json", "apiKey"),
    DocumentLink("control", "Control of the mock", "_mock/openapi.json", ""),
)


def find(name: str) -> DocumentLink | None:
    """Return a document by name; None if there is none."""
    return next((each for each in DOCUMENTS if each.name == name), None)


@cache
def renderer() -> Path:
    """Return the folder of Swagger UI's files.

    The package is located and not imported: only its files are needed.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"no {_PACKAGE}: it comes with this package's dependencies")
    return Path(spec.submodule_search_locations[0]) / "dist"


@cache
def version() -> str:
    """Return Swagger UI's version, which is part of its files' addresses."""
    return f"swagger-ui-{(renderer() / 'VERSION').read_text().strip()}"
