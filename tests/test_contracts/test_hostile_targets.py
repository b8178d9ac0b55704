"""Whole runs on targets that flood, trickle and lie (case T11): bounded, and told in words.

One process runs all of them, so that its memory at the end is the most that any of them took.
"""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from support.independent.app import App
from support.independent.server import serving
from support.servers import gateway as gw
from support.servers.odd_answers import altered

MOST_MEMORY_BYTES = 300 * 1024**2
KEY = "canary+key/7f3a9c=="
ESCAPE = "\x1b]0;owned\x07"
FAR = format_datetime(datetime(2999, 1, 1, tzinfo=UTC), usegmt=True)
PROGRAM = """
import json, resource, sys
from click.testing import CliRunner
from duologue.contracts.cli import main

def play(url, folder):
    words = ["run", "--target", url, "--timeout", "1", "--settle", "0", "--output", folder]
    result = CliRunner().invoke(main, [*words, "--only", "operations.get-user-conversation"])
    crash = result.exception and not isinstance(result.exception, SystemExit)
    return [result.exit_code, result.stdout, result.stderr, repr(result.exception) if crash else ""]

runs = [play(*each) for each in json.loads(sys.stdin.read())]
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
try:  # Linux hands the parent's maximum on to a new program; this one is the program's own
    status = open("/proc/self/status").read()
    most = int(status.partition("VmHWM:")[2].split()[0]) * 1024
except OSError:
    pass
print(json.dumps({"runs": runs, "most": most}))
"""


def page(status, document, **headers):
    """Answer with JSON, lone surrogates and control characters as escapes."""
    body = json.dumps(document).encode()
    kind = {"Content-Type": "application/json", **headers}
    return lambda handler: handler.write(status, body, **kind)


def refusal(code):
    return page(404, {"error": {"code": code, "message": code}})


ACTIONS = {
    "endless body": gw.endless,
    "200 MB": lambda handler: handler.write(200, b" " * 200_000_000),
    "gzip bomb": gw.gzip_bomb,
    "trickled body": gw.trickle,
    "trickled head": gw.trickle_head,
    "endless 100 Continue": gw.continues,
    "429 for a day": page(
        429, {"error": {"code": "E", "message": "m"}}, **{"Retry-After": "99999"}
    ),
    "429 until a date": page(429, {"error": {"code": "E", "message": "m"}}, **{"Retry-After": FAR}),
    "lone surrogates": page(200, {"data": {"conversationId": "\ud83d", "uid": "\ud83d"}}),
    "escapes in a code": refusal(f"ERR_{ESCAPE}"),
    "the key in a code": refusal(f"ERR_{KEY}"),
}
WHEN = {
    "from the start": gw.always,
    "in the middle": lambda action: gw.always(action, method="GET", ending="/conversation"),
}
CASES = [(name, when) for name in ACTIONS for when in WHEN]


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """What each run came to: exit code, stdout, stderr, exception, reports; and the memory."""
    with ExitStack() as stack:
        upstream = stack.enter_context(
            serving(App(overrides={"check_key": lambda self, key: None}))
        )
        runs = []
        for name, when in CASES:
            gateway = gw.Gateway(upstream, WHEN[when](ACTIONS[name]))
            url = stack.enter_context(gateway.serving())
            runs.append((url, str(tmp_path_factory.mktemp("run"))))
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            input=json.dumps(runs),
            env={**os.environ, "CONTRACTS_API_KEY": KEY, "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    folders = [folder for _, folder in runs]
    return told["most"], dict(zip(CASES, zip(told["runs"], folders, strict=True), strict=True))


@pytest.mark.parametrize(("name", "when"), CASES)
def test_a_hostile_target_is_told_in_words(played, name, when):
    """Exit 1 or 2, one sentence, no traceback, no raw control character, no key."""
    (code, out, err, crash), folder = played[1][name, when]

    assert crash == ""
    assert code in ((1, 2) if when == "from the start" else (1,)), out + err
    assert len(err.strip().splitlines()) == (1 if code == 2 else 0)
    assert "Traceback" not in out + err
    reports = [path.read_text(encoding="utf-8") for path in Path(folder).iterdir()]
    for text in (out, err, *reports):
        assert KEY not in text
        assert not {"\x1b", "\x07"} & set(text)


def test_all_of_them_take_little_memory(played):
    assert played[0] < MOST_MEMORY_BYTES


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_a_target_answers_the_verdict_is_on_the_target(tmp_path, seed):
    """One answer in ten is changed at random; `benchmarks.odd_answers` does many such runs."""
    app = App(overrides={"check_key": lambda self, key: None})
    with serving(app) as upstream, gw.Gateway(upstream, altered(0.1, seed)).serving() as url:
        words = ["run", "--target", url, "--settle", "0", "--max-examples", "2"]
        done = subprocess.run(
            [sys.executable, "-m", "duologue.contracts", *words, "--allow-leftovers"],
            env={**os.environ, "CONTRACTS_API_KEY": KEY},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=240,
            check=False,
        )

    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Traceback" not in done.stdout + done.stderr
