"""Every web page may read every answer of the API, and each answer has an id."""

from __future__ import annotations

from dataclasses import replace

import pytest

from duologue.mockserver import documented
from duologue.mockserver.app import inside

PAGE = "http://localhost:3000"
READABLE = {
    "X-Mock-Ignored",
    "X-Request-Id",
    "X-Rate-Limit",
    "X-Rate-Limit-Remaining",
    "X-Rate-Limit-Reset",
    "Retry-After",
}
ANSWERS = {
    200: ("GET", "/users", {}),
    400: ("GET", "/conversations?perPage=0", {}),
    401: ("GET", "/users", {"key": None}),
    403: ("GET", "/users", {"key": "auth-only"}),
    404: ("GET", "/users/nobody", {}),
    405: ("PATCH", "/users", {}),
}


def allowed(answer, origin="*"):
    """The answer lets every page read it, and says which headers can be read."""
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    return (
        answer.headers.getlist("Access-Control-Allow-Origin") == [origin]
        and ("Access-Control-Allow-Credentials" in answer.headers) is (origin != "*")
        and (answer.headers.get("Vary") == "Origin") is (origin != "*")
        and exposed == READABLE
        and len(answer.headers.getlist("X-Request-Id")) == 1
    )


@pytest.mark.parametrize("status", ANSWERS)
@pytest.mark.parametrize("base", ["/v3", "/v3.0"])
def test_every_status(api, status, base):
    """Successes and refusals of every kind."""
    method, path, how = ANSWERS[status]
    key = {} if how.get("key", "") is None else {"apikey": how.get("key", "mock-api-key")}
    headers = {"Origin": PAGE, **key}

    answer = api.client.open(f"{base}{path}", method=method, headers=headers)

    assert answer.status_code == status
    assert allowed(answer, PAGE)


@pytest.mark.parametrize("path", ["/nowhere", "/users/", "//users", "/users/a/b/c"])
def test_paths_that_lead_nowhere(api, path):
    """404, with leave."""
    answer = api.get(path)

    assert answer.status_code == 404
    assert allowed(answer)


def test_a_failure_of_the_mock(api):
    """500, be it the answer that fails or the use case; the page that asked sees the reason."""
    inside(api.app).controls.configuration_control.set_faults(["get-user-fails"])
    said = api.get("/users/bo/conversation", as_="ana")
    assert said.status_code == 500
    assert allowed(said)

    def break_down(*_):
        raise RuntimeError("this part is broken")

    broken = replace(documented.behaviours(), fold=break_down)
    inside(api.app).dispatcher.use(broken, broken)
    failed = api.get("/users/bo")
    assert failed.status_code == 500
    assert failed.get_json()["error"]["code"] == "ERR_EXCEPTION"
    assert allowed(failed)


def test_what_is_beyond_the_limit(api):
    """429, with the headers by which a page knows when to come again."""
    inside(api.app).controls.limit(0, 60)

    answer = api.get("/users")

    assert answer.status_code == 429
    assert allowed(answer)
    assert answer.headers["Retry-After"] == "60"


@pytest.mark.parametrize("path", ["/conversations", "/users/bo/conversation/read", "/nowhere"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_preflight(api, path, method):
    """Answered without a key, for every method and for whatever headers are asked for, and kept."""
    asked_for = "baggage,sentry-trace,apikey,authorization,traceparent"
    answer = api.client.options(
        f"/v3{path}",
        headers={
            "Origin": PAGE,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": asked_for,
        },
    )

    assert answer.status_code == 204
    assert allowed(answer, PAGE)
    assert answer.headers["Access-Control-Allow-Headers"] == asked_for
    assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")
    assert int(answer.headers["Access-Control-Max-Age"]) >= 600


def test_ids_are_never_given_twice(api):
    """Neither within the API nor beside it."""
    answers = [
        *(api.get("/users") for _ in range(3)),
        api.client.options("/v3/users"),
        api.client.get("/_mock/health"),
        api.client.get("/_mock/nothing"),
        api.get("/nowhere"),
    ]

    assert len({answer.headers["X-Request-Id"] for answer in answers}) == len(answers)
