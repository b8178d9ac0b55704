"""The pytest plugin and the handles of a running mock (a whole project: test_sample_consumer)."""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from duologue.fixtures.worlds import WORLDS, make
from duologue.mockserver import testing
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.serving.thread_server import LiveServer
from duologue.mockserver.store import schema
from duologue.mockserver.testing import ControlRefused, Mock, handles
from duologue.mockserver.testing.world_builder import document
from support.waiting import WITHIN_S, happens

HEAVY = ("flask", "sqlalchemy", "waitress", "openapi", "fixtures", "http.client", "werkzeug")
PLUGINS = (
    "-p",
    "xdist",
    "-p",
    "duologue.contracts.plugin",
    "-p",
    "duologue.mockserver.testing.plugin",
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Mock]:
    """A mock with the default world."""
    with testing.running() as mock:
        yield mock


@pytest.fixture
def mock(shared: Mock) -> Mock:
    """The same mock after a reset, as the fixture `mockserver` gives it."""
    shared.reset()
    return shared


def ask(mock: Mock, path: str, as_: str | None = "ana", method: str = "GET") -> Any:
    """Return `data` of an API call's answer."""
    request = urllib.request.Request(mock.url + path, headers=mock.headers(as_), method=method)
    with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:
        return json.load(answer)["data"]


# --- imports ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "module",
    [
        "duologue.mockserver.testing",
        "duologue.mockserver.testing.plugin",
        "duologue.mockserver.testing.handles",
    ],
)
def test_importing_it_imports_nothing_heavy(module: str) -> None:
    """Pytest loads the plugin in every project of an environment."""
    code = f"import sys, pytest; import {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = done.stdout.split()
    assert module in loaded
    assert not [name for name in loaded if name.removeprefix("duologue.").startswith(HEAVY)]


def test_the_plugin_imports_no_handles() -> None:
    """They are imported when a test requests the mock."""
    code = "import sys, duologue.mockserver.testing.plugin; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "duologue.mockserver.testing.handles" not in done.stdout.split()


@pytest.mark.parametrize("name", testing.__all__)
def test_public_names_are_those_of_the_handles(name: str) -> None:
    """They are imported on first use."""
    assert getattr(testing, name) is getattr(handles, name)
    assert name in dir(testing)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As for any module."""
    with pytest.raises(AttributeError, match="nothing_like_this"):
        _ = testing.nothing_like_this


# --- as a plugin --------------------------------------------------------------------------------

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run(code, "--mockserver-seed", "7")` runs pytest on a test file in its own directory."""

    def run(code: str, *words: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "test_it.py").write_text(code, encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *PLUGINS, "-q", *words],
            cwd=tmp_path,
            env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


COUNT_USERS = """
def test_users(mockserver):
    print("users:", len(mockserver.control_request("GET", "/world")["users"]))
"""


def test_world_and_seed_are_options(run: Run) -> None:
    """`--mockserver-world` and `--mockserver-seed` select the world of each test."""
    words = ("--mockserver-world", "users=7,messages=10", "--mockserver-seed", "3", "-s")
    result = run(COUNT_USERS, *words)

    assert result.returncode == 0, result.stdout
    assert "users: 7\n" in result.stdout


def test_an_unknown_world_is_one_sentence(run: Run) -> None:
    """No traceback: the mistake is in the command line."""
    result = run(COUNT_USERS, "--mockserver-world", "nowhere")

    assert result.returncode == 1
    assert "No mock is available: " in result.stdout
    assert "nowhere" in result.stdout
    assert "Traceback" not in result.stdout
    assert "testing.py" not in result.stdout


def test_a_mock_that_runs_is_used_and_left_running(run: Run, mock: Mock) -> None:
    """`--mockserver-url`: the mock is reset before the test, as any other."""
    mock.world().dm("ana", "bo", unread=2).load()
    code = """
def test_there(mockserver, mockserver_url):
    assert mockserver_url.endswith("/v3")
    assert mockserver.control_request("GET", "/journal") == []
    mockserver.world().dm("ana", "dan", unread=5).load()
"""
    result = run(code, "--mockserver-url", mock.url)

    assert result.returncode == 0, result.stdout
    assert ask(mock, "/users/dan/conversation")["unreadMessageCount"] == 5


