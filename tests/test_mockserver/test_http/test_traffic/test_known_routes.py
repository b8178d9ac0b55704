"""A place met before is answered without Flask's routing, and just as it was before."""

from __future__ import annotations

import weakref
from typing import Any

import pytest
from flask import Request, Response, request
from werkzeug.test import EnvironBuilder

from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.http.traffic import known_routes
from duologue.mockserver.testing.quiet import no_collection
from support.api import Api

PLACE = "/users/bo/conversation"


@pytest.fixture
def api():
    app = create_app(world=examples(42), clock=lambda: 1_767_254_400)
    yield Api(app)
    inside(app).close()


@pytest.fixture
def routed(api, monkeypatch):
    """The paths that Flask has routed, in order."""
    routed: list[str] = []
    usual = type(api.app).dispatch_request

    def dispatch(app, *args: Any) -> Any:
        routed.append(request.path)
        return usual(app, *args)

    monkeypatch.setattr(type(api.app), "dispatch_request", dispatch)
    return routed


def told(answer):
    """An answer without what is another in each."""
    own = ("X-Request-Id", "X-Rate-Limit-Remaining")
    return answer.status, answer.data, [each for each in answer.headers if each[0] not in own]


ASKED = {
    "a read": ("GET", PLACE, {}),
    "a head": ("HEAD", PLACE, {}),
    "a change": ("PUT", PLACE, {"json": {"tags": ["a"]}}),
    "another version": ("GET", "/../v3.0/conversations", {}),
    "a refusal": ("GET", "/users/nobody/conversation", {}),
    "no json": ("PUT", PLACE, {"data": "{", "content_type": "application/json"}),
    "a body that is too large": ("PUT", PLACE, {"data": b"x" * (2**20 + 1)}),
    "no such method": ("PATCH", PLACE, {}),
    "no such path": ("GET", "/nothing", {}),
    "an origin": ("GET", PLACE, {"headers": {"Origin": "http://here"}}),
    "a query": ("GET", "/conversations", {"query_string": "perPage=2&odd=1"}),
    "letters of others": ("GET", "/users/b%C3%B6/conversation", {}),
}


@pytest.mark.parametrize("asked", ASKED)
def test_the_second_answer_is_the_first(api, asked):
    method, path, how = ASKED[asked]

    answers = [told(api.call(method, path, as_="ana", **how)) for _ in range(3)]

    assert answers[1] == answers[2] == answers[0]


def test_flask_routes_a_place_once(api, routed):
    for tag in "abc":
        assert api.get(PLACE, as_="ana").status_code == 200
        assert api.put(PLACE, as_="ana", json={"tags": [tag]}).status_code == 200

    assert routed == [f"/v3{PLACE}"]


PATHS = {
    "of one template": ("/users/ana/conversation", False),
    "of one with two values": ("/groups/writers/members/ana", False),
    "without values": ("/conversations", False),
    "of no template": ("/users/ana/nothing", True),
    "with an empty value": ("/users//conversation", True),
    "with an empty end": ("/users/ana/conversation/", True),
    "with a value that is encoded": ("/users/b%C3%B6/conversation", True),
    "with a slash that is encoded": ("/users/ana%2Fconversation", False),
    "with a line break": ("/users/ana%0A/conversation", True),
}


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", PATHS)
def test_a_path_not_met_before_is_answered_as_by_flask(api, routed, path, method):
    fresh = create_app(world=examples(42), clock=lambda: 1_767_254_400)
    expected = told(Api(fresh).call(method, PATHS[path][0], as_="ana"))
    inside(fresh).close()
    api.get(PLACE, as_="ana")
    routed.clear()

    answer = told(api.call(method, PATHS[path][0], as_="ana"))

    assert answer == expected
    if PATHS[path][1] or method in ("PATCH", "OPTIONS"):
        assert len(routed) == 1
    elif not expected[0].startswith("405"):
        assert routed == []


