"""A UI kit's page over a mock with --tls and the world `inbox`, in a browser."""

from __future__ import annotations

import json
import os
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from support.clients.browser import PATIENCE_MS, browser, expect, shots
from support.clients.kits import KITS, Complaints, bundled, installed, web_server
from support.servers.served import served
from support.waiting import WITHIN_S

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

__all__ = ("browser", "expect", "shots")

HEADERS = {"apikey": "mock-api-key", "Content-Type": "application/json"}


class Api:
    """Calls of the mock as its users make them, for what a page must have changed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.host = url.partition("://")[2]
        self._trust = ssl._create_unverified_context()

    def call(self, path: str, uid: str, method: str = "GET", body: Any = None) -> Any:
        """Return `data` of the answer to a request of a user."""
        data = None if body is None else json.dumps(body).encode()
        headers = HEADERS | {"onBehalfOf": uid}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, context=self._trust, timeout=WITHIN_S) as answer:
            return json.load(answer)["data"]

    def newest(self, uid: str, peer: str) -> Any:
        """Return the newest message between a user and a peer, deleted or not."""
        return self.call(f"/users/{peer}/messages?affix=prepend&limit=1", uid)[-1]

    def reset(self) -> None:
        """Bring the world back to its start."""
        self.control("POST", "/reset")

    def control(self, method: str, path: str) -> Any:
        """Return `data` of the answer to a call of the control plane."""
        address = self.url.removesuffix("/v3") + "/_mock" + path
        data = b"{}" if method == "POST" else None
        request = urllib.request.Request(address, data, HEADERS, method=method)
        with urllib.request.urlopen(request, context=self._trust, timeout=WITHIN_S) as answer:
            return json.load(answer)["data"]

    def connected(self) -> list[str]:
        """Return the uids of those who are logged in to the socket."""
        found = self.control("GET", "/socket")["connections"]
        return sorted(each["uid"] for each in found)


@pytest.fixture(scope="session")
def kits_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder for what npm installs; skip unless it was asked for."""
    if not os.environ.get("REQUIRE_KITS"):
        pytest.skip("the UI kits are only installed by tox -e kits (or with REQUIRE_KITS=1)")
    return tmp_path_factory.mktemp("kits")


@pytest.fixture(scope="module", params=KITS)
def kit(request: pytest.FixtureRequest) -> str:
    """Return the version of a UI kit."""
    return str(request.param)


@pytest.fixture(scope="session")
def kit_folder(kits_folder: Path) -> Callable[[str], Path]:
    """Return a function that installs a kit once."""
    known: dict[str, Path] = {}

    def folder(kit: str) -> Path:
        if kit not in known:
            known[kit] = installed(kits_folder / kit, kit)
        return known[kit]

    return folder


@pytest.fixture(scope="module")
def site(kit_folder: Callable[[str], Path], kit: str) -> Iterator[str]:
    """Serve the page of a kit, on another origin than the mock."""
    with web_server(bundled(kit_folder(kit), "page.jsx", kit=kit)) as address:
        yield address


@pytest.fixture(scope="session")
def api(kits_folder: Path) -> Iterator[Api]:
    """Serve the world `inbox` over https."""
    environment = os.environ | {"XDG_DATA_HOME": str(kits_folder / "data")}
    with served("--tls", "--world", "inbox", environment=environment) as url:
        yield Api(url)


@pytest.fixture
def complaints(site: str, api: Api) -> Complaints:
    """What the pages of this test complain about."""
    return Complaints(site, f"https://{api.host.partition('/')[0]}/")


@pytest.fixture
def open_chat(
    browser: Any, site: str, api: Api, complaints: Complaints
) -> Iterator[Callable[..., Page]]:
    """Return a function that logs a user in on a page of the kit, over the world as it begins."""
    api.reset()
    opened: list[Any] = []

    def open_chat(
        uid: str = "ana", *, socket: bool = True, prepare: Callable[[Page], None] | None = None
    ) -> Page:
        size = {"width": 1280, "height": 1400}
        context = browser.new_context(viewport=size, ignore_https_errors=True)
        opened.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        complaints.listen(page)
        if prepare:
            prepare(page)
        page.goto(f"{site}index.html?uid={uid}&host={api.host}&socket={socket:d}")
        return page  # type: ignore[no-any-return]

    yield open_chat
    for context in opened:
        context.close()
