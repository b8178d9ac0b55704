"""No secret is written, and no control character of a target (T10, T11): canaries everywhere.

One table names the places where a user can put a secret, one those where a target can put bytes.
Everything that comes of it is searched: terminal, exit-2 sentences, every report, pytest's output.
"""

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from duologue.contracts.cli import main
from support.independent.app import App
from support.independent.server import serving
from support.servers import gateway as gw

pytestmark = pytest.mark.one_python

LITERAL = "canary-literal-0b1c2d"
CERT_PASSWORD = "CONTRACTS_CLIENT_CERT_PASSWORD"
SECRETS = {
    "GATEWAY_TOKEN": "Basic cWE6Y2FuYXJ5",
    "CONTRACTS_API_KEY": "canary+key/7f3a9c==",
    "CONTRACTS_AUTH_ONLY_KEY": "canary-only-51d0",
    CERT_PASSWORD: "canary:cert:9e",
    "SESSION_COOKIE": "canary%cookie&88",
}
EVERY = "html,junit,markdown,sarif,github"
CONTROLS = {"\x1b", "\x07", "\u202e", "\x9b"}
ESCAPE = "\x1b]0;owned\x07\u202e\x9b2J"
WORDS = ("--header", "Authorization=GATEWAY_TOKEN", "--cookie", "session=SESSION_COOKIE")
ONLY = ("errors.guid-not-found", "operations.get-group-conversation", "properties.*")


def forms(secret):
    """Return a secret as it is, percent-encoded, in base64, and in base64 after a name."""
    raw = secret.encode()
    yield from (secret, quote(secret, safe=""), base64.b64encode(raw).decode())
    yield base64.b64encode(b"q:" + raw).decode()


def echoes():
    """Return each secret in each form, and what moves a terminal's cursor."""
    return " ".join(form for secret in SECRETS.values() for form in forms(secret)) + ESCAPE


def must_be_clean(text):
    for secret in (*SECRETS.values(), LITERAL):
        *whole, after_a_name = forms(secret)
        for form in (*whole, after_a_name[4:-4]):
            assert form not in text, form
    assert not CONTROLS & set(text)


@pytest.fixture
def contracts(monkeypatch, tmp_path):
    """``contracts(*words)``: the exit code of that command, and all that it wrote, by name."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "report"

    def run(*words):
        options = ("--output", folder, "--report", EVERY)
        result = CliRunner().invoke(main, [str(word) for word in (*words, *options)])
        files = [*folder.iterdir()] if folder.is_dir() else []
        written = {each.name: each.read_text(encoding="utf-8") for each in files}
        return result.exit_code, {**written, "stdout": result.stdout, "stderr": result.stderr}

    return run


# -- where a target can put bytes ------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A place in an answer; ``is_told`` where what stands there is part of what is written."""

    action: gw.Action
    is_told: bool = True


def page(status, document, **headers):
    body = json.dumps(document, ensure_ascii=False).encode()
    return gw.html(status, body.decode(), **{"Content-Type": "application/json", **headers})


def answer(head, body=b""):
    lines = [*head, f"Content-Length: {len(body)}", "", ""]
    return gw.raw("\r\n".join(lines).encode("utf-8") + body)


def refusal(**parts):
    return page(404, {"error": {"code": "ERR_X", "message": "m", **parts}})


