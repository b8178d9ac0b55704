"""The independent server over HTTP: ``python -m support.independent.server`` prints its URL."""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

from support.independent.app import App
from support.independent.request import read_request
from support.independent.values import Refusal

CHUNKED_FROM_BYTES = 1000
BAD_REQUEST = 400


class Handler(BaseHTTPRequestHandler):
    """Reads a request, calls the app and writes the answer; connections are kept alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the client's next packet
    wbufsize = -1  # one packet an answer
    app: App

    def answer(self) -> None:
        """Answer one request of any method."""
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            answer = handle_watched(self.app, self.command, self.path, headers=headers, content=raw)
        except ConnectionError:  # an override that closes the connection
            self.close_connection = True
            return
        self.write(*answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = answer  # noqa: N815

    def write(self, status: int, content: bytes, ignored: list[str]) -> None:
        """Send the body, chunked if it is long."""
        self.send_response(status)
        if ignored and status < BAD_REQUEST:
            names = (quote(name[:40], safe="[]") for name in ignored[:20])
            self.send_header("X-Mock-Ignored", ", ".join(names))
        self.send_header("Content-Type", "application/json; charset=utf-8")
        if len(content) > CHUNKED_FROM_BYTES:
            self.send_header("Transfer-Encoding", "chunked")
            content = b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)
        else:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def handle_request(
    app: App, method: str, url: str, *, headers: dict[str, str], content: bytes
) -> tuple[int, bytes]:
    """Return the status and the encoded body of the app's answer to a raw request."""
    status, body, _ = handle_watched(app, method, url, headers=headers, content=content)
    return status, body


def handle_watched(
    app: App, method: str, url: str, *, headers: dict[str, str], content: bytes
) -> tuple[int, bytes, list[str]]:
    """Return the same, and the names of what was sent and not looked at (readings T17)."""
    try:
        request = read_request(method, url, headers=headers, content=content)
    except Refusal as refusal:
        return refusal.status, app.encode(app.error_body(refusal)), []
    try:
        status, body = app.answer(request)
    except ConnectionError:
        raise
    except Exception as crash:
        status, body = 500, {"error": {"code": "ERR_CRASHED", "message": repr(crash)}}
    return status, app.encode(body), request.ignored()


@contextmanager
def serving(app: App, *, port: int = 0) -> Iterator[str]:
    """Serve the app in threads until the block ends, and yield its URL."""
    handler = type("Bound", (Handler,), {"app": app})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v3"
        finally:
            server.shutdown()
            thread.join()


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--late", type=float, default=0.0, metavar="S")
    parser.add_argument("--actions", action="store_true")
    options = parser.parse_args()
    app = App(late_s=options.late, actions=options.actions)
    with serving(app, port=options.port) as url:
        print(json.dumps({"url": url}), flush=True)  # noqa: T201 - this line is the interface
        threading.Event().wait()


if __name__ == "__main__":
    main()