WORKERS = """
import pytest

@pytest.mark.parametrize("number", range(8))
def test_alone(mockserver, number):
    assert mockserver.control_request("GET", "/journal") == []
    mockserver.load({"users": ["ana", "bo"]})
    for count in range(number):
        mockserver.send("bo", "ana", "Hi")
    assert len(mockserver.journal) == number
"""


def test_8_workers_share_one_mock_each_with_a_world_of_its_own(run: Run, mock: Mock) -> None:
    result = run(WORKERS, "--mockserver-url", mock.url, "-n", "8")

    assert result.returncode == 0, result.stdout
    assert mock.control_request("GET", "/worlds") == []
    assert list(mock.journal) == []


FILE = "users: [ana, bo, cy]\n"


def test_a_world_named_beside_a_url_is_what_the_tests_start_with(
    run: Run, mock: Mock, tmp_path: Path
) -> None:
    (tmp_path / "three.yaml").write_text(FILE, encoding="utf-8")
    for world, count in (("users=7,messages=10", 7), ("three.yaml", 3)):
        words = ("--mockserver-url", mock.url, "--mockserver-world", world, "-s")
        result = run(COUNT_USERS, *words)

        assert result.returncode == 0, result.stdout
        assert f"users: {count}\n" in result.stdout


def test_a_file_is_a_world(run: Run, tmp_path: Path) -> None:
    (tmp_path / "three.yaml").write_text(FILE, encoding="utf-8")
    result = run(COUNT_USERS, "--mockserver-world", "three.yaml", "-s")

    assert result.returncode == 0, result.stdout
    assert "users: 3\n" in result.stdout


def test_a_file_can_be_loaded(mock: Mock, tmp_path: Path) -> None:
    path = tmp_path / "three.yaml"
    path.write_text(FILE, encoding="utf-8")
    for given in (path, str(path)):
        mock.load(given)

        assert len(mock.control_request("GET", "/world")["users"]) == 3


def test_pytest_shows_the_line_of_the_test_and_none_of_ours(run: Run) -> None:
    result = run("def test_it(mockserver):\n    mockserver.fault('no-such-fault')\n")

    assert "test_it.py:2: ControlRefused" in result.stdout
    assert "clients.py" not in result.stdout


def test_blocked_sockets_are_told_with_what_helps(run: Run) -> None:
    pytest.importorskip("pytest_socket")
    result = run(COUNT_USERS, "-p", "pytest_socket", "--disable-socket")

    assert result.returncode == 1
    assert "pytest-socket blocks sockets" in result.stdout
    assert "Traceback" not in result.stdout


def test_hidden_files_are_told_with_what_helps(run: Run) -> None:
    pytest.importorskip("pyfakefs")
    result = run("def test_it(fs_session, mockserver): pass", "-p", "pyfakefs.pytest_plugin")

    assert result.returncode == 1
    assert "pyfakefs hides them" in result.stdout


def test_a_mock_that_was_there_before_the_files_were_hidden_works(run: Run) -> None:
    """The fixture of the session comes before that of the test."""
    pytest.importorskip("pyfakefs")
    test = """
def test_it(fs, mockserver):
    fs.create_file("/only/here")
    mockserver.load({"users": ["ana", "bo"]})
    mockserver.send("bo", "ana", "Hi")
    assert [entry["operation"] for entry in mockserver.journal] == ["sendMessage"]
    mockserver.load("inbox")
"""
    result = run(test, "-p", "pyfakefs.pytest_plugin")

    assert result.returncode == 0, result.stdout


def test_a_state_is_saved_and_brought_back(mock: Mock) -> None:
    mock.load({"users": ["ana"]})
    mock.snapshots.save("one")
    mock.load({"users": ["ana", "bo"]})
    mock.snapshots.restore("one")

    assert len(mock.control_request("GET", "/world")["users"]) == 1
    assert mock.snapshots.names == ["one"]
    mock.snapshots.delete("one")


def test_a_world_beside_has_an_address_of_its_own(mock: Mock) -> None:
    with mock.side("other", "empty") as other:
        other.load({"users": ["ana", "bo"]})
        other.send("bo", "ana", "Hi")

        assert len(ask(other, "/conversations")) == 1
        assert list(mock.journal) == []
    assert mock.control_request("GET", "/worlds") == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v3", "nonsense"])
