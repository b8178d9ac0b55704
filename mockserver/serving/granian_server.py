"""The server of the command line: granian, in this process, on a socket opened by the caller.

Granian's usual ``Server`` forks a worker that survives a killed parent and keeps the port (seen
with 2.8.7), and it cannot report which port it got for port 0. Its threaded server runs the same
worker in a thread; this module overrides three of its methods.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from granian import net
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.server.mt import MTServer

from duologue.mockserver.domain.limits import HEADER_BYTES
from duologue.mockserver.serving.server_threads import ServerThreads
from duologue.mockserver.serving.sockets import BACKLOG

if TYPE_CHECKING:
    from duologue.mockserver.serving.certificates import ServerCertificate

ANSWERING = 4  # requests at once, the fastest count measured: more wait for the interpreter lock
# For delayed requests and slow uploads, which hold a thread and no slot. All are started once more
# clients than `ANSWERING` send at once, and take 90 KB each; see `server_threads`.
THREADS = 256
# After 30 s, granian's default, most threads ended, and four requests at once took turns.
THREAD_IDLE_S = 600
# A request to the control plane is not journaled; it is refused because of its host.
PROBE = "GET {path} HTTP/1.1\r\nHost: mockserver\r\nConnection: close\r\n\r\n"
MOST_OWN = 4  # requests of its own that wait for an answer
STEP_S = 0.5  # the longest delay before a signal that interrupted no wait is handled
STOP_WITHIN_S = 0.7  # leaves the rest of one second for closing the state


def serve(
    app: Callable[..., Any],
    sock: socket.socket,
    *,
    on_ready: Callable[[], None],
    on_stop: Callable[[], None] = lambda: None,
    certificate: ServerCertificate | None = None,
    threads: ServerThreads | None = None,
) -> bool:
    """Serve until SIGINT or SIGTERM; return False if a request was still running at the end.

    The socket is closed afterwards. ``on_ready`` is called from another thread after the first
    request has been answered, ``on_stop`` before the server waits for running requests. With a
    certificate, serve https. ``threads`` is told by the app where one waits.
    """
    probe = Thread(
        target=_call_when_answering,
        args=(sock.getsockname(), on_ready),
        kwargs={"is_encrypted": certificate is not None},
        daemon=True,
    )
    server = _Server(sock, on_stop, certificate, threads or ServerThreads(ANSWERING))
    server.on_startup(probe.start)
    watched = server.threads.watch(app)
    server.serve(target_loader=lambda: watched, wrap_loader=False)
    return server.is_idle


class _Server(MTServer):
    """Granian's threaded server, on an open socket and with a limit on the time to stop."""

    def __init__(
        self,
        sock: socket.socket,
        on_stop: Callable[[], None],
        certificate: ServerCertificate | None,
        threads: ServerThreads,
    ) -> None:
        super().__init__(
            "mockserver",
            interface=Interfaces.WSGI,
            # A body of HTTP/2 needs no length, and clients choose HTTP/2 over TLS.
            http=HTTPModes.http1,
            ssl_cert=certificate and certificate.certificate,
            ssl_key=certificate and certificate.key,
            ssl_protocol_min=SSLProtocols.tls12,
            blocking_threads=THREADS,
            blocking_threads_idle_timeout=THREAD_IDLE_S,
            http1_settings=HTTP1Settings(max_buffer_size=HEADER_BYTES),
            backlog=BACKLOG,
            websockets=False,
            log_enabled=False,  # it logs to stdout, which must hold the URL only
        )
        self.threads = threads
        self.main_loop_interrupt = _PollingEvent(self._find_thread)
        self._own_requests = threading.Semaphore(MOST_OWN)
        self._address = sock.getsockname()
        self._is_encrypted = certificate is not None
        self._open_socket = sock
        self._on_stop = on_stop
        self.is_idle = True

    def _check_gil(self) -> None:
        """Accept an interpreter with a GIL; granian's own check refuses it."""

    def _init_shared_socket(self) -> None:
        # Detached, because the worker closes it when it ends. The type stub lacks this class.
        holder: Any = net.SocketHolder  # type: ignore[attr-defined]
        self._shd: Any = holder(self._open_socket.detach(), False, BACKLOG)

    def _find_thread(self) -> None:
        """Let another thread take requests where one may wait; see `server_threads`."""
        if self.threads.look_for_long() and self._own_requests.acquire(blocking=False):
            try:
                Thread(target=self._send_own_request, daemon=True).start()
            except RuntimeError:  # no thread can be started now: at the next step
                self._own_requests.release()

    def _send_own_request(self) -> None:
        try:
            with suppress(OSError):  # out of descriptors, or the server stops
                _ask(self._address, self.threads.own_path, is_encrypted=self._is_encrypted)
        finally:
            self._own_requests.release()

    def _stop_workers(self) -> None:
        self._on_stop()
        self.threads.wake_all()
        worker: Any
        for worker in self.wrks:
            worker.terminate()
            worker.join(STOP_WITHIN_S)
            self.is_idle = self.is_idle and not worker.inner.is_alive()
        self.wrks.clear()


