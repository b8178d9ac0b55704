"""The settings that lead the vendor's clients to the socket."""

from __future__ import annotations

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.http.client_settings import SocketSettings, world_in
from support.api import Api


@pytest.mark.parametrize(
    ("reached_at", "host", "port"),
    [
        ("127.0.0.1:8443", "127.0.0.1", "9443"),
        ("mock.test", "mock.test", "9443"),
        ("[::1]:8443", "[::1]", "9443"),
        ("localhost:8443/_world/one", "localhost", "9443/_world/one"),
    ],
)
def test_they_name_the_host_that_the_client_came_by(reached_at, host, port):
    settings = SocketSettings(9443)(reached_at)

    assert settings["CLIENT_API_HOST"] == settings["ADMIN_API_HOST"] == reached_at
    assert (settings["CHAT_HOST"], settings["CHAT_WSS_PORT"]) == (host, port)
    assert settings["CHAT_API_VERSION"] == "v3"


@pytest.mark.parametrize(("path", "name"), [("/", None), ("", None), ("/_world/one", "one")])
def test_the_path_of_a_socket_names_the_world(path, name):
    assert world_in(path) == name


def test_another_path_names_none():
    with pytest.raises(ValueError, match="/v3"):
        world_in("/v3/users")


@pytest.fixture(scope="module")
def api():
    """A mock with a socket that clients are led to."""
    app = create_app(world=examples(42), client_settings=SocketSettings(9443))
    yield Api(app)
    inside(app).close()


def _session(api: Api, world: str = "") -> dict[str, str]:
    prefix = {"X-Mock-World": world} if world else {}
    answer = api.post("/users/ana/auth_tokens", json={}, headers=prefix)
    return {"authToken": answer.get_json()["data"]["authToken"]}


def test_a_session_begins_with_the_settings_and_with_what_logs_in_to_the_socket(api):
    session = _session(api)

    me = api.put("/me", key=None, headers=session | {"Host": "mock.test:1"}).get_json()["data"]
    settings = api.get("/settings", key=None, headers=session | {"Host": "mock.test:1"})

    assert me["jwt"] == me["authToken"] == session["authToken"]
    assert me["settings"] == settings.get_json()["data"] == SocketSettings(9443)("mock.test:1")


def test_clients_that_come_by_different_hosts_are_told_different_ones(api):
    session = _session(api)

    seen = [
        api.get("/settings", key=None, headers=session | {"Host": host}).get_json()["data"]
        for host in ("one.test", "other.test")
    ]

    assert [one["CHAT_HOST"] for one in seen] == ["one.test", "other.test"]


def test_a_client_of_a_world_is_led_to_that_world(api):
    session = _session(api, "beside")

    answer = api.client.get("/_world/beside/v3/settings", headers=session)

    assert answer.get_json()["data"]["CLIENT_API_HOST"] == "localhost/_world/beside"
    assert answer.get_json()["data"]["CHAT_WSS_PORT"] == "9443/_world/beside"


def test_without_a_socket_a_client_keeps_to_the_address_it_was_given():
    app = create_app(world=examples(42))
    session = _session(Api(app))

    me = Api(app).put("/me", key=None, headers=session).get_json()["data"]
    settings = Api(app).get("/settings", key=None, headers=session).get_json()["data"]

    assert (settings, {"settings", "jwt"} & set(me)) == ({}, set())
    inside(app).close()
