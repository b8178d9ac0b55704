"""Access to the control plane: tools on this machine or with the token; no foreign web page."""

from __future__ import annotations

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from duologue.fixtures.worlds import make
from duologue.mockserver.control.blueprint import FOR_PAGES
from duologue.mockserver.control.guard import Guard
from duologue.mockserver.settings import InvalidSetting, Settings
from duologue.openapi import document

CALLS = [
    (operation.method, operation.path.format(name="x", requestId="x", document="api", id="1")[1:])
    for operation in document.operations("control")
]
CHANGES = [call for call in CALLS if call[0] != "GET"]
ELSEWHERE = [
    "https://elsewhere.example",
    "http://localhost:9999",
    "http://localhost.elsewhere.example",
    "http://evil.example@localhost",
    "null",
    "file://",
    "http://[",
]


def ids(value):
    return value if isinstance(value, str) else None


@pytest.mark.parametrize(("method", "path"), CHANGES, ids=ids)
@pytest.mark.parametrize("origin", ELSEWHERE)
def test_a_page_from_elsewhere_changes_nothing(still, method, path, origin):
    """Every changing call refuses a foreign origin."""
    status, error = still.refused(method, path, {}, headers={"Origin": origin})

    assert (status, error["code"]) == (403, "ERR_CONTROL_REFUSED")


@pytest.mark.parametrize(("method", "path"), CHANGES, ids=ids)
@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
def test_what_a_form_sends_is_refused(still, method, path, content_type):
    """Every changing call refuses content types that need no CORS preflight."""
    status, error = still.refused(method, path, data=b"{}", content_type=content_type)

    assert (status, error["code"]) == (415, "ERR_CONTROL_CONTENT_TYPE")


@pytest.mark.parametrize(("method", "path"), CALLS, ids=ids)
@pytest.mark.parametrize(
    "host",
    [
        *("elsewhere.example", "elsewhere.example:8080", "127.0.0.1.evil.example", "["),
        *("127.0.0.999", "a_b.localhost"),
    ],
)
def test_a_name_that_is_not_this_machines_own_is_refused(still, method, path, host):
    """Also for reads: with DNS rebinding the Host header still has the page's name."""
    status, error = still.refused(method, path, headers={"Host": host})

    assert (status, error["code"]) == (403, "ERR_CONTROL_REFUSED")


@pytest.mark.parametrize("host", ["127.0.0.1:99999999", "127.0.0.1:http", "me@127.0.0.1"])
def test_a_host_that_is_none_is_told_as_it_was_sent(still, host):
    _, error = still.refused("GET", "health", headers={"Host": host})

    assert error["message"].startswith(f"{host} is no name of this machine's own")


def test_a_request_without_a_host_is_told(still):
    _, error = still.refused("GET", "health", headers={"Host": ""})

    assert error["message"].startswith("A request without a Host is no name")


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "app.localhost"]
)
def test_names_of_this_machine_are_accepted(control, host):
    """With any port, and with an origin of the same host."""
    control.get("health", headers={"Host": host})
    control.put("clock", {"mode": "frozen"}, headers={"Host": host, "Origin": f"http://{host}"})


@pytest.mark.parametrize(("method", "path"), CALLS, ids=ids)
def test_no_cors_headers(still, method, path):
    """Nothing under /_mock carries a CORS header, and no preflight is answered."""
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": method}
    for how in (method, "OPTIONS"):
        answer = still.ask(how, path, headers=headers)

        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
        assert answer.headers["X-Request-Id"]
    assert answer.status_code in {403, 405}


@pytest.mark.parametrize("path", ["nothing", "clock/", "world/schema/x", "why", "why/", ""])
def test_unknown_paths(still, path):
    """A 404 of the control plane without CORS headers."""
    answer = still.ask("DELETE", path)

    assert answer.status_code in {404, 405}
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(("method", "path"), CALLS, ids=ids)
def test_off_loopback_it_is_off(control_of, method, path):
    """A mock that listens on other addresses refuses all control calls without a token."""
    control = control_of(make("empty"), host="0.0.0.0")

    assert control.refused(method, path)[1]["code"] == "ERR_CONTROL_OFF"


def test_off_loopback_the_token_opens_it(control_of):
    """By any name of the machine; another token is refused."""
    control = control_of(make("empty"), host="0.0.0.0", control_token="open sesame")
    fine = {"x-control-token": "open sesame", "Host": "mock.example"}

    assert control.get("health", headers=fine) == {"status": "ok"}
    assert control.post("reset", headers=fine)["world"] == "empty"
    for wrong in ({}, {"x-control-token": ""}, {"x-control-token": "öpen"}):
        status, error = control.refused("GET", "health", headers=wrong)
        assert (status, error["code"]) == (401, "ERR_CONTROL_TOKEN")


def test_the_token_is_asked_for_on_loopback_too(control_of):
    """A configured token is always required."""
    control = control_of(make("empty"), control_token="t")

    assert control.refused("GET", "world")[0] == 401
    assert control.get("world", headers={"x-control-token": "t"})["users"] == []
    assert (
        control.refused(
            "PUT",
            "clock",
            {"mode": "frozen"},
            headers={"x-control-token": "t", "Origin": "http://x"},
        )[0]
        == 403
    )