JSON = "Content-Type: application/json"
PLACES = {
    "body": Place(page(200, {"data": {"conversationId": echoes(), "conversationWith": echoes()}})),
    "keys": Place(page(200, {"data": {echoes(): {echoes(): 1}}}), is_told=False),
    "code": Place(refusal(code=f"ERR_{echoes()}")),
    "message": Place(refusal(message=echoes()), is_told=False),
    "text": Place(gw.html(200, echoes())),
    "header": Place(
        answer(["HTTP/1.1 404 No", f"X-Thing: {echoes()}", JSON], b"{}"), is_told=False
    ),
    "reason phrase": Place(answer([f"HTTP/1.1 418 {echoes()}", JSON], b"{}"), is_told=False),
    "Location": Place(
        answer(["HTTP/1.1 302 Found", f"Location: https://h/{echoes()}"]), is_told=False
    ),
    "content type": Place(
        answer(["HTTP/1.1 200 OK", f"Content-Type: text/{echoes()}"], b"x"), is_told=False
    ),
    "after a BOM": Place(
        answer(["HTTP/1.1 200 OK", JSON], f'\ufeff{{"data": "{echoes()}"}}'.encode()), is_told=False
    ),
    "status line": Place(gw.raw(f"{echoes()} 200 OK\r\n\r\n".encode())),
    "chunk": Place(
        gw.raw(f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{echoes()}\r\n".encode()),
        is_told=False,
    ),
}
FROM_THE_START = {"body", "keys", "code", "message"}  # as good as an answer of the API
IN_THE_SENTENCE = {"Location", "content type"}


@pytest.mark.parametrize("place", PLACES)
def test_what_a_target_sends_is_hidden_in_every_report(contracts, place):
    """Broken and unreached clauses tell what came, and never a secret."""
    names = [word for name in ONLY for word in ("--only", name)]
    app = App(overrides={"check_key": lambda self, key: None})
    plan = gw.always(PLACES[place].action, method="GET", ending="/conversation")
    with serving(app) as upstream, gw.Gateway(upstream, plan).serving() as url:
        options = ("--target", url, "--settle", 0, "--timeout", 60, "--max-time", 60, *WORDS)
        code, written = contracts("run", *options, *names)

    assert code == 1, written["stdout"]
    assert len(written) == 7
    for text in written.values():
        must_be_clean(text)
    told = "".join(written.values()).replace("Authorization: $GATEWAY_TOKEN", "")
    assert ("$GATEWAY_TOKEN" in told) >= PLACES[place].is_told


@pytest.mark.parametrize("place", PLACES)
def test_the_sentence_of_a_run_that_was_not_made_is_clean(contracts, place):
    """On the terminal, and in the reports that say why there is none."""
    plan = gw.always(PLACES[place].action)
    with serving(App()) as upstream, gw.Gateway(upstream, plan).serving() as url:
        code, written = contracts("run", "--target", url, "--timeout", 60, "--settle", 0, *WORDS)

    assert code == 2 or place in FROM_THE_START
    assert code == 1 or "results.json" not in written
    for text in written.values():
        must_be_clean(text)
    assert ("$GATEWAY_TOKEN" in written["stderr"]) >= (place in IN_THE_SENTENCE)


def test_what_pytest_prints_is_clean(contracts):
    """The failure of each test, and the JUnit file that pytest writes."""
    plan = gw.always(PLACES["code"].action, method="GET", ending="/conversation")
    program = [sys.executable, "-P", "-m", "pytest", "--pyargs", "duologue.contracts", "-rA"]
    app = App(overrides={"check_key": lambda self, key: None})
    with serving(app) as upstream, gw.Gateway(upstream, plan).serving() as url:
        options = {"target": url, "only": ",".join(ONLY), "settle": 0, "cookie": WORDS[3]}
        options |= {"header": WORDS[1], "max-time": 60}
        given = [f"--contracts-{name}={value}" for name, value in options.items()]
        ran = subprocess.run(
            [*program, "-p", "no:cacheprovider", "--junitxml=junit.xml", "-l", *given],
            env=os.environ | SECRETS,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert ran.returncode == 1, ran.stdout + ran.stderr
    for text in (ran.stdout, ran.stderr, Path("junit.xml").read_text(encoding="utf-8")):
        must_be_clean(text)
    assert "ERR_$GATEWAY_TOKEN" in ran.stdout


# -- where a user can put a secret -----------------------------------------------------------------

TOML = "[targets.staging]\ntarget = 'http://127.0.0.1:9/v3'\n"
REFUSED = {
    "name and password in the address": ("--target", f"http://qa:{LITERAL}@h/v3"),
    "name in the address": ("--target", f"http://{LITERAL}@h/v3"),
    "query of the address": ("--target", f"http://h/v3?apikey={LITERAL}"),
    "fragment of the address": ("--target", f"http://h/v3#{LITERAL}"),
    "address without a scheme": ("--target", f"qa:{LITERAL}@h/v3"),
    "address in place of a name": (f"http://qa:{LITERAL}@h/v3",),
    "header's value": ("--target", "http://127.0.0.1:9/v3", "--header", f"X={LITERAL}"),
    "cookie's value": ("--target", "http://127.0.0.1:9/v3", "--cookie", f"X={LITERAL}"),
    "key in place of its variable": (
        *("--target", "http://127.0.0.1:9/v3"),
        *("--api-key-env", LITERAL),
    ),
    "nobody answers": ("--target", "http://127.0.0.1:9/v3", *WORDS),
}
FILES = {
    "address in contracts.toml": TOML.replace("127", f"qa:{LITERAL}@127"),
    "header in contracts.toml": TOML + f"header = ['X={LITERAL}']\n",
    "key in contracts.toml": TOML + f"api-key = '{LITERAL}'\n",
    "variable in contracts.toml": TOML + f"api-key-env = '{LITERAL}'\n",
    "syntax of contracts.toml": TOML + f"header = {LITERAL}\n",
}
VALUES = {
    "CONTRACTS_API_KEY": f"{LITERAL}\nx",
    "GATEWAY_TOKEN": f"{LITERAL}\u00e9",
    "http_proxy": f"http://qa:{LITERAL}@127.0.0.1:9",
}


def must_be_refused(code, written):
    assert code == 2
    for text in written.values():
        must_be_clean(text)


@pytest.mark.parametrize("words", REFUSED.values(), ids=REFUSED)
def test_a_secret_on_the_command_line_is_not_repeated(contracts, words):
    must_be_refused(*contracts("run", *words))


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_secret_in_the_file_of_targets_is_not_repeated(contracts, content):
    Path("contracts.toml").write_text(content)

    must_be_refused(*contracts("run", "staging"))


@pytest.mark.parametrize("name", VALUES)
def test_a_secret_that_cannot_be_used_is_not_repeated(contracts, monkeypatch, name):
    """Nor is the password of a proxy that does not answer."""
    monkeypatch.setenv(name, VALUES[name])

    must_be_refused(*contracts("run", "--target", "http://staging.invalid/v3", *WORDS))


@pytest.mark.parametrize("password", ["", "wrong-canary-literal"])
def test_the_password_of_a_client_certificate_is_asked_of_nobody(contracts, monkeypatch, password):
    """It comes from the environment; without it the sentence names the variable."""
    key = ec.generate_private_key(ec.SECP256R1())
    encryption = serialization.BestAvailableEncryption(SECRETS[CERT_PASSWORD].encode())
    formats = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    authority = trustme.CA().issue_cert("qa@example.org").cert_chain_pems[0].bytes()
    Path("client.pem").write_bytes(authority + key.private_bytes(*formats, encryption))
    monkeypatch.setenv(CERT_PASSWORD, password)
    words = ("--target", "https://127.0.0.1:9/v3", "--client-cert", "client.pem")
    code, written = contracts("run", *words)

    must_be_refused(code, written)
    assert CERT_PASSWORD in written["stderr"]
