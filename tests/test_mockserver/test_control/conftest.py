"""The control plane of a mock, and the API of the same mock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside


class Control:
    """A client of the control plane: `control.put("clock", {"mode": "frozen"})` returns `data`."""

    def __init__(self, api: Any) -> None:
        self.api = api
        self.controls = inside(api.app).controls

    def ask(self, method: str, path: str, body: Any = None, **how: Any) -> TestResponse:
        """Return the answer to one call under /_mock."""
        if body is not None:
            how["json"] = body
        return self.api.client.open(f"/_mock/{path}", method=method, **how)

    def get(self, path: str, **how: Any) -> Any:
        return self._told("GET", path, **how)

    def put(self, path: str, body: Any, **how: Any) -> Any:
        return self._told("PUT", path, body, **how)

    def post(self, path: str, body: Any = None, **how: Any) -> Any:
        return self._told("POST", path, body, **how)

    def delete(self, path: str, **how: Any) -> Any:
        return self._told("DELETE", path, **how)

    def refused(self, method: str, path: str, body: Any = None, **how: Any) -> tuple[int, dict]:
        """Return the status and the error of a refused call."""
        answer = self.ask(method, path, body, **how)
        assert 400 <= answer.status_code < 500, answer.get_data(as_text=True)
        return answer.status_code, answer.get_json()["error"]

    def _told(self, method: str, path: str, body: Any = None, **how: Any) -> Any:
        answer = self.ask(method, path, body, **how)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()["data"]


@pytest.fixture
def control(api: Any) -> Control:
    """The control plane of a mock with the world `examples`."""
    return Control(api)


@pytest.fixture
def control_of(open_api: Callable[..., Any]) -> Callable[..., Control]:
    """Return a function that starts a mock with a world and returns its control plane."""
    return lambda world, **how: Control(open_api(world, **how))


@pytest.fixture(scope="module")
def still() -> Iterator[Control]:
    """The control plane of a mock that no test of the module changes; its clock stands still."""
    app = create_app(world=examples(42))
    control = Control(SimpleNamespace(app=app, client=app.test_client()))
    control.put("clock", {"mode": "frozen"})
    yield control
    inside(app).close()