class _PollingEvent(threading.Event):
    """An event that a signal's handler may set, whose ``wait`` returns to Python at each step.

    The main thread of Python runs the handlers, also while it holds the lock of a `threading.Event`
    that it waits for: setting that one then waited for the lock, for ever. A SimpleQueue may be
    used again while it is used. A signal that arrives while the main thread begins to wait, or in
    another thread, is handled at the next step, after ``STEP_S`` seconds at most.
    """

    def __init__(self, on_step: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._on_step = on_step
        self._is_set = False
        self._wakes: SimpleQueue[None] = SimpleQueue()

    def is_set(self) -> bool:
        """Return whether it was set and not cleared since."""
        return self._is_set

    def set(self) -> None:
        """Wake who waits; safe in the handler of a signal."""
        self._is_set = True
        self._wakes.put(None)

    def clear(self) -> None:
        """Let ``wait`` wait again."""
        self._is_set = False

    def wait(self, timeout: float | None = None) -> bool:
        """Return True when the event is set, False after ``timeout`` seconds."""
        while not self._is_set:
            with suppress(Empty):
                self._wakes.get(timeout=STEP_S if timeout is None else timeout)
                continue
            if timeout is not None:
                break
            self._on_step()
        return self._is_set


def on_one_core(app: Callable[..., Any], number: int) -> Callable[..., Any]:
    """Return the app with its worker threads bound to one core, if the system supports that.

    The core is the one at this number, counted around. Workers have numbers that follow each other;
    by their process ids, half of all pairs were on one core.

    Only one thread runs Python at a time. On several cores the interpreter lock moves between them
    at every database call, each time with cold caches, which nearly doubles the CPU time of a
    request (four threads on two cores: a list of 25 takes 295 us instead of 180, a PUT 670 instead
    of 410). Granian's own threads are not bound.
    """
    if not hasattr(os, "sched_setaffinity"):
        return app
    cores = sorted(os.sched_getaffinity(0))
    core = cores[number % len(cores)]
    bound = threading.local()

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        if not hasattr(bound, "core"):
            with suppress(OSError):  # the core is no longer available to this process
                os.sched_setaffinity(0, {core})  # of this thread only
            bound.core = core
        return app(environ, start)

    return answer


def _call_when_answering(
    address: tuple[Any, ...], on_ready: Callable[[], None], *, is_encrypted: bool
) -> None:
    """Send one request and await its answer."""
    if _ask(address, "/_mock/health", is_encrypted=is_encrypted):
        on_ready()


def _ask(address: tuple[Any, ...], path: str, *, is_encrypted: bool) -> bool:
    """Send a request over a plain socket (an HTTP client takes 15 ms to import).

    Return whether it was answered.
    """
    host, port = address[:2]
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    family = socket.AF_INET6 if ":" in local else socket.AF_INET
    # Not `create_connection`, which imports the codec of international names: 2 ms of a start.
    plain = socket.socket(family, socket.SOCK_STREAM)
    with _encrypted(plain) if is_encrypted else plain as client:
        client.connect((local, port))
        client.sendall(PROBE.format(path=path).encode())
        return bool(client.recv(1))


def _encrypted(plain: socket.socket) -> socket.socket:
    """Return the connection over TLS; it leads to this process, so the certificate is not asked."""
    import ssl  # noqa: PLC0415  takes 10 ms

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain)
