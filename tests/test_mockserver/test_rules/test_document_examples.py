"""Each example of the documents is answered word for word as it stands there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from duologue.fixtures.examples import examples
from duologue.openapi import document
from duologue.openapi.references import resolved

pytestmark = pytest.mark.one_python


class Example(NamedTuple):
    """One request that an example speaks of, and the answer it promises."""

    method: str
    path: str
    key: str | None
    headers: dict[str, str]
    query: dict[str, Any]
    body: Any
    status: int
    answer: Any
    first: list[dict[str, Any]]


def promises() -> Iterator[Any]:
    """Every response example of both documents that one request can bring about."""
    for name in ("openapi", "stage", "client"):
        root = document.load(name)
        for operation in document.operations(name):
            item = root["paths"][operation.path]
            described = item[operation.method.lower()]
            for status, response in described["responses"].items():
                content = resolved(root, response)["content"]["application/json"]
                for title, referred in content.get("examples", {}).items():
                    example = resolved(root, referred)
                    if "x-request" in example:
                        promise = _promise(root, operation, item=item, example=example)
                        yield pytest.param(
                            promise._replace(status=int(status)), id=f"{operation.id}-{title}"
                        )


def _promise(
    root: dict[str, Any], operation: document.Operation, *, item: Any, example: Any
) -> Example:
    described, changes = item[operation.method.lower()], example["x-request"]
    # Of two of one name the path's is meant: an example that names it says whose it is.
    listed = [*described.get("parameters", ()), *item.get("parameters", ())]
    parameters = {each["name"]: each for each in (resolved(root, one) for one in listed)}
    values = {
        name: next(iter(each["examples"].values()))["value"]
        for name, each in parameters.items()
        if each.get("required")
    }
    values |= {name: value for name, value in changes.items() if name in parameters}
    by_place: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for name, value in values.items():
        if value is not None:
            by_place[parameters[name]["in"]][name] = _written(value)
    return Example(
        method=changes.get("method", operation.method),
        path=operation.path.format(**by_place["path"]),
        key=changes.get("apikey", "mock-api-key"),
        headers=by_place["header"],
        query=by_place["query"],
        body=changes.get("body", _plain_body(root, described)),
        status=0,
        answer=example["value"],
        first=example.get("x-first", []),
    )


def _written(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, list) else value


def _plain_body(root: dict[str, Any], described: dict[str, Any]) -> Any:
    body = resolved(root, described.get("requestBody", {}))
    if not body.get("required"):
        return None
    return resolved(root, next(iter(body["content"]["application/json"]["examples"].values())))[
        "value"
    ]


@pytest.mark.parametrize("promise", list(promises()))
def test_example(open_api, promise: Example) -> None:
    """The mock in the examples' world answers an example's request with its response."""
    api = open_api(examples(42))
    for before in promise.first:
        assert (
            api.call(before["method"], before["path"], json=before.get("body")).status_code == 200
        )

    answer = api.call(
        promise.method,
        promise.path,
        key=promise.key,
        headers=promise.headers,
        query_string=promise.query,
        json=promise.body,
    )

    assert answer.get_json() == promise.answer
    assert answer.status_code == promise.status