@pytest.mark.parametrize(
    ("host", "is_open"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("127.0.0.1.example", False),
        ("mock", False),
    ],
)
def test_what_is_loopback(host, is_open):
    """Only loopback addresses and names."""
    assert Guard(host).is_open == is_open
    assert Guard(host, "token").is_open


def test_several_processes_refuse_what_would_reach_one(control_of):
    """409 with the option to use; calls on the shared state work."""
    control = control_of(make("empty"), is_shared=True)

    for path in ("clock", "journal", "snapshots", "faults", "latency", "rate-limit", "dialect"):
        status, error = control.refused("GET", path)
        assert (status, error["code"]) == (409, "ERR_CONTROL_CONFLICT")
        assert "--workers 1" in error["message"]
    assert control.get("health")
    assert control.put("world", {"users": ["ana"]})["users"] == 1
    assert control.post("reset") == {"world": "empty"}


@pytest.mark.parametrize("path", ["/_mock/", "/_mock/docs", "/_mock/openapi.json", "/_mock/health"])
@pytest.mark.parametrize(
    "host",
    [
        *("xn--.localhost", "xn--a.localhost:80", "..localhost", ".localhost", "\xff.localhost"),
        *("\xff", "[", "127.0.0.1:99999999", "localhost:x", "a b.localhost"),
    ],
)
def test_nothing_answers_a_host_that_is_no_name(still, path, host):
    """403, or 400 for an invalid host, before a route is looked up."""
    environ = create_environ(path) | {"HTTP_HOST": host}  # a test client would read the host

    body, status, _ = run_wsgi_app(still.api.app, environ)

    assert status[:3] in {"400", "403"}, b"".join(body)


@pytest.mark.parametrize("path", ["/_mock//x", "/_mock//health", "/_mock///", "/_mock/x//y"])
def test_a_path_with_two_slashes_is_the_control_planes(still, path):
    answer = still.api.client.get(path)

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (
        404,
        "ERR_CONTROL_NOT_FOUND",
    )
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["health", "nothing", "", "docs", "why/1", "/x"])
def test_a_method_that_no_call_has_is_the_control_planes(still, path):
    answer = still.api.client.open(f"/_mock/{path}", method="BREW")

    assert answer.status_code in {404, 405}
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "X-Rate-Limit" not in answer.headers


def test_a_method_that_no_call_has_is_refused_to_a_foreign_host(still):
    status, error = still.refused("BREW", "health", headers={"Host": "elsewhere.example"})

    assert (status, error["code"]) == (403, "ERR_CONTROL_REFUSED")


@pytest.mark.parametrize(("method", "path"), CHANGES, ids=ids)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_that_sends_no_origin_changes_nothing(still, method, path, site):
    status, error = still.refused(method, path, {}, headers={"Sec-Fetch-Site": site})

    assert (status, error["code"]) == (403, "ERR_CONTROL_REFUSED")


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_pages_and_an_address_bar_may_change_things(control, site):
    control.put("clock", {"mode": "frozen"}, headers={"Sec-Fetch-Site": site})


@pytest.mark.parametrize("token", ["secret\n", " secret", "sécret", "se\x00cret", "se\ncret"])
def test_a_token_that_no_header_can_carry_is_refused_at_start(monkeypatch, token):
    if "\x00" in token:
        monkeypatch.setattr("os.environ", {"TOKEN": token})
    else:
        monkeypatch.setenv("TOKEN", token)

    with pytest.raises(InvalidSetting, match="no client could send"):
        Settings(control_token_env="TOKEN")


STORYBOOK = "http://localhost:6006"


@pytest.fixture
def with_storybook(control_of):
    """A mock that a page of another origin may drive."""
    return control_of(make("examples", 42), allow_origins=[STORYBOOK])


def test_a_named_page_drives_the_mock_and_reads_the_answer(with_storybook):
    headers = {"Origin": STORYBOOK, "Sec-Fetch-Site": "same-site"}
    answer = with_storybook.ask("POST", "reset", headers=headers)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == STORYBOOK
    assert answer.headers["Vary"] == "Origin"


def test_its_preflight_is_answered(with_storybook):
    headers = {"Origin": STORYBOOK, "Access-Control-Request-Headers": "content-type"}
    answer = with_storybook.ask("OPTIONS", "clock", headers=headers)

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(("method", "path"), [("GET", "journal"), ("GET", "world")])
def test_it_does_not_read_what_others_sent(with_storybook, method, path):
    status, _ = with_storybook.refused(method, path, headers={"Origin": STORYBOOK})

    assert status == 403


def test_it_makes_all_calls_but_those_that_read():
    """What drives the mock, presence, sessions and worlds included."""
    reading = {"getWorld", "getWorldSchema", "getSocket", "listJournal", "clearJournal"}
    reading |= {"getJournalEntry", "explainAnswer", "getControlDocument", "getDocument"}

    assert {one.id for one in document.operations("control")} - FOR_PAGES == reading


@pytest.mark.parametrize("origin", ["http://localhost:6007", "https://localhost:6006", "null"])
def test_a_page_of_another_origin_stays_out(with_storybook, origin):
    assert with_storybook.refused("POST", "reset", headers={"Origin": origin})[0] == 403


@pytest.mark.parametrize("origin", ["*", "null", "localhost:6006", "http://a/b", ""])
def test_an_origin_that_is_none_is_refused_at_the_start(origin):
    with pytest.raises(InvalidSetting, match="allow-origin"):
        Settings(allow_origins=(origin,))
