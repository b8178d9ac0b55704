"""Get in: gateways, certificates, named targets, and the sentence for each way to fail (T10)."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme
from click.testing import CliRunner

from duologue.contracts.cli import main
from support.independent.app import App
from support.independent.server import serving
from support.independent.values import Refusal
from support.servers import gateway as gw

QUICK = ("--only", "errors.guid-not-found")
TOKEN = "canary-7f3a9c-token"


@pytest.fixture
def contracts(monkeypatch):
    """``contracts("run", …)``: the result of that command, with secrets in the environment."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    monkeypatch.setenv("CONTRACTS_AUTH_ONLY_KEY", "k2")
    monkeypatch.setenv("GATEWAY_TOKEN", TOKEN)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def behind(url):
    """``behind(plan)``: the address of a gateway in front of a good server."""
    opened = []

    def start(plan=lambda _: None, *, tls=None, upstream=url, **options):
        context = gw.Gateway(upstream, plan, **options).serving(tls)
        opened.append(context)
        return context.__enter__()

    yield start
    for each in opened:
        each.__exit__(None, None, None)


@pytest.fixture(scope="module")
def authority():
    """An authority that nobody knows."""
    return trustme.CA()


@pytest.fixture
def tls(authority):
    """What a server on localhost needs to speak TLS with a certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def ca_file(authority, tmp_path):
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def sentence(result):
    assert result.exit_code == 2, result.output
    (line,) = result.stderr.strip().splitlines()
    assert TOKEN not in line
    return line


@pytest.mark.parametrize("header", ["X-Gateway", "Authorization"])
def test_a_gateway_gets_its_header(contracts, behind, header, tmp_path):
    """With every request; reports and calls show the variable."""
    url = behind(headers={header: TOKEN})
    words = ("--header", f"{header}=GATEWAY_TOKEN", "--output", tmp_path)
    result = contracts("run", "--target", url, *words, *QUICK)

    assert result.exit_code == 0, result.output
    assert TOKEN not in result.output + (tmp_path / "results.json").read_text()


def test_cookies_go_in_one_header(contracts, behind, monkeypatch):
    monkeypatch.setenv("OTHER", "two")
    url = behind(headers={"Cookie": f"a={TOKEN}; b=two"})
    words = ("--cookie", "a=GATEWAY_TOKEN", "--cookie", "b=OTHER")

    assert contracts("run", "--target", url, *words, *QUICK).exit_code == 0


def test_a_missing_header_is_named(contracts, behind):
    url = behind(headers={"X-Gateway": TOKEN})

    assert "--header NAME=VARIABLE" in sentence(contracts("run", "--target", url, *QUICK))


@pytest.mark.parametrize("given", [f"X-Gateway={TOKEN}", "X-Gateway", "a b=GATEWAY_TOKEN", "=X"])
def test_an_unusable_header_is_refused_without_its_value(contracts, url, given):
    """A secret that was given in place of a variable's name is not repeated."""
    assert "--header" in sentence(contracts("run", "--target", url, "--header", given))


@pytest.mark.parametrize(
    "address",
    [
        "http://qa:canary-7f3a9c-token@127.0.0.1:9/v3",
        "http://canary-7f3a9c-token@127.0.0.1:9/v3",
        "qa:canary-7f3a9c-token@127.0.0.1/v3",
        "http://127.0.0.1:9/v3?key=canary-7f3a9c-token",
    ],
)
def test_a_secret_in_the_address_is_refused_and_not_repeated(contracts, address):
    """T10."""
    line = sentence(contracts("run", "--target", address))

    assert "--header Authorization=VARIABLE" in line or "version path included" in line


def test_an_own_authority_is_trusted(contracts, behind, tls, ca_file, monkeypatch):
    """By the option, or by the environment."""
    url = behind(tls=tls)
    by_option = contracts("run", "--target", url, "--ca", ca_file, *QUICK)
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    by_environment = contracts("run", "--target", url, *QUICK)

    assert (by_option.exit_code, by_environment.exit_code) == (0, 0), by_option.output


def test_an_unknown_authority_is_named(contracts, behind, tls):
    line = sentence(contracts("run", "--target", behind(tls=tls), *QUICK))

    assert "certificate" in line and "--ca FILE" in line


def test_insecure_stands_in_every_report(contracts, behind, tls, tmp_path):
    words = ("--insecure", "--output", tmp_path, *QUICK)
    result = contracts("run", "--target", behind(tls=tls), *words)

    assert result.exit_code == 0, result.output
    assert "certificate was not checked" in result.output
    assert json.loads((tmp_path / "results.json").read_text())["insecure"] is True
    assert 'name="insecure"' in (tmp_path / "junit.xml").read_text()


def test_tls_asked_of_a_plain_port_is_named(contracts, behind):
    url = behind().replace("http:", "https:")

    assert "does not speak TLS: write http://" in sentence(contracts("run", "--target", url))


def plain(status, text, kind="text/plain", **headers):
    return lambda handler: handler.write(status, text.encode(), **{"Content-Type": kind, **headers})


@pytest.mark.parametrize(
    ("action", "sentence_part"),
    [
        (gw.html(302, "", Location="https://login.example/?t=1"), "redirects to https://login"),
        (gw.html(401, "<html>who?</html>"), "a gateway in front of the target refuses"),
        (gw.html(403, "<html>no</html>"), "a gateway in front of the target refuses"),
        (plain(500, "Internal Server Error"), "the server fails: look at its log"),
        (plain(200, '\ufeff{"data": []}', "application/json"), "begins with a byte order mark"),
        (gw.html(400, "<html>No required SSL certificate was sent"), "--client-cert FILE"),
        (plain(400, "plain HTTP request was sent to HTTPS port"), "write https:// in --target"),
    ],
    ids=[
        "redirect",
        "401",
        "403",
        "plain 500",
        "byte order mark",
        "no certificate",
        "wrong scheme",
    ],
)
def test_each_way_to_fail_has_its_sentence(contracts, behind, action, sentence_part):
    assert sentence_part in sentence(contracts("run", "--target", behind(gw.always(action))))