def test_a_url_where_nothing_is_is_one_sentence(run: Run, url: str) -> None:
    """No traceback: the mistake is in the command line."""
    result = run(COUNT_USERS, "--mockserver-url", url)

    assert result.returncode == 1
    assert "No mock is available: no control plane answers at" in result.stdout
    assert "testing.py" not in result.stdout


def test_the_key_of_a_mock_elsewhere_comes_from_the_environment(
    mock: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MOCKSERVER_API_KEY."""
    monkeypatch.setenv("MOCKSERVER_API_KEY", "another")

    with testing.at(mock.url) as found:
        assert found.headers("ana") == {"apikey": "another", "onBehalfOf": "ana"}


# --- starting and stopping ----------------------------------------------------------------------


def test_it_leaves_nothing_behind() -> None:
    """Port, threads and state are gone after the block, even if a client is still connected."""
    before, directories = set(threading.enumerate()), private_states()
    with testing.running("empty") as mock:
        url = mock.url
        assert ask(mock, "/conversations", as_=None) == []

    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{url}/conversations", timeout=2)
    assert happens(lambda: set(threading.enumerate()) <= before)
    assert private_states() <= directories


def private_states() -> set[Path]:
    return set(Path("/dev/shm").glob(f"mockserver-{os.getpid()}-*/*"))


def test_many_requests_at_once_write_nothing_into_the_log(
    mock: Mock, caplog: pytest.LogCaptureFixture
) -> None:
    """Waitress warns of each queued request; the log belongs to the user's tests."""
    with caplog.at_level(logging.INFO), ThreadPoolExecutor(30) as pool:
        list(pool.map(lambda _: ask(mock, "/conversations"), range(60)))

    assert caplog.records == []


# --- worlds -------------------------------------------------------------------------------------


def rows(app: Any) -> dict[str, list[Any]]:
    reading = inside(app).store.reading()
    return {
        table.name: sorted(map(tuple, reading.execute(select(table))), key=repr)
        for table in schema.metadata.sorted_tables
    }


@pytest.mark.parametrize("name", sorted(WORLDS.keys() - {"crowd"}))
def test_a_world_that_is_put_is_the_world_that_is_loaded(name: str) -> None:
    """All rows are equal, whether a start or the control plane loads the world."""
    apps = [create_app(world=make(name)), create_app(world=make("empty"))]
    answer = (
        apps[1]
        .test_client()
        .put("/_mock/world", json=document(make(name)), base_url="http://127.0.0.1")
    )

    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert rows(apps[0]) == rows(apps[1])
    for app in apps:
        inside(app).close()


def test_messages_in_a_large_group_count_as_built(mock: Mock) -> None:
    """A built world's messages were sent while the group was small enough to count."""
    people = [f"u{number}" for number in range(301)]
    mock.world().group("crowd", members=people, unread=2).load()

    assert ask(mock, "/groups/crowd/conversation", as_="u1")["unreadMessageCount"] == 2


def test_a_builder_can_be_extended_after_load(mock: Mock) -> None:
    """`load` returns the mock; later steps need another `load`."""
    builder = mock.world().dm("ana", "bo", unread=1)

    assert builder.load() is mock
    builder.message("bo", "And another thing", to="ana").load()
    assert ask(mock, "/users/bo/conversation")["unreadMessageCount"] == 2


def test_an_invalid_world_is_refused_with_the_paths_of_its_mistakes(mock: Mock) -> None:
    """The state does not change."""
    with pytest.raises(ControlRefused) as refused:
        mock.load(
            {"users": ["ana"], "messages": [{"from": "bo", "text": "x", "to": {"user": "ana"}}]}
        )

    assert refused.value.status == 422
    assert "messages.0" in str(refused.value)
    assert ask(mock, "/users/bo/conversation")["unreadMessageCount"] == 3


def test_a_reset_restores_the_start(mock: Mock) -> None:
    """State, clock, faults, delays, rate limit, dialect, journal."""
    mock.world().dm("ana", "bo").load()
    mock.clock.freeze(0)
    mock.fault("count-is-text")
    mock.delay(1, 2)
    mock.delay(1, operation="getUserConversation")
    mock.limit(1000)
    mock.set_dialect("live")
    ask(mock, "/conversations")
    mock.reset()

    assert ask(mock, "/users/bo/conversation")["conversationId"] == "user_bo"
    assert ask(mock, "/users/bo/conversation")["unreadMessageCount"] == 3
    assert mock.clock.now > 1_700_000_000
    assert not mock.clock.is_frozen
    assert mock.control_request("GET", "/latency") == {"default": None, "operations": {}}
    assert mock.control_request("GET", "/rate-limit") is None
    assert len(mock.journal) == 2


# --- clock, faults, journal ---------------------------------------------------------------------


def test_the_clock_is_frozen_run_and_advanced(mock: Mock) -> None:
    """The time is given in seconds or as a datetime."""
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)

    assert mock.clock.freeze(noon) == noon.timestamp() == mock.clock.now
    assert mock.clock.is_frozen
    assert mock.clock.advance(1, minutes=1, hours=1, days=1) == mock.clock.now
    assert mock.clock.now == noon.timestamp() + 90_061
    assert mock.clock.run(1_800_000_000) - 1_800_000_000 in (0, 1)
    assert not mock.clock.is_frozen


