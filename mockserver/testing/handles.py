"""Handles to control a running mock: the type of the fixture `mockserver`.

All methods call the control plane, so they work the same for a mock in this process and for one
that runs elsewhere.
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
THREADS = 8  # a browser opens up to six connections per host
MOST_ENTRIES = 500
Entry = dict[str, Any]


class NotStarted(MockserverError):
    """No mock is available for tests; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"No mock is available: {reason}")
        self.reason = reason


class ControlRefused(MockserverError):
    """The control plane answered a call with an error: `status` and the `error` object."""

    def __init__(self, request: str, status: int, error: dict[str, Any]) -> None:
        details = "".join(
            f"\n  {place}: {' '.join(reasons)}"
            for place, reasons in error.get("details", {}).items()
        )
        super().__init__(f"{request} was answered {status}: {error.get('message')}{details}")
        self.status = status
        self.error = error


@contextmanager
def running(world: str = "default", seed: int = 42) -> Iterator[Mock]:
    """Run a mock with this world on a free port of this process until the block ends.

    Raise NotStarted if the world does not exist.
    """
    # Slow imports happen here and not when the module is imported.
    from duologue.fixtures.errors import FixturesError  # noqa: PLC0415
    from duologue.fixtures.worlds import make  # noqa: PLC0415
    from duologue.mockserver.app import create_app, inside  # noqa: PLC0415
    from duologue.mockserver.serving.thread_server import LiveServer  # noqa: PLC0415

    try:
        with _no_collection():
            app = create_app(world=make(world, seed))
    except FixturesError as cause:
        raise NotStarted(str(cause)) from cause
    try:
        with _no_queue_warnings(), LiveServer(app, threads=THREADS) as server:
            controls = inside(app).controls
            controls.latency.give_way, server.on_stop = server.give_way, controls.close
            yield Mock(server.url, seed=seed)
    finally:
        inside(app).close()


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

    def load(self, world: str | World | dict[str, Any], seed: int | None = None) -> None:
        """Replace the state with a named world, a built one or a document.

        Raise UnknownWorld for an unknown name, ControlRefused for an invalid document.
        """
        from duologue.fixtures.worlds import make  # noqa: PLC0415
        from duologue.mockserver.testing.world_builder import document  # noqa: PLC0415

        if isinstance(world, str):
            world = make(world, self._seed if seed is None else seed)
        body = world if isinstance(world, dict) else document(world)
        self.control_request("PUT", "/world", body)

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

        By default one request to `operation` fails with 500. `drop=True` cuts the answer off,
        `delay_ms` delays it; `path`, `caller`, `after`, `code`, `probability` and `seed` are those
        of the control document. `times=None` lets all requests fail until the next reset.
        """
        body: dict[str, Any] = {**wanted}
        if status is not None or not {"drop", "delay_ms"} & body.keys():
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
        import json  # noqa: PLC0415
        from http.client import HTTPConnection, HTTPSConnection  # noqa: PLC0415

        parts = urlsplit(self.control)
        # Not urllib.request, which would use the proxies of the environment.
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = connect(parts.netloc, timeout=TIMEOUT_S)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self._token is not None:
            headers["x-control-token"] = self._token
        try:
            content = None if body is None else json.dumps(body).encode()
            connection.request(method, f"{parts.path}{path}", body=content, headers=headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if "error" in answer:
            raise ControlRefused(f"{method} /_mock{path}", response.status, answer["error"])
        return answer.get("data")


class ClockClient:
    """Reads and sets the mock's clock."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    @property
    def now(self) -> int:
        """Return the mock's time in UNIX seconds."""
        return int(self._mock.control_request("GET", "/clock")["now"])

    @property
    def is_frozen(self) -> bool:
        """Return whether the clock is frozen."""
        return bool(self._mock.control_request("GET", "/clock")["mode"] == "frozen")

    def freeze(self, now: int | datetime | None = None) -> int:
        """Freeze the clock at this time or at the current one; return the time in UNIX seconds."""
        return self._set("frozen", now)

    def run(self, now: int | datetime | None = None) -> int:
        """Run the clock from this time or from the current one; return it in UNIX seconds."""
        return self._set("running", now)

    def advance(self, seconds: int = 0, *, minutes: int = 0, hours: int = 0, days: int = 0) -> int:
        """Move the clock forward, frozen or not; return the new time in UNIX seconds."""
        total_s = seconds + 60 * minutes + 3600 * hours + 86_400 * days
        return int(
            self._mock.control_request("POST", "/clock/advance", {"seconds": total_s})["now"]
        )

    def _set(self, mode: str, now: int | datetime | None) -> int:
        body: dict[str, Any] = {"mode": mode}
        if now is not None:
            body["now"] = now if isinstance(now, int) else int(now.timestamp())
        return int(self._mock.control_request("PUT", "/clock", body)["now"])


class FaultScope:
    """Faults that are on; the end of a `with` block switches them off."""

    def __init__(self, mock: Mock, names: Sequence[str]) -> None:
        self._mock = mock
        before = mock.control_request("GET", "/faults")["on"]
        self.names = tuple(name for name in dict.fromkeys(names) if name not in before)
        mock.control_request("PUT", "/faults", {"faults": [*before, *self.names]})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.switch_off()

    def switch_off(self) -> None:
        """Switch these faults off; others stay on, also those that were on before."""
        on = self._mock.control_request("GET", "/faults")["on"]
        left = [name for name in on if name not in self.names]
        self._mock.control_request("PUT", "/faults", {"faults": left})


class JournalClient(Sequence[Entry]):
    """The received requests with their answers, oldest first; each access reads them again."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    def __len__(self) -> int:
        return len(self.entries())

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        return self.entries()[index]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def __repr__(self) -> str:
        lines = (f"  {entry['method']} {entry['path']} {entry['status']}" for entry in self)
        return "\n".join(["<journal", *lines]) + ">"

    def entries(self, operation: str | None = None, **wanted: Any) -> list[Entry]:
        """Return the entries with this operation, `status` (or a class: `4xx`) or `caller`."""
        query = {"operation": operation, "limit": MOST_ENTRIES, **wanted}
        given = {name: value for name, value in query.items() if value is not None}
        found: list[Entry] = self._mock.control_request("GET", f"/journal?{urlencode(given)}")
        return found

    def clear(self) -> None:
        """Delete all entries."""
        self._mock.control_request("DELETE", "/journal")


@contextmanager
def _no_collection() -> Iterator[None]:
    """Pause garbage collection; in a large test process it triples the time of a start."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _no_queue_warnings() -> Iterator[None]:
    """Silence waitress's warning about queued requests, which would fill the user's test logs."""
    import logging  # noqa: PLC0415

    logger = logging.getLogger("waitress.queue")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
