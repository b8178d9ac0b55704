"""The independent server over HTTP: ``python -m support.independent.server`` prints its url."""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from support.independent.app import Registry
from support.independent.http import Asked
from support.independent.model import Refusal

LONG_BYTES = 1000


class Handler(BaseHTTPRequestHandler):
    """Parses, asks the registry, writes; connections stay open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the client's next packet
    wbufsize = -1  # one packet an answer
    registry: Registry

    def answer(self) -> None:
        """Answers one request of whatever method."""
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            answered = ask(self.registry, self.command, self.path, headers=headers, content=raw)
        except ConnectionError:  # a departure that hangs up
            self.close_connection = True
            return
        self.write(*answered)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = answer  # noqa: N815

    def write(self, status: int, content: bytes) -> None:
        """Sends the body: long ones in chunks, all else whole."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        if len(content) > LONG_BYTES:
            self.send_header("Transfer-Encoding", "chunked")
            content = b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)
        else:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing: the suite keeps the books."""


def ask(
    registry: Registry, method: str, url: str, *, headers: dict[str, str], content: bytes
) -> tuple[int, bytes]:
    """The registry's answer to a request, both as they go over the wire."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    asked = Asked(method, unquote(parts.path), headers, query)
    try:
        asked.body = json.loads(content) if content.strip() else None
    except ValueError:
        refusal = Refusal(400, "ERR_BAD_REQUEST", body="is no JSON")
        return refusal.status, registry.written(registry.problem(refusal))
    try:
        status, body = registry.answer(asked)
    except ConnectionError:
        raise
    except Exception as crash:
        status, body = 500, {"error": {"code": "ERR_CRASHED", "message": repr(crash)}}
    return status, registry.written(body)


@contextmanager
def serving(registry: Registry, *, port: int = 0) -> Iterator[str]:
    """The address of the registry, served by threads for as long as the block lasts."""
    handler = type("Bound", (Handler,), {"registry": registry})
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
    """Serves until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--late", type=float, default=0.0, metavar="S")
    parser.add_argument("--actions", action="store_true")
    options = parser.parse_args()
    registry = Registry(late_s=options.late, actions=options.actions)
    with serving(registry, port=options.port) as url:
        print(json.dumps({"url": url}), flush=True)  # noqa: T201 - this line is the interface
        threading.Event().wait()


if __name__ == "__main__":
    main()
