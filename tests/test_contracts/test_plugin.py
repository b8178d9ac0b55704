"""The pytest front-end: one test a clause, from any folder, with pytest's own means."""

import base64
import json
import os
import subprocess
import sys
from types import MethodType
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from duologue import openapi
from duologue.contracts.cli import main
from duologue.contracts.connection_options import option_name
from duologue.contracts.plugin import OPTIONS
from support.independent.app import App
from support.independent.server import serving
from support.independent.values import Refusal
from support.servers import gateway as gw

# Other plugins of this environment take seconds to load; one test loads them all the same.
COMMAND = [
    sys.executable,
    "-m",
    "pytest",
    "--pyargs",
    "duologue.contracts",
    "-p",
    "no:cacheprovider",
]
RUN_ONLY = {"dry-run", "keep", "max-failures", "output", "report", "shard", "strict-accept"}
LIGHT = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
PLUGINS = ("-p", "duologue.contracts.plugin", "-p", "xdist")


@pytest.fixture
def suite(tmp_path):
    """``suite(url, …)``: ``pytest --pyargs duologue.contracts`` from a folder of its own."""

    def run(url, *words, key="k", plugins=PLUGINS, environment=LIGHT):
        keys = {"CONTRACTS_API_KEY": key, "CONTRACTS_AUTH_ONLY_KEY": "k2"}
        return subprocess.run(
            [*COMMAND, *plugins, "--contracts-target", url, *words],
            cwd=tmp_path,
            env={**os.environ, **keys, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def broken():
    """The address of a server that takes any number of tags, in milliseconds."""
    overrides = {
        "validated_tags": lambda self, tags: tags,
        "created_at": lambda self, key, messages: messages[0].sent_at * 1000,
    }
    with serving(App(overrides=overrides)) as url:
        yield url


def count_as_text(self, key, messages, **wants):
    shown = App.conversation(self, key, messages, **wants)
    return {**shown, "unreadMessageCount": str(shown["unreadMessageCount"])}


def broken_down(self, request):
    raise Refusal(500, "ERR_INTERNAL")


def outcomes(result):
    return result.stdout.strip().splitlines()[-1]


def test_one_test_a_clause_chosen_with_k(suite, url):
    """``-k`` takes words of the clause's id; the plugin is there without being named."""
    words = ("-k", "at-most-25-tags or guid-not-found", "-v")
    result = suite(url, *words, plugins=(), environment={})

    assert result.returncode == 0, result.stdout + result.stderr
    assert "test_clause[key-behaviors.at-most-25-tags] PASSED" in result.stdout
    assert "test_clause[errors.guid-not-found] PASSED" in result.stdout
    assert "2 passed" in outcomes(result)


def test_a_broken_clause_fails_with_its_finding(suite, broken):
    """Statement, expectation, answer and calls; no traceback of ours, and no key."""
    result = suite(broken, "-k", "at-most-25-tags", "--contracts-settle", "0", key="k")

    assert result.returncode == 1
    assert "26 are refused." in result.stdout
    assert "expected: a refusal (4xx)" in result.stdout
    assert "curl -X PUT" in result.stdout and '"apikey: $CONTRACTS_API_KEY"' in result.stdout
    assert "Warning" not in result.stdout and "contracts/run/" not in result.stdout


def test_a_defect_of_a_check_fails_with_its_traceback(suite, url, tmp_path):
    """A plugin of the test's own puts a defect into one clause's check."""
    (tmp_path / "defect.py").write_text(
        "from dataclasses import replace\n"
        "import duologue.contracts.clauses\n"
        "from duologue.contracts.clause import REGISTRY\n"
        "NAME = 'errors.guid-not-found'\n"
        "REGISTRY[NAME] = replace(REGISTRY[NAME], check=lambda context: 1 // 0)\n"
    )
    own = {**LIGHT, "PYTHONPATH": str(tmp_path)}
    result = suite(url, "-p", "defect", "-k", "guid-not-found", environment=own)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "a defect of the suite, not of the target: ZeroDivisionError" in result.stdout
    assert 'defect.py", line 5' in result.stdout


def test_x_stops_at_the_first(suite, broken):
    """``-x`` as everywhere."""
    result = suite(
        broken, "-x", "--contracts-settle", "0", "-k", "tags-up-to or at-most-25 or created-at-is"
    )

    assert result.returncode == 1
    assert "1 failed" in outcomes(result)


def test_junitxml_holds_the_clauses(suite, url, tmp_path):
    """pytest's own report, by the names of a run's, each case with its result as a property."""
    result = suite(url, "-k", "guid-not-found or envelope", "--junitxml", "junit.xml")
    cases = list(ET.parse(tmp_path / "junit.xml").getroot().iter("testcase"))

    assert result.returncode == 0, result.stdout
    assert {(case.get("classname"), case.get("name")) for case in cases} == {
        ("contracts.errors", "guid-not-found"),
        ("contracts.errors", "envelope"),
    }
    (first, *_) = cases[0].iter("property")
    assert first.get("name") == "contract_result"
    assert "2 passed" in outcomes(result) and "warning" not in outcomes(result)


def test_xdist_shares_the_clauses_out(suite, broken, tmp_path):
    """Two workers, each with a session of its own; both find what there is."""
    result = suite(
        broken,
        "-n",
        "2",
        "--contracts-settle",
        "0",
        "-k",
        "guid-not-found or at-most-25 or created-at-is",
        "--junitxml",
        "junit.xml",
    )
    cases = ET.parse(tmp_path / "junit.xml").getroot().iter("testcase")

    assert result.returncode == 1, result.stdout
    assert "2 failed, 1 passed" in outcomes(result)
    assert ("contracts.errors", "guid-not-found") in {
        (case.get("classname"), case.get("name")) for case in cases
    }


def test_a_run_that_cannot_be_made_is_2(suite, closed_port):
    """One sentence, no list of failed tests."""
    result = suite(f"http://127.0.0.1:{closed_port}/v3", "-k", "guid-not-found")

    assert result.returncode == 2, result.stdout
    assert f"nothing answers at http://127.0.0.1:{closed_port}/v3" in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr


def test_a_run_that_cannot_be_made_is_2_with_xdist_too(suite, url):
    """A worker that must stop takes the run with it, and says why."""
    result = suite(url, "-n", "2", "-k", "guid-not-found or envelope", key="wrong-key")

    assert result.returncode == 2, result.stdout
    assert "refused the API key in CONTRACTS_API_KEY" in result.stdout + result.stderr
    assert "wrong-key" not in result.stdout + result.stderr


def kept(self, request):
    raise Refusal(403, "ERR_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [
        ("workers", "0", "1<=x<=64"),
        ("timeout", "nan", "no number of seconds"),
        ("max-time", "soon", "not a valid float"),
        ("basis", "said", "'documented', 'inferred'"),
        ("basis", "--", "'documented', 'inferred'"),  # argparse drops it before Python 3.13
        ("insecure", "si", "not a valid boolean"),
        ("deprecated", "", "it is empty"),
    ],
)
def test_an_option_that_cannot_be_used_is_2_with_its_name(suite, url, option, value, hint):
    """Before any request; one that is empty does not stand for its default."""
    result = suite(url, "-k", "guid-not-found", f"--contracts-{option}={value}")

    assert result.returncode == 2, result.stdout
    assert f"--contracts-{option}: " in result.stdout + result.stderr
    assert hint in result.stdout + result.stderr


def test_an_empty_target_is_not_the_bundled_mock(suite):
    """As where a CI's variable is not set: nothing is judged in its place."""
    result = suite("", "-k", "guid-not-found")

    assert result.returncode == 2, result.stdout
    assert "--contracts-target: it is empty" in result.stdout


def test_what_stays_behind_is_told(suite):
    """pytest has no place for it in a clause's result: a warning says it."""
    with serving(App(overrides={"delete_user": kept})) as url:
        result = suite(url, "-k", "guid-not-found", "--contracts-allow-leftovers", "true")

    assert "1 passed" in outcomes(result)
    assert "may stay there (--allow-leftovers): deleteUser leaves user duo-" in result.stdout
    assert "left behind: user duo-" in result.stdout


@pytest.mark.parametrize("allowed", ["", "true"])
def test_the_workers_of_xdist_look_once_whether_the_target_removes(suite, allowed):
    """One of them makes the user, the others wait; all are told what it found."""
    app, names = App(overrides={"delete_user": kept}), []

    def create_user(self, request):
        names.append(request.body_fields()["name"])
        return App.create_user(self, request)

    app.create_user = MethodType(create_user, app)
    with serving(app) as url:
        words = ("-k", "guid-not-found or envelope", "--contracts-allow-leftovers", allowed)
        result = suite(url, "-n", "2", "--dist", "each", *words)

    assert names.count("Somebody") == 1
    if allowed:
        assert "4 passed" in outcomes(result), result.stdout
    else:
        assert (result.returncode, names) == (2, ["Somebody"]), result.stdout
        assert "deleteUser leaves user duo-" in result.stdout + result.stderr


def test_one_cause_is_one_failure_as_in_a_run(suite, tmp_path):
    """A count that is text breaks its own clause, though other clauses' checks see it, too."""
    names = "unread-message-count-is-an-integer or answers-follow-it or every-answer-tells"
    with serving(App(overrides={"conversation": count_as_text})) as url:
        result = suite(url, "-k", names, "--contracts-max-examples", "5")
        ran = subprocess.run(
            [sys.executable, "-m", "duologue.contracts", "run", "--target", url,
             "--only", "properties.unread-message-count-is-an-integer",
             "--only", "document.answers-follow-it",
             "--only", "consistency.every-answer-tells-the-same", "--max-examples", "5"],
            cwd=tmp_path,
            env={**os.environ, "CONTRACTS_API_KEY": "k"},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip

    assert "1 failed, 2 passed" in outcomes(result), result.stdout
    assert "2 held, 1 broken" in ran.stdout, ran.stdout + ran.stderr


def test_an_operation_that_never_succeeds_is_told(suite):
    """A warning names the operation; what fails is its own clause, once."""
    with serving(App(overrides={"delete_by_id": broken_down})) as url:
        result = suite(url, "-k", "operations and delete or tags-stay or operations_are")

    own = "operations.delete-conversation"
    assert result.returncode == 1
    assert f"never answered 2xx: deleteConversation (see {own})" in result.stdout
    assert "1 failed, 1 passed, 1 skipped" in outcomes(result)


def test_an_accepted_break_that_no_longer_occurs_is_told(suite, url, tmp_path):
    """Each list of known failures would only grow otherwise."""
    (tmp_path / "accepted.yaml").write_text(
        "deviations:\n  - {clause: errors.guid-not-found, reason: old, evidence: a note}\n"
    )
    result = suite(url, "-k", "guid-not-found", "--contracts-accept", "accepted.yaml")

    assert result.returncode == 0, result.stdout
    assert "errors.guid-not-found: accepted, but no longer occurs" in result.stdout


CONFIG = """
[targets.staging]
target = "{url}"
api-key-env = "STAGING_KEY"
header = ["X-Gateway=GATEWAY_TOKEN", "X-Second=SECOND"]
cookie = ["session=SESSION_COOKIE"]
only = ["errors.*", "properties.conversation-type"]
exclude = ["errors.malformed-input"]
workers = 4
settle = 0
output = "reports"
max-failures = 3
"""
SECRETS = {
    "STAGING_KEY": "canary+key/7f3a9c==",
    "GATEWAY_TOKEN": "canary-gateway-51d0",
    "SECOND": "canary-second-88aa",
    "SESSION_COOKIE": "canary-cookie-19fe",
}

ANY_KEY = {"check_key": lambda self, key: None}


@pytest.fixture
def named(suite, tmp_path):
    """``named(url, …)``: the suite on the target staging of a contracts.toml."""

    def run(url, *words, config=CONFIG):
        (tmp_path / "contracts.toml").write_text(config.format(url=url))
        return suite("staging", *words, environment={**LIGHT, **SECRETS})

    return run


def test_a_named_target_gives_its_options(named):
    """Headers, cookies, key and choice of clauses, as for `contracts run staging`."""
    headers = {"X-Gateway": SECRETS["GATEWAY_TOKEN"], "X-Second": SECRETS["SECOND"]}
    headers |= {"Cookie": f"session={SECRETS['SESSION_COOKIE']}", "apikey": SECRETS["STAGING_KEY"]}
    with serving(App(overrides=ANY_KEY)) as upstream:
        gateway = gw.Gateway(upstream, headers=headers)
        with gateway.serving() as url:
            result = named(url, "-k", "guid-not-found or malformed or at-most-25")

    assert result.returncode == 0, result.stdout
    assert "1 passed" in outcomes(result)


def test_an_option_wins_over_the_named_target(named, url):
    words = ("--contracts-only", "key-behaviors.at-most-25-tags", "--contracts-api-key-env", "NONE")
    result = named(url, *words, "--contracts-header", "", "--contracts-cookie", "")

    assert result.returncode == 2
    assert "NONE" in result.stdout + result.stderr


def test_a_named_target_that_may_only_be_read_is_only_read(named):
    """The option keeps a run from changing anything, under pytest as well."""
    config = CONFIG.replace("settle = 0", "settle = 0\nread-only = true").replace("header", "#")
    with serving(App(overrides=ANY_KEY)) as upstream:
        gateway = gw.Gateway(upstream)
        with gateway.serving() as url:
            result = named(url, config=config)

    assert {each.method for each in gateway.seen} == {"GET"}
    assert "skipped" in outcomes(result)


def test_the_plugin_has_the_options_of_a_run():
    """All but those that say how a run reports and ends."""
    run = {option_name(each) for each in main.commands["run"].params if option_name(each) != "name"}

    assert run - RUN_ONLY == {name for name, *_ in OPTIONS}


def test_a_document_is_what_the_clauses_are_judged_by(suite, url, tmp_path):
    """A copy that allows 20 tags: the server takes 25."""
    changed = openapi.load()
    changed["components"]["schemas"]["Tags"]["maxItems"] = 20
    (tmp_path / "changed.json").write_text(json.dumps(changed), encoding="utf-8")
    words = ("--contracts-only", "key-behaviors.at-most-25-tags", "--contracts-settle", "0")

    judged = suite(url, *words, "--contracts-document", "changed.json")
    missing = suite(url, *words, "--contracts-document", "none.json")

    assert "1 failed" in outcomes(judged), judged.stdout
    assert missing.returncode == 2
    assert "--document: " in missing.stdout + missing.stderr


def test_a_named_target_with_a_shard_is_refused_with_the_way_out(named, url):
    result = named(url, config=CONFIG + 'shard = "1/2"\n')

    assert result.returncode == 2
    assert "leave 'shard' out and use pytest -n" in result.stdout + result.stderr


def test_an_unknown_key_ends_the_run(named, url):
    result = named(url, config=CONFIG.replace("settle", "setle"))

    assert result.returncode == 2
    assert "unknown key 'setle': did you mean 'settle'?" in result.stdout + result.stderr


def test_no_secret_is_in_the_output(named, tmp_path):
    """Neither on the terminal nor in the JUnit file, whatever the target echoes."""
    echoed = [form for secret in SECRETS.values() for form in forms(secret)]

    def echo(self, guid):
        raise Refusal(404, f"ERR_{' '.join(echoed)}\x1b]0;x\x07", guid=" ".join(echoed))

    with serving(App(overrides={"group": echo, **ANY_KEY})) as url:
        junit = tmp_path / "junit.xml"
        words = ("--contracts-only", "errors.*,operations.get-group-conversation")
        result = named(url, *words, "--junitxml", str(junit), "-vv", "-rA")

    assert result.returncode == 1, result.stdout
    written = result.stdout + result.stderr + junit.read_text(encoding="utf-8")
    assert [form for form in echoed if form in written] == []
    assert not {"\x1b", "\x07"} & set(written)


def forms(secret):
    yield from (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode())