@pytest.mark.parametrize("templates", [("/a/{b}", "/a/b"), ("/a/{b}", "/{a}/b")])
def test_a_path_of_two_templates_is_left_to_flask(api, templates):
    known = known_routes.KnownRoutes(api.app, may_answer=lambda: True)
    found: list[dict[str, str]] = []
    for template in templates:
        known.add(template, lambda _, values: found.append(values))
    api.get(PLACE, as_="ana")
    known.keep(EnvironBuilder(path="/").get_environ(), lambda _: Response(""))

    for path in ("/a/b", "/a/c"):
        list(known(EnvironBuilder(path=path).get_environ(), lambda *_: None))

    assert found == [{"b": "c"}]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "not a host"},
        {"Host": "other.example"},
        {"Upgrade": "websocket", "Connection": "Upgrade"},
    ],
)
def test_what_flask_would_look_at_goes_to_flask(api, headers):
    fresh = create_app(world=examples(42), clock=lambda: 1_767_254_400)
    expected = told(Api(fresh).get(PLACE, as_="ana", headers=headers))
    api.get(PLACE, as_="ana")

    answer = told(api.get(PLACE, as_="ana", headers=headers))

    assert answer == expected
    inside(fresh).close()


# A fault that asks Flask for the request: it refuses a content type with its charset.
LOOKING = "charset-is-refused-by-update"
WITH_CHARSET = {"data": '{"tags": ["a"]}', "content_type": "application/json; charset=utf-8"}


def test_a_fault_may_ask_flask_for_the_request(api):
    """A fault that looks at the request is put in force after its place was met."""
    assert api.put(PLACE, as_="ana", **WITH_CHARSET).status_code == 200
    assert api.client.put("/_mock/faults", json={"faults": [LOOKING]}).status_code == 200

    answer = api.put(PLACE, as_="ana", **WITH_CHARSET)

    assert 400 <= answer.status_code < 500


def test_a_fault_that_comes_while_a_request_waits_may_ask_for_it(api):
    assert api.put(PLACE, as_="ana", **WITH_CHARSET).status_code == 200
    middleware = inside(api.app).controls._middleware
    held: list[str | None] = []

    def hold(operation_id: str | None) -> None:
        held.append(operation_id)
        middleware.hold = None
        api.client.put("/_mock/faults", json={"faults": [LOOKING]})

    middleware.hold = hold
    answer = api.put(PLACE, as_="ana", **WITH_CHARSET)

    assert held == ["updateUserConversation"]
    assert 400 <= answer.status_code < 500


def test_places_are_not_kept_without_end(api, monkeypatch):
    monkeypatch.setattr(known_routes, "MOST_KEPT", 4)
    for number in range(20):
        assert api.get(f"/users/u{number}/conversation", as_="ana").status_code == 404

    assert api.get(PLACE, as_="ana").status_code == 200


def test_a_failure_of_the_answer_is_told_as_by_flask(api):
    api.get(PLACE, as_="ana")
    middleware = inside(api.app).controls._middleware
    usual = middleware.failure_of
    fails = iter([True, False, True, False])  # not while the failure itself is told

    def failure_of(*asked: Any) -> Any:
        return 1 / 0 if next(fails) else usual(*asked)

    middleware.failure_of = failure_of
    known, new = (told(api.get(path, as_="ana")) for path in (PLACE, "/users/cy/conversation"))

    assert known == new
    assert known[0].startswith("500")


def test_a_request_is_freed_without_the_garbage_collector(api):
    """A circle of a request and its environment costs each request its warm memory."""
    kept: list[weakref.ref[Any]] = []
    known = known_routes.KnownRoutes(api.app, may_answer=lambda: True)
    environ = EnvironBuilder(path=PLACE).get_environ()

    def answer(request: Request) -> Response:
        kept.append(weakref.ref(request))
        return Response("")

    known.keep(environ, answer)
    with no_collection():
        list(known(environ, lambda *_: None))
        is_freed = kept[0]() is None

    assert is_freed
