"""Fixtures for tests in a browser: Debian's Chromium, controlled by Playwright.

Without one such tests are skipped and say so; with REQUIRE_BROWSER=1, as in CI, they fail. Every
page must come through without an error in its console. Screenshots go to the folder that
DUOLOGUE_SCREENSHOTS names, else to pytest's own.
"""

from __future__ import annotations

import json
import os
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from support.waiting import WITHIN_S

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

try:
    from playwright import sync_api
except ImportError:
    sync_api = None

SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Without these Chromium looks for Google's hosts at every start.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE_MS = WITHIN_S * 1000


@pytest.fixture(scope="session")
def expect() -> Any:
    """Playwright's `expect`, which waits for its condition."""
    if sync_api is not None:
        sync_api.expect.set_options(timeout=PATIENCE_MS)
    return sync_api and sync_api.expect


def chromium() -> str | None:
    """Return the path of a Chromium; None if there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def _absent(what: str) -> NoReturn:
    said = f"no {what} here: the page is not tested in a browser"
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(said)
    pytest.skip(said)


_started: list[Any] = []  # each folder's conftest has its own fixture, a process one Playwright


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser for all tests of this process."""
    if _started:
        yield _started[0]  # closed by the fixture that started it, which ends after this one
        return
    if sync_api is None:
        _absent("Playwright")
    path = chromium()
    if path is None:
        _absent("Chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(SWITCHES))
        _started.append(browser)
        yield browser
        _started.clear()
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens pages; errors in their consoles fail the test."""
    complaints: list[str] = []
    opened: list[Any] = []

    def open_page(url: str, *, width: int = 1440, height: int = 860, **how: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **how)
        opened.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: _hear(said, complaints))
        # Nothing but the page's own server, or its own file, is ever asked for anything.
        page.on("request", lambda request: _look(request, url, complaints))
        page.goto(url)
        return page

    yield open_page
    for context in opened:
        # A handler of a route may be at work still; what it meets once its page is closed is no
        # finding, and Playwright would raise it in the next test.
        context.unroute_all(behavior="ignoreErrors")
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")
        context.close()
    assert not complaints


def _hear(said: Any, complaints: list[str]) -> None:
    # Chromium notes each answer from 400 up as an error; what the API refuses is part of the tests.
    if said.type in {"error", "warning"} and "Failed to load resource" not in said.text:
        complaints.append(f"{said.type}: {said.text}")


def _look(request: Any, url: str, complaints: list[str]) -> None:
    origin = url if url.startswith("file:") else "/".join(url.split("/")[:3])
    if not request.url.startswith((origin, "data:", "blob:")):
        complaints.append(f"the page asked for {request.url}")


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of screenshots."""
    chosen = os.environ.get("DUOLOGUE_SCREENSHOTS")
    folder = Path(chosen) if chosen else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def violations(page: Any, within: str = "html") -> list[str]:
    """Return axe-core's findings with their elements."""
    run = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    # Imported here: without a browser axe-core is missing too, and the fixtures skip the test.
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    found = Axe().run(page, context=within, options=run).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def control(mock: Any, method: str, path: str, body: Any = None) -> Any:
    """Return what the mock's control plane answers under data; None where it has no data."""
    request = urllib.request.Request(
        mock.control + path,
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:
        return json.load(answer).get("data")
