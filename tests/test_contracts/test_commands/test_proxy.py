"""``contracts proxy``, as a process of its own that Ctrl-C ends."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import jsonschema
import pytest
import urllib3
from click.testing import CliRunner

from duologue.contracts.cli import main
from duologue.contracts.reports.json_report import schema
from support.independent.app import App
from support.independent.server import serving
from support.independent.values import Refusal

KEY = "canary+key/7f3a9c=="
EVERY = "html,junit,markdown,sarif,github"
ALLOW = {"check_key": lambda self, key: None}


def echo(self, guid):
    raise Refusal(404, f"ERR_{KEY}", guid=f"{KEY}\x1b[2J")


@contextmanager
def proxy(target, *options, **variables):
    """Yield the proxy's address and a function that ends it and returns exit code and output."""
    words = [sys.executable, "-m", "duologue.contracts", "proxy", "--target", target, "--port", "0"]
    process = subprocess.Popen(
        [*words, *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **variables},
    )

    def end(how=signal.SIGINT):
        process.send_signal(how)
        text, _ = process.communicate(timeout=60)
        return process.returncode, text

    try:
        yield process.stdout.readline().split()[0], end
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def get(url, path, **headers):
    pool = urllib3.PoolManager(retries=False)
    try:
        return pool.request("GET", url + path, headers={"apikey": KEY, **headers})
    finally:
        pool.clear()


def test_ctrl_c_ends_with_the_verdict_all_reports_and_the_usage(tmp_path):
    """A wrong answer of the target is found; its secrets, and what it echoes, are hidden."""
    app = App(overrides={**ALLOW, "group": echo})
    usage = tmp_path / "usage.json"
    options = ("--output", tmp_path / "r", "--report", EVERY, "--usage", usage, "--consumer", "app")
    with serving(app) as target, proxy(target, *options) as (url, end):
        listed = get(url, "/conversations?perPage=2")
        refused = get(url, "/groups/nobody/conversation", onBehalfOf="ana")
        code, text = end()

    assert (listed.status, refused.status) == (200, 404)
    assert code in (0, 1)
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "r").iterdir()}
    assert len(written) == 5
    for each in (text, *written.values(), usage.read_text(encoding="utf-8")):
        assert KEY not in each
        assert "\x1b" not in each
    results = json.loads(written["results.json"])
    jsonschema.Draft202012Validator(schema()).validate(results)
    assert results["operations"]["listConversations"] == {"requests": 1, "by_status": {"200": 1}}
    assert "2 requests, 2 of them of the document's operations" in text
    counted = json.loads(usage.read_text(encoding="utf-8"))
    assert counted["consumer"] == "app"
    assert counted["operations"]["GET /conversations"]["parameters"]["query.perPage"] == 1


def test_a_broken_answer_makes_it_exit_with_1(tmp_path):
    overrides = {**ALLOW, "created_at": lambda self, key, messages: "today"}
    with serving(App(overrides=overrides)) as target, proxy(target) as (url, end):
        get(url, "/users/nobody/conversation", onBehalfOf="ana")
        get(url, "/conversations?colour=red")
        code, text = end(signal.SIGTERM)

    assert code == 1
    assert "traffic.requests-follow-the-document" in text
    assert "query parameter colour" in text


def test_no_traffic_is_no_success():
    with serving(App()) as target, proxy(target) as (_, end):
        code, text = end()

    assert code == 1
    assert "nothing was shown" in text


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--target", "host"), "'host' is no http(s) address"),
        (("--target", "http://h/v3", "--report", "pdf"), "--report: no format 'pdf'"),
        (("--target", "http://h/v3", "--accept", "none.yaml"), "no accepted deviations from none"),
        (("--target", "https://h/v3", "--ca", __file__), "--ca, --client-cert: no such PEM file"),
        (("--target", "http://h/v3", "--header", "X-A=NOT_SET_1"), "for X-A is not set: give its"),
        (("--target", "http://h/v3", "--header", "Host=PATH"), "Host is set by the suite itself"),
        (("--target", "http://h/v3", "--rate", "fast"), "'fast' is no rate: write it like 300/m"),
        (("--target", "http://a:b@h/v3"), "the address holds a name or password"),
        (("--target", "http://h/v3", "--usage", "/no/x"), "cannot write /no/x (No such file or"),
        (("--target", "http://h/v3", "--usage", "/no/x"), "choose another --usage"),
    ],
)
def test_a_proxy_that_cannot_be_made_says_why(options, sentence):
    """Before it passes anything on."""
    result = CliRunner().invoke(main, ["proxy", "--port", "0", *options])

    assert result.exit_code == 2
    assert sentence in result.stderr


def test_a_key_of_the_proxy_reaches_the_target_and_no_report(tmp_path):
    """The client needs none; what the target echoes of it is hidden."""
    options = ("--header", "apikey=GATEWAY_KEY", "--output", tmp_path, "--report", EVERY)
    app = App(overrides={"check_key": only_key, "group": echo})
    with serving(app) as target, proxy(target, *options, GATEWAY_KEY=KEY) as (url, end):
        pool = urllib3.PoolManager(retries=False)
        answer = pool.request(
            "GET", f"{url}/groups/nobody/conversation", headers={"onBehalfOf": "ana"}
        )
        pool.clear()
        _, text = end()

    assert answer.status == 404
    for each in (text, *(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())):
        assert KEY not in each


def only_key(self, key):
    if key != KEY:
        raise Refusal(401, "AUTH_ERR_APIKEY_NOT_FOUND")


def test_the_count_on_a_terminal_follows_the_traffic():
    """Through a terminal of this system, as people see it; elsewhere no cursor is moved."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "duologue.contracts", "proxy", "--port", "0", "--target"]
    with serving(App(overrides=ALLOW)) as target, os.fdopen(ours, "rb", buffering=0) as screen:
        process = subprocess.Popen(
            [*words, target],
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "200", "PYTHONUNBUFFERED": "1"},
        )
        os.close(theirs)
        try:
            url = shown_until(screen, b"Ctrl-C ends it").partition(b" passes")[0].decode()
            shown_until(screen, b"0 requests, 0 of them")
            get(url.strip(), "/conversations")
            shown_until(screen, b"1 request, 1 of them of the document's operations")
            get(url.strip(), "/elsewhere")
            shown_until(screen, b"2 requests, 1 of them")
        finally:
            process.send_signal(signal.SIGINT)
            text = shown_until(screen, b"2 requests, 1 of them of the document's operations; ")
            process.wait(timeout=60)

    assert text


def shown_until(screen, words):
    """Return what a terminal shows up to and with these words; ends with the program."""
    shown = b""
    while words not in shown:
        try:
            read = screen.read(4096)
        except OSError:  # the program has ended
            read = b""
        assert read, f"{words!r} was not shown, but {shown!r}"
        shown += read
    return shown
