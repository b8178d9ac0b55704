"""Handles to control a running mock: the type of the fixture `mockserver`.

All methods call the control plane, so they work the same for a mock in this process and for one
that runs elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from duologue.mockserver.domain.errors import MockserverError
from duologue.mockserver.testing.clients import (
    ClockClient,
    ControlRefused,
    FaultScope,
    JournalClient,
    SnapshotClient,
    SocketClient,
    call,
)
from duologue.mockserver.testing.quiet import no_collection, no_queue_warnings

if TYPE_CHECKING:
    from duologue.fixtures.world import World
    from duologue.mockserver.store.world import WorldRows
    from duologue.mockserver.testing.world_builder import WorldBuilder

KEY = "mock-api-key"
KEY_VARIABLE, TOKEN_VARIABLE = "MOCKSERVER_API_KEY", "MOCKSERVER_CONTROL_TOKEN"
THREADS = 8  # a browser opens up to six connections per host
FILES = (".yaml", ".yml", ".json")  # how the name of a world that is a file ends
__all__ = [
    "ClockClient",
    "ControlRefused",
    "FaultScope",
    "JournalClient",
    "Mock",
    "NotStarted",
    "SnapshotClient",
    "SocketClient",
    "at",
    "running",
]
__tracebackhide__ = True  # pytest shows the line of the test and not those of this module


class NotStarted(MockserverError):
    """No mock is available for tests; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"No mock is available: {reason}")
        self.reason = reason


@contextmanager
def running(world: str = "default", seed: int = 42, *, usage: Path | None = None) -> Iterator[Mock]:
    """Run a mock with this world on a free port of this process until the block ends.

    `world` is a name or a file (.yaml, .yml, .json); what clients used is added to the file
    `usage` at the end. Raise NotStarted if there is no such world.
    """
    # Slow imports happen here and not when the module is imported.
    from duologue.mockserver.app import create_app, inside  # noqa: PLC0415
    from duologue.mockserver.control.journal.usage import UsageRecorder  # noqa: PLC0415
    from duologue.mockserver.serving.thread_server import LiveServer  # noqa: PLC0415

    used = UsageRecorder() if usage is not None else None
    with no_collection():
        app = create_app(world=_rows(world, seed), usage=used)
    try:
        with no_queue_warnings(), LiveServer(app, threads=THREADS) as server:
            parts = inside(app)
            parts.controls.latency.give_way, server.on_stop = server.give_way, parts.stop
            yield Mock(server.url, seed=seed)
    finally:
        inside(app).close()
        if used is not None and usage is not None:
            used.write(usage)


def _rows(world: str, seed: int) -> WorldRows:
    """Return a world by its name or from its file; raise NotStarted if it cannot be read."""
    from duologue.fixtures.errors import FixturesError  # noqa: PLC0415
    from duologue.fixtures.worlds import make  # noqa: PLC0415

    try:
        if world.endswith(FILES):
            from duologue.mockserver.control.world import file  # noqa: PLC0415

            return file.read(Path(world))
        return make(world, seed)
    except (FixturesError, MockserverError) as cause:
        raise NotStarted(str(cause)) from cause


def _document_of(path: Path) -> dict[str, Any]:
    """Return the document in a world file; raise WorldFileBroken."""
    from duologue.mockserver.control.world import file  # noqa: PLC0415

    found: dict[str, Any] = file.document_of(path)
    return found


@contextmanager
def at(url: str) -> Iterator[Mock]:
    """Yield a handle of the mock at `url` and leave it running.

    The API key and the control token are read from the environment. Raise NotStarted if no control
    plane answers.
    """
    mock = Mock(
        url,
        api_key=os.environ.get(KEY_VARIABLE, KEY),
        token=os.environ.get(TOKEN_VARIABLE),
    )
    try:
        mock.control_request("GET", "/health")
    except (OSError, ValueError, ControlRefused) as cause:
        raise NotStarted(f"no control plane answers at {mock.control} ({cause})") from cause
    yield mock


