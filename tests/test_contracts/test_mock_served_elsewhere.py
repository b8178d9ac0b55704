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


def world(url):
    """Everything in the mock, but for the number of its next message."""
    with urllib.request.urlopen(url.removesuffix("/v3") + "/_mock/world") as answer:
        return {**json.load(answer)["data"], "nextMessageId": None}


def judged(url):
    return subprocess.run(
        [*PYTHON, "duologue.contracts", "run", "--target", url, "--max-examples", "2"],
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
