"""Handles of a running mock, for any test framework; the fixture `mockserver` gives one.

with testing.running() as mock: mock.world().dm("ana", "bo", unread=3).load()

Everything goes through the control plane, so it works for a mock in this process and elsewhere.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, overload
from urllib.parse import quote, urlencode, urlsplit

from duologue.mockserver.domain.errors import MockserverError

if TYPE_CHECKING:
    from datetime import datetime

    from duologue.fixtures.world import World
    from duologue.mockserver.testing.world_builder import WorldBuilder

KEY = "mock-api-key"
KEY_VARIABLE, TOKEN_VARIABLE = "MOCKSERVER_API_KEY", "MOCKSERVER_CONTROL_TOKEN"
TIMEOUT_S = 60.0
THREADS = 8  # a browser asks for six things at once
MOST_ENTRIES = 500
Entry = dict[str, Any]


class NotStarted(MockserverError):
    """There is no mock to test with; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"There is no mock: {reason}")
        self.reason = reason


class ControlRefused(MockserverError):
    """The control plane refused a call."""

    def __init__(self, asked: str, status: int, error: dict[str, Any]) -> None:
        details = "".join(
            f"\n  {place}: {' '.join(reasons)}"
            for place, reasons in error.get("details", {}).items()
        )
        super().__init__(f"{asked} was answered {status}: {error.get('message')}{details}")
        self.status = status
        self.error = error


@contextmanager
def running(world: str = "default", seed: int = 42) -> Iterator[Mock]:
    """Run a mock in this process on a free port until the block ends.

    Raises NotStarted for a world that does not exist.
    """
    from duologue.fixtures.errors import FixturesError  # noqa: PLC0415 - as late as everything heavy here
    from duologue.fixtures.worlds import make  # noqa: PLC0415
    from duologue.mockserver.app import create_app, inside  # noqa: PLC0415
    from duologue.mockserver.serving.thread_server import LiveServer  # noqa: PLC0415

    try:
        with _no_collection():
            app = create_app(world=make(world, seed))
    except FixturesError as cause:
        raise NotStarted(str(cause)) from cause
    try:
        with _no_queue_talk(), LiveServer(app, threads=THREADS) as server:
            yield Mock(server.url, seed=seed)
    finally:
        inside(app).close()


@contextmanager
def at(url: str) -> Iterator[Mock]:
    """Use the mock at `url`, which keeps running; raise NotStarted if none answers."""
    mock = Mock(
        url,
        api_key=os.environ.get(KEY_VARIABLE, KEY),
        token=os.environ.get(TOKEN_VARIABLE),
    )
    try:
        mock.drive("GET", "/health")
    except (OSError, ValueError, ControlRefused) as cause:
        raise NotStarted(f"no control plane answers at {mock.control} ({cause})") from cause
    yield mock


class Mock:
    """One running mock: its address, and everything that a test does to it."""

    def __init__(
        self, url: str, *, api_key: str = KEY, seed: int = 42, token: str | None = None
    ) -> None:
        parts = urlsplit(url)
        self.url = url.rstrip("/")
        self.control = f"{parts.scheme}://{parts.netloc}/_mock"
        self.api_key = api_key
        self.clock = ClockClient(self)
        self.journal = JournalClient(self)
        self._seed = seed
        self._token = token

    def __repr__(self) -> str:
        return f"<mock at {self.url}>"

    def headers(self, as_: str | None = None) -> dict[str, str]:
        """Return the headers of a call, on behalf of a user where one is named."""
        caller = {} if as_ is None else {"onBehalfOf": as_}
        return {"apikey": self.api_key, **caller}

    # What it holds.

    def reset(self) -> None:
        """Bring everything back to the start: state, clock, faults, delays, limit, journal."""
        self.drive("POST", "/reset")

    def world(self, name: str = "test", seed: int | None = None) -> WorldBuilder[Mock]:
        """Return a builder of an empty world (see `fixtures.builder`), to be loaded when built."""
        from duologue.mockserver.testing.world_builder import WorldBuilder  # noqa: PLC0415

        return WorldBuilder(self, name, self._seed if seed is None else seed)

    def load(self, world: str | World | dict[str, Any], seed: int | None = None) -> None:
        """Hold this world and nothing else: a named one, one that was built, or a document."""
        from duologue.fixtures.worlds import make  # noqa: PLC0415
        from duologue.mockserver.testing.world_builder import document  # noqa: PLC0415

        if isinstance(world, str):
            world = make(world, self._seed if seed is None else seed)
        body = world if isinstance(world, dict) else document(world)
        self.drive("PUT", "/world", body)

    # How it behaves.

    def speak(self, dialect: str) -> None:
        """Answer in this dialect, `documented` or `live`, until the test ends."""
        self.drive("PUT", "/dialect", {"dialect": dialect})

    def fault(self, *names: str) -> FaultScope:
        """Break what these faults break, until the test ends or the block that this begins."""
        return FaultScope(self, names)

    @property
    def faults(self) -> list[dict[str, str]]:
        """Return all faults that exist: name, clause and text of each."""
        available: list[dict[str, str]] = self.drive("GET", "/faults")["available"]
        return available

    def delay(self, ms: int, most_ms: int | None = None, *, operation: str | None = None) -> None:
        """Answer late, by `ms` or anything up to `most_ms`: this operation, or all of them."""
        span = {"ms": ms} if most_ms is None else {"min_ms": ms, "max_ms": most_ms}
        self.drive(
            "PUT",
            "/latency",
            {"default": span} if not operation else {"operations": {operation: span}},
        )

    def limit(self, requests: int, per_s: int = 60) -> None:
        """Answer 429 to whoever asks more often than that."""
        self.drive("PUT", "/rate-limit", {"limit": requests, "per_s": per_s})

    def why(self, request_id: str) -> Any:
        """Explain why the answer with this X-Request-Id was as it was, field by field."""
        return self.drive("GET", f"/why/{quote(request_id, safe='')}")

    # Whatever else the control plane can do.

    def drive(self, method: str, path: str, body: Any = None) -> Any:
        """Make a call of the control plane and return its data; raise ControlRefused."""
        import json  # noqa: PLC0415
        from http.client import HTTPConnection, HTTPSConnection  # noqa: PLC0415

        parts = urlsplit(self.control)
        # Not urllib.request: proxies are for the internet, and this is the next door.
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        link = connect(parts.netloc, timeout=TIMEOUT_S)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self._token is not None:
            headers["x-control-token"] = self._token
        try:
            content = None if body is None else json.dumps(body).encode()
            link.request(method, f"{parts.path}{path}", body=content, headers=headers)
            answer = link.getresponse()
            told = json.loads(answer.read())
        finally:
            link.close()
        if "error" in told:
            raise ControlRefused(f"{method} /_mock{path}", answer.status, told["error"])
        return told.get("data")


