"""How a target is reached: loopback, proxies, authorities and client certificates."""

import ssl

import pytest
import trustme
import urllib3
from urllib3.connection import HTTPConnection

from duologue.contracts.errors import NotReached
from duologue.contracts.http.connection import (
    Network,
    environment_secrets,
    is_loopback,
    words_of,
)
from duologue.contracts.http.retry import RetryPolicy
from duologue.contracts.http.transport import Transport
from support.independent.app import App
from support.independent.server import serving
from support.servers import gateway as gw
from support.waiting import WITHIN_S

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
STAGING = "http://staging.example/v3/users"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch):
    for name in (*PROXIES, "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def upstream():
    with serving(App()) as url:
        yield url


@pytest.fixture(scope="module")
def authority():
    """An authority that nobody knows."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path):
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@pytest.fixture
def client_file(authority, tmp_path):
    path = tmp_path / "client.pem"
    authority.issue_cert("qa@example.org").private_key_and_cert_chain_pem.write_to_path(path)
    return str(path)


def tls_of(authority, *, asks_for_client=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    if asks_for_client:
        context.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(context)
    return context


def status_of(url, network=None):
    policy = RetryPolicy(first_s=0.01, longest_s=0.02, total_s=0.05)
    transport = Transport(timeout_s=WITHIN_S, network=network, policy=policy)
    try:
        headers = {"apikey": "k"}
        return transport.send("listUsers", method="GET", url=url, headers=headers).status
    finally:
        transport.close()


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_is_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost.example.org", "127.example.org", "10.0.0.1", "staging", ""]
)
def test_a_name_that_only_begins_alike_is_not(host):
    assert not is_loopback(host)


def test_the_proxy_of_the_environment_is_asked(upstream, monkeypatch):
    """It is sent the whole address."""
    proxied = gw.Gateway(upstream.removesuffix("/v3"), prefix="http://staging.example")
    with proxied.serving() as address:
        monkeypatch.setenv("HTTP_PROXY", address.removesuffix(proxied.prefix))

        assert status_of(STAGING) == 200
    assert [each.path for each in proxied.seen] == [STAGING]


def test_a_proxy_is_given_the_name_and_password_in_its_address(upstream, monkeypatch):
    """As a header, percent-decoded; the address that is asked goes without them."""
    given = {"Proxy-Authorization": "Basic cWE6cEBzcw=="}
    proxied = gw.Gateway(
        upstream.removesuffix("/v3"), prefix="http://staging.example", headers=given
    )
    with proxied.serving() as address:
        host = address.removesuffix(proxied.prefix).replace("http://", "http://qa:p%40ss@")
        monkeypatch.setenv("HTTP_PROXY", host)

        assert status_of(STAGING) == 200


@pytest.mark.parametrize(
    ("excepted", "proxy"),
    [("", "http://proxy:3128"), ("staging.example", None), (".example", None), ("*", None)],
)
def test_what_no_proxy_names_is_reached_directly(monkeypatch, excepted, proxy):
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", excepted)

    assert Network().proxy_for(STAGING) == proxy


def test_a_proxy_without_a_scheme_speaks_http(monkeypatch):
    """As many a company's variable is set, and as curl reads it."""
    monkeypatch.setenv("http_proxy", "proxy.example:3128")

    assert Network().proxy_for(STAGING) == "http://proxy.example:3128"
    assert Network().has_usable_proxy(STAGING)


@pytest.mark.parametrize("proxy", ["http://[::1", "socks5://proxy:1080", "http://h:x", "http://"])
def test_a_proxy_that_cannot_be_asked_is_known_as_such(monkeypatch, proxy):
    monkeypatch.setenv("HTTP_PROXY", proxy)

    assert not Network().has_usable_proxy(STAGING)
    assert Network().has_usable_proxy("http://127.0.0.1:8080/v3")


def test_the_password_of_a_proxy_that_cannot_be_taken_apart_is_a_secret(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://qa:sesame@[::1")

    assert environment_secrets()["HTTP_PROXY"] == "sesame"


def test_loopback_is_never_proxied(upstream, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    assert status_of(f"{upstream}/users") == 200


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_the_authorities_of_the_environment_are_trusted(
    upstream, authority, ca_file, monkeypatch, name
):
    with gw.Gateway(upstream).serving(tls_of(authority)) as url:
        with pytest.raises(NotReached, match="CERTIFICATE_VERIFY_FAILED"):
            status_of(f"{url}/users")
        monkeypatch.setenv(name, ca_file)

        assert status_of(f"{url}/users") == 200


def test_the_option_wins_over_the_environment(ca_file, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")

    assert Network(ca_file=ca_file).trusted() == ca_file


def test_a_client_certificate_is_shown(upstream, authority, ca_file, client_file):
    """A server that asks for one answers with it, and not without."""
    tls = tls_of(authority, asks_for_client=True)
    with gw.Gateway(upstream).serving(tls) as url:
        assert status_of(f"{url}/users", Network(ca_file, client_file)) == 200
        with pytest.raises(NotReached):
            status_of(f"{url}/users", Network(ca_file))


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (
            urllib3.exceptions.NewConnectionError(
                HTTPConnection("h", 9), "Failed to establish a new connection: refused"
            ),
            "Failed to establish a new connection: refused",
        ),
        (
            urllib3.exceptions.ConnectTimeoutError(object(), "Connection to h timed out."),
            "Connection to h timed out.",
        ),
        (
            urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "x")),
            "Connection aborted. [Errno 104] x",
        ),
        (OSError(111, "Connection refused"), "[Errno 111] Connection refused"),
        (ValueError("bad value"), "bad value"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failure_is_told_in_its_own_words(cause, words):
    """Without the name of a class of ours, or of Python's."""
    assert words_of(cause) == words


def test_a_target_that_is_not_there_is_told_without_a_class_of_ours(closed_port):
    with pytest.raises(NotReached, match=r"was not answered: Failed to establish a new connection"):
        status_of(f"http://127.0.0.1:{closed_port}/v3/users")