class Mock:
    """A running mock: its address, and the calls that change its state and behaviour."""

    def __init__(
        self, url: str, *, api_key: str = KEY, seed: int = 42, token: str | None = None
    ) -> None:
        parts = urlsplit(url)
        self._root = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/v3')}"
        self.url = f"{self._root}/v3"  # also where the address was given without a version
        self.control = f"{self._root}/_mock"
        self.api_key = api_key
        self.clock = ClockClient(self)
        self.journal = JournalClient(self)
        self.snapshots = SnapshotClient(self)
        self.socket = SocketClient(self)
        self._seed = seed
        self._token = token

    def __repr__(self) -> str:
        return f"<mock at {self.url}>"

    def headers(self, as_: str | None = None) -> dict[str, str]:
        """Return the headers of an API call, with `onBehalfOf` if a user is given."""
        caller = {} if as_ is None else {"onBehalfOf": as_}
        return {"apikey": self.api_key, **caller}

    # State.

    def reset(self) -> None:
        """Restore the start: state, clock, faults, dialect, delays, rate limit and journal."""
        self.control_request("POST", "/reset")

    def world(self, name: str = "test", seed: int | None = None) -> WorldBuilder[Mock]:
        """Return a builder of an empty world; its `load` replaces the state of this mock."""
        from duologue.mockserver.testing.world_builder import WorldBuilder  # noqa: PLC0415

        return WorldBuilder(self, name, self._seed if seed is None else seed)

    def load(self, world: str | World | dict[str, Any] | Path, seed: int | None = None) -> None:
        """Replace the state with a named world, a file, a built one or a document.

        Raise UnknownWorld for an unknown name, WorldFileBroken for a file that is no document,
        ControlRefused for an invalid document.
        """
        from duologue.fixtures.worlds import make  # noqa: PLC0415
        from duologue.mockserver.testing.world_builder import document  # noqa: PLC0415

        if isinstance(world, Path) or (isinstance(world, str) and world.endswith(FILES)):
            world = _document_of(Path(world))
        if isinstance(world, str):
            world = make(world, self._seed if seed is None else seed)
        body = world if isinstance(world, dict) else document(world)
        self.control_request("PUT", "/world", body)

    @contextmanager
    def side(self, name: str, world: str | None = None, seed: int | None = None) -> Iterator[Mock]:
        """Yield a handle of a world of its own beside this mock's, removed when the block ends.

        It has a state, clock, journal, faults and failures of its own, and its own address, so any
        client can use it. It is made from `world`, or from the one that the mock was started with.
        Raise ControlRefused if there is a world of this name, or none can be made.
        """
        wanted = {"name": name, "from": world, "seed": seed}
        self.control_request(
            "POST", "/worlds", {key: value for key, value in wanted.items() if value is not None}
        )
        try:
            yield Mock(
                f"{self._root}/_world/{name}/v3",
                api_key=self.api_key,
                seed=self._seed if seed is None else seed,
                token=self._token,
            )
        finally:
            self.control_request("DELETE", f"/worlds/{name}")

    # Behaviour.

    def set_dialect(self, dialect: str) -> None:
        """Answer in this dialect, `documented` or `live`, until the next reset."""
        self.control_request("PUT", "/dialect", {"dialect": dialect})

    def fault(self, *names: str) -> FaultScope:
        """Switch these faults on until the next reset, or until the end of a `with` block."""
        return FaultScope(self, names)

    @property
    def faults(self) -> list[dict[str, str]]:
        """Return all available faults: name, clause and text of each."""
        available: list[dict[str, str]] = self.control_request("GET", "/faults")["available"]
        return available

    def delay(self, ms: int, max_ms: int | None = None, *, operation: str | None = None) -> None:
        """Delay answers by `ms`, or by a random time up to `max_ms`: of one operation or of all."""
        span = {"ms": ms} if max_ms is None else {"min_ms": ms, "max_ms": max_ms}
        self.control_request(
            "PUT",
            "/latency",
            {"default": span} if not operation else {"operations": {operation: span}},
        )

    def fail(
        self,
        operation: str | None = None,
        status: int | None = None,
        *,
        times: int | None = 1,
        **wanted: Any,
    ) -> str:
        """Let the next requests fail, and return the failure's id for `stop_failing`.

        By default one request to `operation` fails with 500. `drop=True` ends the connection
        without an answer, `half=True` in the middle of it, `delay_ms` delays it, `slow_ms` spreads
        its body; `path`, `caller`, `after`, `code`, `probability` and `seed` are those of the
        control document. `times=None` lets all requests fail until the next reset.
        """
        body: dict[str, Any] = {**wanted}
        if status is not None or not {"drop", "half", "delay_ms", "slow_ms"} & body.keys():
            body["status"] = status or 500
        if operation is not None:
            body["operation"] = operation
        if times is not None:
            body["times"] = times
        return str(self.control_request("POST", "/failures", body)["id"])

    def stop_failing(self, failure: str | None = None) -> None:
        """Remove one failure on demand, or all of them."""
        path = "/failures" if failure is None else f"/failures/{quote(failure, safe='')}"
        self.control_request("DELETE", path)

    def send(
        self, sender: str, to: str | dict[str, str], text: str, *, in_s: float = 0
    ) -> dict[str, Any]:
        """Send a message as `sender`, in `in_s` seconds of the mock's clock; return it.

        `to` is a uid or a guid; ``{"user": uid}`` or ``{"group": guid}`` where it may be both.
        With a frozen clock a later message is sent once the clock is moved that far. A reset drops
        what waits. Raise ControlRefused if there is no such user, group or member.
        """
        body = {"from": sender, "to": to, "text": text, "in_s": in_s}
        sent: dict[str, Any] = self.control_request("POST", "/send", body)
        return sent

    def limit(self, requests: int, per_s: int = 60) -> None:
        """Answer 429 to more than `requests` calls within `per_s` seconds."""
        self.control_request("PUT", "/rate-limit", {"limit": requests, "per_s": per_s})

    def why(self, request_id: str) -> Any:
        """Explain the answer with this X-Request-Id field by field; raise ControlRefused."""
        return self.control_request("GET", f"/why/{quote(request_id, safe='')}")

    # Any other call of the control plane.

    def control_request(self, method: str, path: str, body: Any = None) -> Any:
        """Return the `data` of a control plane call; raise ControlRefused on an error."""
        return call(self.control, method, path, body=body, token=self._token)