@pytest.mark.parametrize("now", [1_777_636_800.9, datetime(2026, 5, 1, 12)])
def test_a_time_is_the_same_on_each_machine(mock: Mock, now: float | datetime) -> None:
    """Without an offset a time is UTC, wherever the test runs."""
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("TZ", "Asia/Tokyo")
            time.tzset()
            frozen = mock.clock.freeze(now)
    finally:
        time.tzset()

    assert frozen == 1_777_636_800


def test_what_is_no_time_is_refused_at_the_line_of_the_test(mock: Mock) -> None:
    with pytest.raises(TypeError, match="UNIX seconds or a datetime, not 'now'"):
        mock.clock.freeze("now")  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["", "/", "/v3", "/v3/"])
def test_an_address_may_leave_out_the_version(mock: Mock, given: str) -> None:
    with handles.at(mock.url.removesuffix("/v3") + given) as other:
        assert other.url == mock.url
        assert len(ask(other, "/users")) == len(ask(mock, "/users"))


def test_faults_end_with_their_own_block(mock: Mock) -> None:
    """Nested blocks and repeated names: faults that were on before a block are on after it."""

    def on() -> list[str]:
        found: list[str] = mock.control_request("GET", "/faults")["on"]
        return found

    mock.fault("count-is-text")
    with mock.fault("count-is-text", "read-user-does-nothing"):
        with mock.fault("count-is-null"):
            assert on() == ["count-is-text", "read-user-does-nothing", "count-is-null"]
        assert on() == ["count-is-text", "read-user-does-nothing"]

    assert on() == ["count-is-text"]


def test_an_unknown_fault_is_refused(mock: Mock) -> None:
    """The message names it, and no fault is on."""
    with pytest.raises(ControlRefused, match="no-such-fault"):
        mock.fault("no-such-fault")

    assert mock.control_request("GET", "/faults")["on"] == []


def test_every_available_fault_names_its_clause(mock: Mock) -> None:
    """`mockserver.faults` lists all of them."""
    assert all(each["name"] and each["clause"] and each["text"] for each in mock.faults)
    assert "count-is-text" in [each["name"] for each in mock.faults]


def test_the_journal_is_a_sequence_of_requests(mock: Mock) -> None:
    """Oldest first; by index or slice, or filtered by operation, status or caller."""
    ask(mock, "/conversations")
    ask(mock, "/users/bo/conversation")
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(mock, "/users/nobody/conversation", as_="bo")
    refused.value.close()

    journal = mock.journal
    assert [entry["operation"] for entry in journal] == [
        "listConversations",
        "getUserConversation",
        "getUserConversation",
    ]
    assert len(journal) == 3
    assert journal[-1]["code"] == "ERR_UID_NOT_FOUND"
    assert [entry["status"] for entry in journal[1:]] == [200, 404]
    assert len(journal.entries("getUserConversation")) == 2
    assert len(journal.entries(caller="bo")) == 1
    assert len(journal.entries(status="4xx")) == 1
    assert "GET /v3/conversations 200" in repr(journal)
    journal.clear()
    assert not journal


# --- clients ------------------------------------------------------------------------------------


