"""The headers of every answer (readings T11; E175 for CORS)."""

from __future__ import annotations

import pytest

ANSWERS = pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/conversations", "mock-api-key"),
        ("GET", "/conversations", None),
        ("GET", "/nothing", "mock-api-key"),
        ("PATCH", "/conversations", "mock-api-key"),
        ("GET", "/users/nobody/conversation", "mock-api-key"),
        ("PUT", "/users/bo/conversation", "mock-api-key"),
    ],
)


@ANSWERS
def test_every_answer_has_an_id_of_its_own(api, method, path, key):
    """`X-Request-Id`, never the same twice."""
    ids = {api.call(method, path, key=key, as_="ana").headers["X-Request-Id"] for _ in range(3)}

    assert len(ids) == 3


@ANSWERS
def test_every_answer_tells_the_allowance(api, method, path, key):
    """`X-Rate-Limit`, and what remains of it in this minute."""
    first, second = (api.call(method, path, key=key, as_="ana").headers for _ in range(2))

    assert first["X-Rate-Limit"] == "20000"
    assert int(first["X-Rate-Limit-Remaining"]) - int(second["X-Rate-Limit-Remaining"]) == 1


def test_the_allowance_is_renewed_each_minute(api, clock):
    """It counts down within a minute and begins anew in the next."""
    clock.now = clock.now // 60 * 60
    api.get("/users")
    assert api.get("/users").headers["X-Rate-Limit-Remaining"] == "19998"
    clock.now += 60
    assert api.get("/users").headers["X-Rate-Limit-Remaining"] == "19999"


@ANSWERS
def test_every_answer_may_be_read_by_web_pages(api, method, path, key):
    """CORS on errors as on successes."""
    headers = api.call(method, path, key=key, as_="ana").headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Request-Id" in headers["Access-Control-Expose-Headers"]
    assert headers["Content-Type"] == "application/json"


@ANSWERS
def test_no_answer_is_to_be_stored(api, method, path, key):
    """A cache on the way does not know that `onBehalfOf` says whose answer it is."""
    assert api.call(method, path, key=key, as_="ana").headers.getlist("Cache-Control") == [
        "no-store"
    ]


@pytest.mark.parametrize("path", ["log", "world", "health", "nothing"])
def test_no_answer_of_the_control_plane_is_to_be_stored(api, path):
    assert api.client.get(f"/_mock/{path}").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/conversations", "/users/bo/conversation/read", "/nothing"])
def test_preflight(api, path):
    """A browser that asks first is let in without a key, for all methods and the SDK's headers."""
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "DELETE"}

    answer = api.call("OPTIONS", path, key=None, headers=asked)

    assert answer.status_code == 204
    assert answer.get_data() == b""
    assert answer.headers["Access-Control-Allow-Origin"] == asked["Origin"]
    allowed = set(answer.headers["Access-Control-Allow-Headers"].split(", "))
    assert allowed >= {
        "apikey", "appid", "authtoken", "content-type", "onbehalfof", "resource", "sdk"
    }  # fmt: skip
    methods = set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    assert methods >= {"GET", "POST", "PUT", "DELETE"}
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


def test_head(api):
    """HEAD is GET without a body."""
    answer = api.call("HEAD", "/conversations", as_="ana")

    assert answer.status_code == 200
    assert answer.get_data() == b""


def test_a_browser_at_the_root_goes_to_the_inspector(api):
    answer = api.client.get("/", headers={"Accept": "text/html,*/*;q=0.8"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "_mock/")


def test_a_client_at_the_root_is_told_where_the_api_is(api):
    answer = api.client.get("/", headers={"Accept": "*/*"})

    assert answer.status_code == 404
    assert "below /v3" in answer.get_json()["error"]["message"]
