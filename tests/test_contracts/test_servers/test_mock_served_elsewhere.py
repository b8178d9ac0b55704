"""A mock that somebody else serves, judged whole by what the README says, by two runs at once."""

import json
import os
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

PYTHON = (sys.executable, "-P", "-m")
SERVE = ("duologue.mockserver", "serve", "--port", "0", "--print-url", "json", "--quiet")
KEYS = ("--api-key", "mock-api-key", "--api-key", "auth-only")
ENVIRONMENT = {"CONTRACTS_API_KEY": "mock-api-key", "CONTRACTS_AUTH_ONLY_KEY": "auth-only"}


@pytest.fixture(scope="module")
def url():
    words = [*PYTHON, *SERVE, *KEYS]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())["url"]
        process.terminate()


def control(url, path, body=None):
    """Return what the control plane answers to a GET, or to a POST with a body."""
    content = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"} if content else {}
    address = url.removesuffix("/v3") + path
    request = urllib.request.Request(address, content, headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]


def world(url):
    """Everything in the mock, but for the number of its next message."""
    return {**control(url, "/_mock/world"), "nextMessageId": None}


def judged(url, *options):
    return subprocess.run(
        [*PYTHON, "duologue.contracts", "run", "--target", url, "--max-examples", "2", *options],
        env=os.environ | ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_two_runs_at_once_hold_all_and_leave_nothing(url):
    """No clause is left out, and neither run removes what the other has made."""
    before = world(url)
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(judged, [url, url]))

    for run in runs:
        assert (run.returncode, run.stderr) == (0, ""), run.stdout + run.stderr
        assert " held, 0 broken, 0 not reached, 0 not staged" in run.stdout
        assert run.stdout.splitlines()[-1].startswith("all held in")
        assert "left behind" not in run.stdout
    assert world(url) == before


def test_a_mock_without_the_deprecated_operations_is_judged_without_them(url):
    """No request asks for them, the generated half included."""
    deprecated = ("getConversation", "deleteConversation")
    for operation in deprecated:
        failure = {"operation": operation, "status": 404, "code": "ERR_API_NOT_FOUND"}
        control(url, "/_mock/failures", failure)
    run = judged(url, "--deprecated", "no")

    assert (run.returncode, run.stderr) == (0, ""), run.stdout + run.stderr
    assert " held, 0 broken, 0 not reached, 0 not staged" in run.stdout
    assert [each["matched"] for each in control(url, "/_mock/failures")] == [0, 0]
    for operation in deprecated:
        assert control(url, f"/_mock/journal?operation={operation}") == []