class AskingProxy(BaseHTTPRequestHandler):
    """A proxy that asks for a name and password."""

    def do_GET(self):
        self.send_response(407, "Who are you?")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_CONNECT = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, *_):
        """Write no log."""


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_asks_for_a_password_is_named(contracts, monkeypatch, scheme):
    with ThreadingHTTPServer(("127.0.0.1", 0), AskingProxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        for name in ("no_proxy", "NO_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", address)
        line = sentence(contracts("run", "--target", f"{scheme}://staging.example/v3"))
        server.shutdown()

    assert "the proxy on the way" in line
    assert "http://name:password@host:port" in line


def test_a_handshake_that_asks_for_a_certificate_of_the_client(contracts, behind, tls, ca_file):
    """In TLS 1.2, where the client waits for the server's last word before it sends anything."""
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    tls.verify_mode = ssl.CERT_REQUIRED
    url = behind(tls=tls).replace("127.0.0.1", "localhost")

    assert "--client-cert FILE" in sentence(contracts("run", "--target", url, "--ca", ca_file))


def missing(self, request):
    raise Refusal(404, "ERR_API_NOT_FOUND")


def not_allowed(self, request):
    raise Refusal(403, "ERR_NOT_ALLOWED")


@pytest.mark.parametrize(
    "overrides",
    [
        {"list_users": missing},
        {"list_users": missing, "list_conversations": missing},
        {"list_users": not_allowed, "list_conversations": not_allowed},
    ],
    ids=["no users", "no lists", "lists are refused"],
)
def test_what_the_run_does_not_need_is_not_asked_for(contracts, overrides):
    """A target without GET /users, and without a list of conversations, is judged."""
    with serving(App(overrides=overrides)) as url:
        assert contracts("run", "--target", url, *QUICK).exit_code == 0


def users_in_plain_text(status):
    """Return a plan that answers GET /users with a text."""

    def plan(seen):
        is_list = seen.method == "GET" and seen.path.startswith("/v3/users?")
        return plain(status, "users: 3") if is_list else None

    return plan


@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_list_of_users_in_plain_text_is_no_obstacle(contracts, behind, status):
    """The list of users is no part of the contract."""
    url = behind(users_in_plain_text(status))

    assert contracts("run", "--target", url, *QUICK).exit_code == 0


def test_a_refused_key_is_said_whatever_the_list_of_users_is(contracts, behind, monkeypatch):
    monkeypatch.setenv("CONTRACTS_API_KEY", "unknown")

    line = sentence(contracts("run", "--target", behind(users_in_plain_text(404)), *QUICK))
    assert "CONTRACTS_API_KEY" in line


CONFIG = """
[targets.staging]
target = "{url}"
api-key-env = "STAGING_KEY"
only = ["errors.guid-not-found"]

[targets.other]
timeout = 3
"""


@pytest.fixture
def configured(url, tmp_path, monkeypatch):
    """A folder below the one that holds contracts.toml."""
    (tmp_path / "contracts.toml").write_text(CONFIG.format(url=url))
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    return tmp_path


def test_a_named_target_gives_its_options(contracts, configured, monkeypatch):
    monkeypatch.setenv("STAGING_KEY", "k")
    result = contracts("run", "staging")

    assert result.exit_code == 0, result.output
    assert "1 clause against http://127.0.0.1" in result.output


def test_an_option_that_may_be_repeated_takes_one_value_by_itself(contracts, configured, url):
    """Without the brackets of a list."""
    line = 'only = "errors.guid-not-found"'
    (configured / "contracts.toml").write_text(f'[targets.one]\ntarget = "{url}"\n{line}\n')
    result = contracts("run", "one")

    assert result.exit_code == 0, result.output
    assert "1 clause against" in result.output


def test_flags_win_over_environment_over_file(contracts, configured, monkeypatch):
    monkeypatch.setenv("CONTRACTS_API_KEY_ENV", "FROM_ENVIRONMENT")

    assert "FROM_ENVIRONMENT" in sentence(contracts("run", "staging"))
    assert "FROM_FLAG" in sentence(contracts("run", "staging", "--api-key-env", "FROM_FLAG"))


def test_the_named_targets_are_listed(contracts, configured, url):
    lines = contracts("targets").output.splitlines()

    assert [line.split(maxsplit=1) for line in lines] == [
        ["staging", url],
        ["other", "the bundled mock"],
    ]


def test_an_unknown_key_is_named_with_its_line(contracts, configured):
    path = configured / "contracts.toml"
    path.write_text(path.read_text().replace("timeout", "timeuot"))

    assert f"{path}:8: unknown key 'timeuot': did you mean 'timeout'?" in sentence(
        contracts("run", "staging")
    )


def test_an_unknown_target_is_named(contracts, configured):
    assert "did you mean staging?" in sentence(contracts("run", "stagging"))


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, f"a = {'9' * 5000}", "a = '\x00'"])
def test_a_configuration_that_is_no_toml_is_told(contracts, monkeypatch, tmp_path, text):
    (tmp_path / "contracts.toml").write_text(text)
    monkeypatch.chdir(tmp_path)

    assert "contracts.toml" in sentence(contracts("run", "staging"))
