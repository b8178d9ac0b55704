"""The pages, requested as by a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Pages:
    """The pages of one mock: `pages.get("/", as="ana")`."""

    def __init__(self, api) -> None:
        self.api = api

    def get(self, path: str = "/", headers: dict[str, str] | None = None, **query) -> TestResponse:
        """Return the answer to a browser."""
        return self.api.client.get(
            f"/_mock{path}", query_string=query, headers=HTML | (headers or {})
        )

    def text(self, path: str = "/", **query) -> str:
        """Return the HTML of a page."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
def open_pages(open_api) -> Callable[..., Pages]:
    """Return a function that opens the pages of a mock with a world."""
    return lambda world, **how: Pages(open_api(world, **how))


@pytest.fixture
def pages(api) -> Pages:
    """The pages of a mock with the world `examples`."""
    return Pages(api)
