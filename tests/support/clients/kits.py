"""The vendor's UI kits, installed and bundled at test time; nothing of them is kept here.

npm has a cache of its own, so that a second installation takes seconds. esbuild bundles a page of
ours with a kit in less than a second.
"""

from __future__ import annotations

import functools
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from support.clients.npm import INSTALL, npm

PAGE = Path(__file__).parents[2] / "test_kits" / "page"
SDK = "@cometchat/chat-sdk-javascript@4.2.0"
_REACT = ("react@18.3.1", "react-dom@18.3.1", "esbuild@0.28.2", SDK)
KITS = {
    "6.5.6": ("@cometchat/chat-uikit-react@6.5.6", "rxjs@7.8.2", *_REACT),
    "7.2.1": ("@cometchat/chat-uikit-react@7.2.1", *_REACT),
}
# What the kits load from hosts of the vendor and others, which no mock can be. An empty answer
# stands in for each: sounds when a message is sent or comes, and a font.
FOREIGN = {
    "https://assets.cc-cluster-2.io/uikits/static/audio/": "audio/wav",
    "https://fonts.googleapis.com/": "text/css",
}
_HEAD = b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0"
_SILENCE = _HEAD + b"\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data\2\0\0\0\x80\x80"
_DATA_URLS, _FILES = ("svg", "png", "gif"), ("woff", "woff2", "ttf", "wav", "mp3")
_HTML = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="page.css">
<style>body {{margin: 0}}</style><div id="root"></div><script type="module" src="page.js"></script>
"""


def installed(folder: Path, kit: str) -> Path:
    """Install a kit into a folder; fail the test where npm is missing or cannot."""
    folder.mkdir()
    npm(*INSTALL, "--legacy-peer-deps", *KITS[kit], folder=folder, asked_by="REQUIRE_KITS")
    return folder


def bundled(folder: Path, entry: str, *, kit: str) -> Path:
    """Bundle a page of ours with what is installed in `folder`; return the folder to serve."""
    out = folder / Path(entry).stem
    chosen = PAGE / f"kit{kit[0]}.jsx"
    command: list[str | Path] = [
        folder / "node_modules" / ".bin" / "esbuild",
        f"page={PAGE / entry}",
        *("--bundle", "--splitting", "--format=esm", "--log-level=warning"),
        f"--outdir={out}",
        f"--alias:chosen-kit={chosen}",
        *('--define:process.env.NODE_ENV="production"', "--define:global=window"),
        *(f"--loader:.{each}=dataurl" for each in _DATA_URLS),
        *(f"--loader:.{each}=file" for each in _FILES),
    ]
    environment = os.environ | {"NODE_PATH": str(folder / "node_modules")}
    subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    (out / "page.css").touch()
    (out / "index.html").write_text(_HTML.format(title=f"UI kit {kit}"), encoding="utf-8")
    return out


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """Serve a folder's files until the block ends; yield the address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


class Complaints:
    """What goes wrong in a page, and which foreign hosts it asks."""

    def __init__(self, *own: str) -> None:
        self.own = own  # addresses that the page may ask
        self.found: list[str] = []
        self.foreign: set[str] = set()

    def listen(self, page: Any) -> None:
        """Listen to a page, and answer in the place of foreign hosts."""
        page.on("pageerror", lambda error: self.found.append(f"error: {error.message}"))
        page.on("console", self._hear)
        page.on("request", self._look)
        for address, mime in FOREIGN.items():
            page.route(f"{address}**", functools.partial(self._stand_in, address, mime))

    def _hear(self, said: Any) -> None:
        if said.type == "error":  # a warning may be Chromium's own, of a slow machine
            self.found.append(f"error: {said.text}")

    def _look(self, request: Any) -> None:
        expected = (*self.own, *FOREIGN, "data:", "blob:")
        if not request.url.startswith(expected):
            self.found.append(f"the page asked for {request.url}")

    def _stand_in(self, address: str, mime: str, route: Any) -> None:
        self.foreign.add(address)
        body = _SILENCE if mime == "audio/wav" else b""
        route.fulfill(status=200, content_type=mime, body=body)
