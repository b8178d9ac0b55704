"""Connections with bounds: no answer outlives its deadline or outgrows its size."""

from __future__ import annotations

import http.client
import ipaddress
import os
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from duologue.contracts.http.running_time import running_time

MAX_ANSWER_BYTES = 16 * 1024 * 1024
MAX_INFORMATIONAL = 10  # answers 1xx before the final one
READ_BYTES = 16 * 1024
CERT_PASSWORD_VARIABLE = "CONTRACTS_CLIENT_CERT_PASSWORD"  # noqa: S105 - a variable's name


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine: localhost, a name below it, or a loopback address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


class AnswerTooLarge(Exception):
    """An answer of more than ``MAX_ANSWER_BYTES`` decoded bytes."""

    def __init__(self) -> None:
        super().__init__(f"the answer is longer than {MAX_ANSWER_BYTES // 1024**2} MiB")


@dataclass(frozen=True, slots=True)
class Network:
    """How a target is reached: certificates and proxies.

    ``ca_file`` is a PEM file of authorities to trust, ``client_cert`` a PEM file with certificate
    and key (the variable CONTRACTS_CLIENT_CERT_PASSWORD may hold the key's password), ``insecure``
    switches the check of certificates off. ``use_proxies`` takes ``HTTP_PROXY``, ``HTTPS_PROXY``
    and ``NO_PROXY`` from the environment; loopback goes direct.
    """

    ca_file: str | None = None
    client_cert: str | None = None
    insecure: bool = False
    use_proxies: bool = True

    def trusted(self) -> str | None:
        """Return the authorities' file: the option, else what the environment names."""
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
        return self.ca_file or next(filter(None, map(os.environ.get, names)), None)

    def proxy_for(self, url: str) -> str | None:
        """Return the proxy's address for a URL, None where it is reached directly."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not self.use_proxies or is_loopback(host):
            return None
        if urllib.request.proxy_bypass_environment(host):  # type: ignore[attr-defined]
            return None
        proxy = urllib.request.getproxies_environment().get(parts.scheme)
        return f"http://{proxy}" if proxy and "://" not in proxy else proxy  # as curl reads it

    def has_usable_proxy(self, url: str) -> bool:
        """Return whether a proxy can be asked for a URL, or none need be."""
        proxy = self.proxy_for(url)
        try:
            parts = urlsplit(proxy or "http://none")
            return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            return False


def make_pool(
    network: Network,
    *,
    url: str,
    connections: int,
    timeout_s: float,
    used_once: bool = False,
    is_watched: bool = False,
) -> urllib3.PoolManager:
    """Return the pool for one target; its connections are bounded, and perhaps used once.

    ``is_watched`` where `until` bounds all that is received: a socket's own timeout goes on while
    this process is stopped. Raises OSError or ssl.SSLError where a certificate file cannot be used.
    """
    options: dict[str, Any] = {
        "maxsize": connections,
        "block": False,
        "retries": False,
        "timeout": urllib3.Timeout(connect=timeout_s, read=None if is_watched else timeout_s),
    }
    if url.startswith("https:"):
        options["ssl_context"] = tls_context(network)
    proxy = network.proxy_for(url)
    pool = _proxy_pool(proxy, options) if proxy else urllib3.PoolManager(**options)
    kept = {"http": _HttpPool, "https": _HttpsPool}
    closed = {"http": _HttpPoolUsedOnce, "https": _HttpsPoolUsedOnce}
    pool.pool_classes_by_scheme = closed if used_once else kept
    return pool


def words_of(cause: BaseException) -> str:
    """Return what a failure says, without Python's names for the things that met it."""
    if isinstance(cause, urllib3.exceptions.NewConnectionError):
        return str(cause).partition("): ")[2] or str(cause)
    if isinstance(cause, OSError) or len(cause.args) < 2:
        return str(cause)
    told = (each for each in cause.args if isinstance(each, (str, BaseException)))
    return " ".join(words_of(each) if isinstance(each, BaseException) else each for each in told)


def close_idle(pool: urllib3.PoolManager) -> None:
    """Close a pool's idle connections; ``clear`` leaves that to the garbage collector."""
    with pool.pools.lock:
        found = [pool.pools[key] for key in pool.pools.keys()]  # noqa: SIM118 - it has no iterator
        pool.clear()
    for each in found:
        each.close()


def _proxy_pool(proxy: str, options: dict[str, Any]) -> urllib3.ProxyManager:
    """Return the pool of a proxy; a name and password in its address go into a header."""
    name, _, host = urlsplit(proxy).netloc.rpartition("@")
    if not name:
        return urllib3.ProxyManager(proxy, **options)
    headers = urllib3.make_headers(proxy_basic_auth=unquote(name))
    plain = urlsplit(proxy)._replace(netloc=host).geturl()
    return urllib3.ProxyManager(plain, proxy_headers=headers, **options)


