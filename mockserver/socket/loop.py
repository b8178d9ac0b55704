"""The event loop of the socket: the protocol, and the way of each frame to and from a hub."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

import orjson
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

from duologue.mockserver.socket import frames
from duologue.mockserver.socket.frames import Frame
from duologue.mockserver.socket.hub import POLICY, Hub, HubOf

if TYPE_CHECKING:
    from websockets.http11 import Request, Response

_log = logging.getLogger(__name__)
LARGEST_FRAME_BYTES = 256 * 1024
MOST_UNSENT_BYTES = 16 * 1024 * 1024  # of one client that does not read what it is sent
MOST_CONNECTIONS = 512
# A client that is slow to begin is not gone: on a starved machine each step has taken over 10 s.
OPENED_WITHIN_S = LOG_IN_WITHIN_S = 60
CLOSED_WITHIN_S = 0.5
# The vendor's client asks every 15 s whether the mock is there, and a page in the background less
# often; this finds those that are gone without a word.
PING_EVERY_S, PONG_WITHIN_S = 30, 60


class SocketLoop:
    """Serves one port until it is stopped."""

    def __init__(
        self,
        sock: socket.socket,
        hub_of: HubOf,
        context: ssl.SSLContext | None = None,
        *,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._sock = sock
        self._hub_of = hub_of
        self._context = context
        self._loop = loop or asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._open = 0
        self._clients: WeakSet[ServerConnection] = WeakSet()  # those that shake hands included

    def run(self) -> None:
        """Serve until `stop` is called."""
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    def stop(self) -> None:
        """End it from any thread."""
        with suppress(RuntimeError):  # it has ended by itself
            self._loop.call_soon_threadsafe(self._stopped.set)

    async def _serve(self) -> None:
        if self._stopped.is_set():  # before it began: a client that waits is not let in
            self._sock.close()
            return
        server = await serve(
            self._attend,
            sock=self._sock,
            ssl=self._context,
            process_request=self._check,
            # A function will do, says the documentation.
            create_connection=cast("type[ServerConnection]", self._client),
            compression=None,
            server_header=None,
            open_timeout=OPENED_WITHIN_S,
            max_size=LARGEST_FRAME_BYTES,
            ping_interval=PING_EVERY_S,
            ping_timeout=PONG_WITHIN_S,
            close_timeout=1,
            logger=_quiet(),
        )
        await self._stopped.wait()
        server.close()
        # A client that has not finished its handshake is not waited for.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSED_WITHIN_S):
                await server.wait_closed()
        await self._cut_off()

    def _client(self, *args: Any, **options: Any) -> ServerConnection:
        """Return the connection of a new client."""
        made = ServerConnection(*args, **options)
        self._clients.add(made)
        return made

    async def _cut_off(self) -> None:
        """End the connections of clients that have not answered the word that the port closes.

        One that is left open warns when it is collected, in whatever test runs then.
        """
        for client in tuple(self._clients):
            transport = getattr(client, "transport", None)  # None before TLS is agreed on
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)  # the transports close in the next step of the loop

    def _check(self, client: ServerConnection, request: Request) -> Response | None:
        """Refuse a path that leads to no world, and too many clients."""
        if self._open >= MOST_CONNECTIONS:
            said = f"{MOST_CONNECTIONS} clients are connected; no more are let in.\n"
            return client.respond(HTTPStatus.SERVICE_UNAVAILABLE, said)
        if self._hub_of(request.path) is None:
            return client.respond(HTTPStatus.NOT_FOUND, "There is no such world.\n")
        return None

    async def _attend(self, client: ServerConnection) -> None:
        hub = self._hub_of(client.request.path if client.request else "")
        if hub is None:  # removed since the request was read
            return
        self._open += 1
        try:
            await self._converse(client, hub)
        except (ConnectionClosed, TimeoutError):
            await client.close(POLICY)
        finally:
            self._open -= 1

    async def _converse(self, client: ServerConnection, hub: Hub) -> None:
        """Let a client in by its first frame, then take what it sends until it is gone."""
        async with asyncio.timeout(LOG_IN_WITHIN_S):
            first = await self._log_in_frame(client)
        outlet = ClientOutlet(self._loop, client, frames.text_of(first, "appId"))
        # What reads or changes the state may wait for it, so it runs beside the loop.
        admitted = self._loop.run_in_executor(None, hub.admit, first, outlet)
        try:
            connection = await asyncio.shield(admitted)
            if connection is None:
                await client.close(POLICY, "the log-in is refused")
            else:
                await self._take_frames(client, outlet, partial(hub.receive, connection))
        finally:
            # If this is cancelled meanwhile, the thread lets the client in all the same.
            connection = await admitted
            if connection is not None:
                await asyncio.to_thread(hub.leave, connection)

    async def _take_frames(
        self, client: ServerConnection, outlet: ClientOutlet, receive: Callable[[Frame], None]
    ) -> None:
        """Hand on what a client sends until it is gone; answer its pings."""
        async for text in client:
            frame = frames.read(text)
            if frame is None:
                continue
            if frame.get("action") == frames.PING:
                outlet.send(frames.PONG)
            else:
                await asyncio.to_thread(receive, frame)

    async def _log_in_frame(self, client: ServerConnection) -> Frame:
        """Return the first frame that is no ping."""
        while True:
            frame = frames.read(await client.recv()) or {}
            if frame.get("action") != frames.PING:
                return frame
            broadcast([client], _text(frames.PONG))


class ClientOutlet:
    """The way to one client, from any thread."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, client: ServerConnection, app_id: str
    ) -> None:
        self._loop = loop
        self._client = client
        self._app_id = app_id

    def send(self, frame: Frame) -> None:
        """Send a frame."""
        text = _text(frame if frame is frames.PONG else {"appId": self._app_id, **frame})
        self._soon(lambda: self._write(text))

    def _write(self, text: str) -> None:
        """Write a frame, or end a connection on which too much waits to be read."""
        transport = self._client.transport
        if transport.get_write_buffer_size() <= MOST_UNSENT_BYTES:
            broadcast([self._client], text)
        elif not transport.is_closing():
            _log.warning("a client of the socket does not read what it is sent; it is cut off")
            transport.abort()

    def close(self, code: int, reason: str) -> None:
        """Close the connection."""
        self._soon(lambda: self._loop.create_task(self._client.close(code, reason)))

    def cut(self) -> None:
        """End the connection as a failing network does."""
        self._soon(self._client.transport.abort)

    def later(self, delay_s: float, act: Callable[[], object]) -> None:
        """Act in the loop's thread after so many seconds."""
        self._soon(act if not delay_s else lambda: self._loop.call_later(delay_s, act))

    def _soon(self, act: Callable[[], object]) -> None:
        """Act in the loop's thread; do nothing once the loop has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(act)


def _text(frame: Frame) -> str:
    return orjson.dumps(frame).decode()


def _quiet() -> logging.Logger:
    """Return a logger that tells of defects, not of clients that come and go."""
    logger = logging.getLogger("duologue.mockserver.socket.protocol")
    logger.setLevel(logging.CRITICAL)
    return logger
