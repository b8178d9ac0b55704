"""The WSGI application of the proxy: each request goes to the target, and its answer comes back."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.util import SKIP_HEADER

from duologue.contracts.http.connection import (
    MAX_ANSWER_BYTES,
    READ_BYTES,
    AnswerTooLarge,
    Network,
    make_pool,
    read_bounded,
    until,
)
from duologue.contracts.http.pacing import Pacer
from duologue.contracts.http.running_time import running_time
from duologue.contracts.http.target import SecretHeader
from duologue.contracts.proxy.exchange import Exchange, Router
from duologue.contracts.proxy.record import Record

Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], Any]
STREAM_TIMEOUT_S = 300.0  # between two parts of what is no operation, such as an event stream
# RFC 9110, 7.6.1: of one connection, not of the exchange.
HOP_BY_HOP = frozenset(
    (
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization"),
        *("proxy-connection", "te", "trailer", "trailers", "transfer-encoding", "upgrade"),
        "expect",
    )
)


class Forwarder:
    """Passes requests through to one target and lets ``record`` judge those of its operations.

    Answers of the 15 operations are read whole, up to 16 MiB and ``timeout_s``; all others are
    passed on as they come. What gets no answer is 502 in an envelope of the proxy's own.
    ``headers`` go with every request, in place of the client's of that name.
    """

    def __init__(  # noqa: PLR0913 - one optional word for each way to reach the target
        self,
        url: str,
        record: Record,
        *,
        timeout_s: float = 10.0,
        network: Network | None = None,
        connections: int = 16,
        headers: Sequence[SecretHeader] = (),
        rate_per_s: float | None = None,
    ) -> None:
        parts = urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.record = record
        self._timeout_s = timeout_s
        self._headers = {each.name.lower(): each.value for each in headers}
        self._pacer = Pacer(rate_per_s, now=time.monotonic)
        self._router = Router(parts.path)
        self._pool = make_pool(
            network or Network(), url=url, connections=connections, timeout_s=timeout_s
        )
        # The pool of one host sends a path as the client wrote it; a proxy wants whole addresses.
        is_direct = not isinstance(self._pool, urllib3.ProxyManager)
        self._way: Any = self._pool.connection_from_url(url) if is_direct else self._pool
        self._before = "" if is_direct else self.origin

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer one request."""
        target = _target_of(environ["REQUEST_URI"])
        method = environ["REQUEST_METHOD"]
        content = environ["wsgi.input"].read()
        headers = self._with_own(_headers_of(environ))
        time.sleep(self._pacer.reserve_s())
        operation = self._router.operation(method, target.partition("?")[0])
        try:
            if operation is None:
                return self._stream(method, target, headers, content=content, start=start)
            exchange = Exchange(operation, self.origin, target, headers, content)
            return self._judged(exchange, start)
        except (urllib3.exceptions.HTTPError, OSError, ValueError, AnswerTooLarge) as cause:
            self.record.count(failed=True)
            return self._refused(cause, start)

    def _with_own(self, headers: dict[str, str]) -> dict[str, str]:
        """Return a client's headers with those that a gateway wants; cookies stand side by side."""
        own = dict(self._headers)
        if "cookie" in own and "cookie" in headers:
            own["cookie"] = f"{headers['cookie']}; {own['cookie']}"
        return headers | own

    def close(self) -> None:
        """Close the connections to the target."""
        self._pool.clear()

    def _whole(self, exchange: Exchange) -> tuple[urllib3.BaseHTTPResponse, bytes]:
        """Return the target's answer and its body; raise TimeoutError past the deadline."""
        deadline = running_time() + self._timeout_s
        method = exchange.operation.method
        try:
            with until(deadline):
                answer = self._send(
                    method, exchange.target, exchange.headers, content=exchange.content, wait_s=None
                )
                try:
                    content = read_bounded(answer, deadline=deadline, decode=False)
                except BaseException:
                    answer.close()
                    raise
                answer.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as cause:
            if running_time() > deadline:  # the watchdog shut the socket, which looks like an end
                raise TimeoutError from cause
            raise
        return answer, content

    def _judged(self, exchange: Exchange, start: Start) -> Iterable[bytes]:
        answer, content = self._whole(exchange)
        exchange.status = answer.status
        exchange.answer_headers = {name.lower(): value for name, value in answer.headers.items()}
        exchange.answer_content = content
        self.record.count()
        self.record.add(exchange)
        headers = [pair for pair in _end_to_end(answer) if pair[0].lower() != "content-length"]
        headers.append(("Content-Length", str(len(content))))
        start(f"{answer.status} {answer.reason or ''}", headers)
        return [content]

    def _stream(
        self, method: str, target: str, headers: dict[str, str], *, content: bytes, start: Start
    ) -> Iterable[bytes]:
        answer = self._send(method, target, headers, content=content, wait_s=STREAM_TIMEOUT_S)
        self.record.count()
        start(f"{answer.status} {answer.reason or ''}", _end_to_end(answer))
        return _parts(answer)

    def _send(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        *,
        content: bytes,
        wait_s: float | None,  # between two bytes; None where `until` bounds the whole
    ) -> urllib3.BaseHTTPResponse:
        skipped = dict.fromkeys(("user-agent", "accept-encoding"), SKIP_HEADER)
        answer: urllib3.BaseHTTPResponse = self._way.urlopen(
            method,
            self._before + target,
            redirect=False,
            body=content or None,
            headers={**skipped, **headers},
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=self._timeout_s, read=wait_s),
        )
        return answer

    def _refused(self, cause: Exception, start: Start) -> Iterable[bytes]:
        why = f"no answer within {self._timeout_s:g} s" if _is_late(cause) else _reason(cause)
        message = f"contracts proxy: {self.origin} gave no usable answer: {why}"
        error = {"error": {"code": "ERR_BAD_GATEWAY", "message": message}}
        content = json.dumps(error).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        start("502 Bad Gateway", headers)
        return [content]


def _target_of(uri: str) -> str:
    """Return path and query as they were sent; of a whole address its path and query."""
    if uri.startswith("/"):
        return uri
    parts = urlsplit(uri)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _headers_of(environ: Environ) -> dict[str, str]:
    """Return the headers that concern the target, by names in small letters."""
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    named = {each.strip().lower() for each in headers.get("connection", "").split(",")}
    dropped = HOP_BY_HOP | named | {"host", "content-length"}
    return {name: value for name, value in headers.items() if name not in dropped}


def _end_to_end(answer: urllib3.BaseHTTPResponse) -> list[tuple[str, str]]:
    named = {each.strip().lower() for each in answer.headers.get("connection", "").split(",")}
    dropped = HOP_BY_HOP | named
    return [pair for pair in answer.headers.iteritems() if pair[0].lower() not in dropped]


def _parts(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """Yield an answer's bytes as they come; a break ends the client's connection, too."""
    try:
        while part := answer.read1(READ_BYTES, decode_content=False):
            yield part
    finally:
        answer.close()  # a connection whose answer was not read to its end is not used again


def _is_late(cause: Exception) -> bool:
    if isinstance(cause, urllib3.exceptions.NewConnectionError):  # refused, say: no time ran out
        return False
    return isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError)


def _reason(cause: Exception) -> str:
    if isinstance(cause, AnswerTooLarge):
        return f"it is longer than {MAX_ANSWER_BYTES // 1024**2} MiB"
    return " ".join(str(getattr(cause, "reason", None) or cause).split())