class ClockClient:
    """The mock's clock, as a test controls it."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    @property
    def now(self) -> int:
        """Return the mock's time in UNIX seconds."""
        return int(self._mock.drive("GET", "/clock")["now"])

    @property
    def is_frozen(self) -> bool:
        """Return whether the clock is frozen."""
        return bool(self._mock.drive("GET", "/clock")["mode"] == "frozen")

    def freeze(self, now: int | datetime | None = None) -> int:
        """Freeze at `now` or at the present time; return the time."""
        return self._set("frozen", now)

    def run(self, now: int | datetime | None = None) -> int:
        """Run on from `now` or from the present time; return the time."""
        return self._set("running", now)

    def advance(self, seconds: int = 0, *, minutes: int = 0, hours: int = 0, days: int = 0) -> int:
        """Move on by so much, frozen or not; gives the time then."""
        total_s = seconds + 60 * minutes + 3600 * hours + 86_400 * days
        return int(self._mock.drive("POST", "/clock/advance", {"seconds": total_s})["now"])

    def _set(self, mode: str, now: int | datetime | None) -> int:
        body: dict[str, Any] = {"mode": mode}
        if now is not None:
            body["now"] = now if isinstance(now, int) else int(now.timestamp())
        return int(self._mock.drive("PUT", "/clock", body)["now"])


class FaultScope:
    """Faults that are on; at the end of a `with` block they are off again."""

    def __init__(self, mock: Mock, names: Sequence[str]) -> None:
        self._mock = mock
        before = mock.drive("GET", "/faults")["on"]
        self.names = tuple(name for name in dict.fromkeys(names) if name not in before)
        mock.drive("PUT", "/faults", {"faults": [*before, *self.names]})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Switch these faults off; others stay on."""
        on = self._mock.drive("GET", "/faults")["on"]
        left = [name for name in on if name not in self.names]
        self._mock.drive("PUT", "/faults", {"faults": left})


class JournalClient(Sequence[Entry]):
    """The requests that came, oldest first, with their answers; read anew at each access."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    def __len__(self) -> int:
        return len(self.asked())

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        return self.asked()[index]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.asked())

    def __repr__(self) -> str:
        lines = (f"  {entry['method']} {entry['path']} {entry['status']}" for entry in self)
        return "\n".join(["<journal", *lines]) + ">"

    def asked(self, operation: str | None = None, **wanted: Any) -> list[Entry]:
        """Return the entries of an operation, a `status` (`4xx` for a class) or a `caller`."""
        query = {"operation": operation, "limit": MOST_ENTRIES, **wanted}
        given = {name: value for name, value in query.items() if value is not None}
        entries: list[Entry] = self._mock.drive("GET", f"/journal?{urlencode(given)}")
        return entries

    def clear(self) -> None:
        """Forget all of them."""
        self._mock.drive("DELETE", "/journal")


@contextmanager
def _no_collection() -> Iterator[None]:
    """Collect no garbage: in a process full of somebody else's tests it triples the start."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _no_queue_talk() -> Iterator[None]:
    """Keep waitress from warning, in somebody else's logs, that two requests came at once."""
    import logging  # noqa: PLC0415

    logger = logging.getLogger("waitress.queue")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
