"""The live dialect under a referee: each answer is held against the overlaid document.

The referee is a validator that is not the mock's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.routing import MapAdapter
from werkzeug.test import TestResponse

from duologue import openapi
from duologue.fixtures.examples import examples
from duologue.fixtures.world import World
from duologue.mockserver.dialect import behaviours_of


class Referee:
    """Says whether an answer is one that the live documents allow."""

    def __init__(self) -> None:
        self.documents = {
            "openapi": openapi.load("openapi", overlay="live"),
            "stage": openapi.load("stage"),
        }
        self.seen: set[tuple[str, int]] = set()
        self._kept: dict[tuple[str, int], Draft202012Validator] = {}

    def check(self, method: str, path: str, answer: TestResponse) -> None:
        """Nothing, if the document of the operation allows the answer."""
        operation_id, found = self._validator(method, path, answer.status_code)
        self.seen.add((operation_id, answer.status_code))
        errors = [error.message for error in found.iter_errors(answer.get_json())]
        assert errors == [], (method, path, answer.status_code, answer.get_data(as_text=True))

    def _validator(self, method: str, path: str, status: int) -> tuple[str, Draft202012Validator]:
        for document in self.documents.values():
            item = document["paths"].get(path, {})
            if method.lower() in item:
                described = item[method.lower()]
                name = described["operationId"]
                if (name, status) not in self._kept:
                    schema = _schema(document, described["responses"][str(status)])
                    whole = {**schema, "components": document["components"]}
                    self._kept[name, status] = Draft202012Validator(whole)
                return name, self._kept[name, status]
        raise AssertionError(f"no document describes {method} {path}")


def _schema(document: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema: dict[str, Any] = response["content"]["application/json"]["schema"]
    return schema


class Live:
    """A mock that speaks the live dialect, all of whose answers are refereed."""

    def __init__(self, api: Any, referee: Referee) -> None:
        self.api = api
        self.referee = referee
        app: Flask = api.app
        self._paths: MapAdapter = app.url_map.bind("mock")

    def call(self, method: str, path: str, as_: str | None = None, **how: Any) -> TestResponse:
        answer: TestResponse = self.api.call(method, path, as_=as_, **how)
        template, _ = self._paths.match(f"/v3{path.partition('?')[0]}", method=method)
        self.referee.check(method, str(template), answer)
        return answer

    def data(self, method: str, path: str, as_: str | None = None, **how: Any) -> Any:
        """What a call that has to succeed answers under `data`."""
        answer = self.call(method, path, as_, **how)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()["data"]

    def refused(self, method: str, path: str, as_: str | None = None, **how: Any) -> Any:
        """The status and code of a call that has to be refused."""
        answer = self.call(method, path, as_, **how)
        return answer.status_code, answer.get_json()["error"]["code"]

    def ids(self, as_: str | None) -> list[str]:
        return [row["conversationId"] for row in self.data("GET", "/conversations", as_)]

    def send(self, sender: str, kind: str, to: str) -> Any:
        body = {"receiver": to, "receiverType": kind, "data": {"text": "Hello"}}
        return self.data("POST", "/messages", sender, json=body)


@pytest.fixture
def referee() -> Referee:
    return Referee()


@pytest.fixture
def open_live(open_api: Any, referee: Referee) -> Callable[[World], Live]:
    """Opens a live mock over a world of one's own."""
    return lambda world: Live(open_api(world, behaviours_of("live")), referee)


@pytest.fixture
def live(open_live: Callable[[World], Live]) -> Live:
    """A live mock over the world that the document's examples tell of."""
    return open_live(examples(42))