def test_it_works_with_requests(mock: Mock) -> None:
    requests = pytest.importorskip("requests")
    with requests.Session() as session:
        answer = session.get(
            f"{mock.url}/conversations", headers=mock.headers("ana"), timeout=WITHIN_S
        )

    assert answer.json()["data"][0]["conversationId"] == "user_bo"


def test_it_works_with_httpx(mock: Mock) -> None:
    httpx = pytest.importorskip("httpx")
    with httpx.Client(base_url=mock.url, headers=mock.headers("ana"), trust_env=False) as client:
        answer = client.get("/conversations")

    assert answer.json()["data"][0]["conversationId"] == "user_bo"


def app_page(environ: Any, start: Any) -> list[bytes]:
    """Answer the page of a frontend on the same machine but from another origin."""
    start("200 OK", [("Content-Type", "text/html")])
    return [b"<title>App</title>"]


@pytest.mark.starts_browser
def test_it_works_from_a_page_in_a_browser(mock: Mock) -> None:
    """A page of another origin sends headers that need a CORS preflight."""
    api = pytest.importorskip("playwright.sync_api")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if path is None:
        pytest.skip("no Chromium here")
    script = """async ([url, headers]) => {
        const answer = await fetch(url + "/users/bo/conversation", {headers});
        return (await answer.json()).data.unreadMessageCount;
    }"""

    def evaluate(url: str) -> object:
        with api.sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = browser.new_page()
            page.set_default_timeout(WITHIN_S * 1000)
            page.goto(url)
            found = page.evaluate(script, [mock.url, mock.headers("ana")])
            browser.close()
        return found

    # In its own thread, because another test's Playwright may run in this one.
    with LiveServer(app_page) as app, ThreadPoolExecutor(1) as pool:
        found = pool.submit(evaluate, app.url).result()

    assert found == 3
    assert mock.journal[-1]["operation"] == "getUserConversation"


USE_THE_LIST = """
import urllib.request

import pytest

@pytest.mark.parametrize("number", range(4))
def test_list(mockserver, number):
    headers = mockserver.headers("ana")
    urllib.request.urlopen(
        urllib.request.Request(f"{mockserver.url}/conversations?perPage=2", headers=headers)
    )
"""


def test_what_the_tests_of_all_workers_used_is_written(run: Run, tmp_path: Path) -> None:
    """A file of an earlier run is replaced."""
    for _ in range(2):
        done = run(USE_THE_LIST, "--mockserver-usage", "shop.json", "-n", "2")
        assert done.returncode == 0, done.stdout + done.stderr

    usage = json.loads((tmp_path / "shop.json").read_text())
    assert usage["consumer"] == "shop"
    assert usage["operations"]["GET /conversations"]["count"] == 4


def test_usage_goes_where_a_link_leads(run: Run, tmp_path: Path) -> None:
    """What was there before may be a link, a file that is mounted alone, or a device."""
    file, link = tmp_path / "shop.json", tmp_path / "link.json"
    file.write_text("of an earlier run")
    link.symlink_to(file)

    done = run(USE_THE_LIST, "--mockserver-usage", "link.json")

    assert done.returncode == 0, done.stdout + done.stderr
    assert link.is_symlink()
    assert json.loads(file.read_text())["operations"]["GET /conversations"]["count"] == 4


def test_usage_cannot_take_the_place_of_a_folder_or_a_socket(run: Run, tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as bound:
        bound.bind(str(tmp_path / "s"))
        for path in (tmp_path, tmp_path / "s"):
            done = run(USE_THE_LIST, "--mockserver-usage", str(path))

            assert done.returncode == pytest.ExitCode.USAGE_ERROR
            assert "cannot be written" in done.stderr


def test_a_value_of_two_hyphens_is_a_value(run: Run, tmp_path: Path) -> None:
    """Before Python 3.13 argparse drops it."""
    assert "4 passed" in run(USE_THE_LIST, "--mockserver-usage=--").stdout
    assert json.loads((tmp_path / "--").read_text())["consumer"] == "--"

    assert "no world is called '--'" in run(USE_THE_LIST, "--mockserver-world=--").stdout


def test_the_usage_of_a_mock_that_pytest_did_not_start_is_refused(run: Run) -> None:
    words = ("--mockserver-usage", "shop.json", "--mockserver-url", "http://127.0.0.1:9/v3")

    done = run(USE_THE_LIST, *words)

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "give the other one --usage" in done.stderr