def environment_secrets() -> dict[str, str]:
    """Return variable -> secret in it: passwords of proxies and of the client certificate's key."""
    found = {CERT_PASSWORD_VARIABLE: os.environ.get(CERT_PASSWORD_VARIABLE, "")}
    for scheme, proxy in urllib.request.getproxies_environment().items():
        # Cut by hand: who cannot be taken apart may hold a password all the same.
        name = (proxy.partition("://")[2] or proxy).partition("/")[0].rpartition("@")[0]
        found[f"{scheme.upper()}_PROXY"] = unquote(name.partition(":")[2] or name)
    return {name: value for name, value in found.items() if value}


def tls_context(network: Network) -> ssl.SSLContext:
    """Return what TLS connections to the target trust and show.

    Raises OSError or ssl.SSLError where a file cannot be used, a missing password included: nobody
    is asked for it.
    """
    context = ssl.create_default_context(cafile=network.trusted())
    if network.client_cert:
        password = os.environ.get(CERT_PASSWORD_VARIABLE, "")
        context.load_cert_chain(network.client_cert, password=lambda: password)
    if network.insecure:
        # The reports say it; a warning for each request would say it a thousand times.
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class BoundedAnswer(http.client.HTTPResponse):
    """An answer whose informational predecessors are skipped, and counted.

    http.client skips 100 without end and takes 103 for the final answer.
    """

    _informational = 0

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 <= status < 200:
                return version, status, reason
            self._informational += 1
            if self._informational > MAX_INFORMATIONAL:
                raise http.client.HTTPException(f"more than {MAX_INFORMATIONAL} answers 1xx")
            while self.fp.readline(65537).strip():
                pass


class _Bounded(HTTPConnection):
    """A connection whose answers have bounds."""

    response_class = BoundedAnswer

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        """Return the answer; the deadline of the thread's call bounds its head, too."""
        _WATCHDOG.waits_on(self.sock)
        return super().getresponse()


class _BoundedTls(_Bounded, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Bounded


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedTls


class _UsedOnce(HTTPConnectionPool):
    """Closes each connection after one request: not all servers say that they do."""

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.close()


class _HttpPoolUsedOnce(_UsedOnce, _HttpPool):
    pass


class _HttpsPoolUsedOnce(_UsedOnce, _HttpsPool):
    pass


class Watchdog:
    """Shuts the sockets of calls that outlive their deadline, from one daemon thread.

    A socket's timeout bounds each wait for a byte, and not an answer that comes byte by byte.
    """

    def __init__(self, interval_s: float = 0.2) -> None:
        self._interval_s = interval_s
        self._deadlines: dict[int, float] = {}
        self._sockets: dict[int, socket.socket] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def until(self, deadline: float) -> Iterator[None]:
        """Bound what the current thread receives by ``deadline`` (of ``running_time``)."""
        key = threading.get_ident()
        self._deadlines[key] = deadline
        if self._thread is None:
            self._start()
        try:
            yield
        finally:
            with self._lock:
                self._deadlines.pop(key, None)
                self._sockets.pop(key, None)

    def waits_on(self, sock: socket.socket | None) -> None:
        """Name the socket that the current thread is about to wait on."""
        if sock is not None and threading.get_ident() in self._deadlines:
            self._sockets[threading.get_ident()] = sock

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True, name="watchdog")
                self._thread.start()

    def _watch(self) -> None:
        while True:
            time.sleep(self._interval_s)
            now = running_time()
            with self._lock:
                late = [key for key, deadline in [*self._deadlines.items()] if deadline < now]
                for sock in filter(None, (self._sockets.pop(key, None) for key in late)):
                    with suppress(OSError):
                        sock.shutdown(socket.SHUT_RDWR)


_WATCHDOG = Watchdog()
until = _WATCHDOG.until


def read_bounded(
    answer: urllib3.BaseHTTPResponse, *, deadline: float, decode: bool = True
) -> bytes:
    """Return the body, decoded or as it came.

    Raises AnswerTooLarge past the size, TimeoutError past the time.
    """
    chunks: list[bytes] = []
    size = 0
    while chunk := answer.read1(READ_BYTES, decode_content=decode):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            raise AnswerTooLarge
        if running_time() > deadline:
            raise TimeoutError
    if running_time() > deadline:  # the watchdog cut the answer, which looks like its end
        raise TimeoutError
    return b"".join(chunks)
