"""No secret is written, and no control character of a target (T10, T11): canaries everywhere."""

import base64
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from duologue.contracts.cli import main
from support import gateway as gw
from support.independent.app import App
from support.independent.model import Refusal
from support.independent.server import serving

SECRETS = {
    "CONTRACTS_API_KEY": "canary+key/7f3a9c==",
    "CONTRACTS_AUTH_ONLY_KEY": "canary-only-51d0",
    "GATEWAY_TOKEN": "Basic cWE6Y2FuYXJ5",
    "SESSION_COOKIE": "canary%cookie&88",
}
EVERY = "html,junit,markdown,sarif,github"
ESCAPE = "\x1b]0;owned\x07\u202e"
WORDS = ("--header", "Authorization=GATEWAY_TOKEN", "--cookie", "session=SESSION_COOKIE")


def forms(secret):
    raw = secret.encode()
    yield from (secret, quote(secret, safe=""), base64.b64encode(raw).decode())


def echoes():
    """Each secret in each form, and what moves a terminal's cursor."""
    return " ".join(form for secret in SECRETS.values() for form in forms(secret)) + ESCAPE


@pytest.fixture
def contracts(monkeypatch, tmp_path):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


def must_be_clean(text):
    for secret in SECRETS.values():
        for form in forms(secret):
            assert form not in text, form
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


def echo_in_refusals(self, guid):
    raise Refusal(404, f"ERR_{echoes()}", guid=echoes())


def echo_in_values(self, key, messages):
    return echoes()


@pytest.mark.parametrize(
    "overrides",
    [{"group": echo_in_refusals}, {"created_at": echo_in_values}],
    ids=["refusals", "values"],
)
def test_what_a_target_echoes_is_hidden_in_every_report(contracts, tmp_path, overrides):
    """Broken and unreached clauses tell what came, and never a secret."""
    keys = {"check_key": lambda self, key: None}
    only = ("errors.guid-not-found", "operations.get-group-conversation", "properties.*")
    names = [word for name in only for word in ("--only", name)]
    with serving(App(overrides={**overrides, **keys})) as url:
        options = ("--settle", 0, "--output", tmp_path, "--report", EVERY, *WORDS)
        result = contracts("run", "--target", url, *options, *names)

    assert result.exit_code == 1, result.output
    written = [*map(_read, tmp_path.iterdir())]
    assert len(written) == 6  # the step's summary is one of them
    texts = (result.output, result.stderr, *written)
    for text in texts:
        must_be_clean(text)
    assert any("$GATEWAY_TOKEN" in text for text in texts)


def _read(path):
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "action",
    [
        gw.html(403, "<html>no</html>"),
        gw.html(302, "", Location="https://login.example/" + quote(SECRETS["CONTRACTS_API_KEY"])),
        gw.html(401, '{"error": {"code": "AUTH_' + SECRETS["CONTRACTS_API_KEY"] + '"}}'),
    ],
    ids=["gateway", "redirect", "refused key"],
)
def test_the_sentence_of_a_run_that_was_not_made_is_clean(contracts, tmp_path, action):
    """On the terminal, and in the reports that say why there is none."""
    with serving(App()) as upstream, gw.Gateway(upstream, gw.always(action)).serving() as url:
        options = ("--output", tmp_path, "--report", EVERY, *WORDS)
        result = contracts("run", "--target", url, *options)

    assert result.exit_code == 2
    for text in (result.output, result.stderr, *map(_read, tmp_path.iterdir())):
        must_be_clean(text)
    assert not (tmp_path / "results.json").exists()
