"""The parts of a running mock's handle: clock, faults, journal, snapshots, and the calls below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self, overload
from urllib.parse import quote, urlencode, urlsplit

from duologue.mockserver.domain.errors import MockserverError

if TYPE_CHECKING:
    from datetime import datetime

TIMEOUT_S = 60.0
MOST_ENTRIES = 500
NO_MOCK = {"code": "NO_MOCK", "message": "no mock answers so: is this the address of one?"}
Entry = dict[str, Any]
__tracebackhide__ = True  # pytest shows the line of the test and not those of this module


class Controlled(Protocol):
    """A mock that can be controlled."""

    def control_request(self, method: str, path: str, body: Any = None) -> Any:
        """Return the `data` of a control plane call."""


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


def call(
    control: str, method: str, path: str, *, body: Any = None, token: str | None = None
) -> Any:
    """Return the `data` of a call of the control plane at `control`.

    Raise ControlRefused, also where something else answers, and OSError where nothing does.
    """
    import json  # noqa: PLC0415
    from http.client import HTTPConnection, HTTPException, HTTPSConnection  # noqa: PLC0415

    parts = urlsplit(control)
    # Not urllib.request, which would use the proxies of the environment.
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connect(parts.netloc, timeout=TIMEOUT_S)
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if token is not None:
        headers["x-control-token"] = token
    try:
        content = None if body is None else json.dumps(body).encode()
        connection.request(method, f"{parts.path}{path}", body=content, headers=headers)
        response = connection.getresponse()
        text = response.read()
    except HTTPException as cause:
        raise ConnectionError(f"what answers speaks no HTTP ({cause!r})") from cause
    finally:
        connection.close()
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and "data" in answer and response.status < 300:
        return answer["data"]
    told = answer.get("error") if isinstance(answer, dict) else None
    error = told if isinstance(told, dict) else NO_MOCK
    raise ControlRefused(f"{method} /_mock{path}", response.status, error)


class ClockClient:
    """Reads and sets the mock's clock."""

    def __init__(self, mock: Controlled) -> None:
        self._mock = mock

    @property
    def now(self) -> int:
        """Return the mock's time in UNIX seconds."""
        return int(self._mock.control_request("GET", "/clock")["now"])

    @property
    def is_frozen(self) -> bool:
        """Return whether the clock is frozen."""
        return bool(self._mock.control_request("GET", "/clock")["mode"] == "frozen")

    def freeze(self, now: float | datetime | None = None) -> int:
        """Freeze the clock at this time or at the current one; return the time in UNIX seconds.

        A datetime without an offset is UTC, as in a world's file.
        """
        return self._set("frozen", now)

    def run(self, now: float | datetime | None = None) -> int:
        """Run the clock from this time or from the current one; return it in UNIX seconds."""
        return self._set("running", now)

    def advance(self, seconds: int = 0, *, minutes: int = 0, hours: int = 0, days: int = 0) -> int:
        """Move the clock forward, frozen or not; return the new time in UNIX seconds."""
        total_s = seconds + 60 * minutes + 3600 * hours + 86_400 * days
        return int(
            self._mock.control_request("POST", "/clock/advance", {"seconds": total_s})["now"]
        )

    def _set(self, mode: str, now: float | datetime | None) -> int:
        body: dict[str, Any] = {"mode": mode}
        if now is not None:
            body["now"] = _unix(now)
        return int(self._mock.control_request("PUT", "/clock", body)["now"])


def _unix(now: float | datetime) -> int:
    """Return a time in UNIX seconds; raise TypeError if it is none."""
    from datetime import UTC, datetime  # noqa: PLC0415  most tests leave the clock alone

    if isinstance(now, datetime):
        return int((now if now.tzinfo else now.replace(tzinfo=UTC)).timestamp())
    if isinstance(now, bool) or not isinstance(now, int | float):
        raise TypeError(f"a time is UNIX seconds or a datetime, not {now!r}")
    return int(now)


class FaultScope:
    """Faults that are on; the end of a `with` block switches them off."""

    def __init__(self, mock: Controlled, names: Sequence[str]) -> None:
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

    def __init__(self, mock: Controlled) -> None:
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


class SnapshotClient:
    """Saves the state and the clock under a name, and brings them back."""

    def __init__(self, mock: Controlled) -> None:
        self._mock = mock

    def save(self, name: str) -> None:
        """Save the state under a name, also one that is taken; a reset keeps it."""
        self._mock.control_request("POST", "/snapshots", {"name": name})

    def restore(self, name: str) -> None:
        """Bring a saved state back; raise ControlRefused if there is none of this name."""
        self._mock.control_request("POST", f"/snapshots/{quote(name, safe='')}/restore")

    def delete(self, name: str) -> None:
        """Delete a saved state; raise ControlRefused if there is none of this name."""
        self._mock.control_request("DELETE", f"/snapshots/{quote(name, safe='')}")

    @property
    def names(self) -> list[str]:
        """Return the names of the saved states."""
        saved = self._mock.control_request("GET", "/snapshots")["snapshots"]
        return [one["name"] for one in saved]


class SocketClient:
    """The clients of the mock's socket, and what goes wrong with it on purpose."""

    def __init__(self, mock: Controlled) -> None:
        self._mock = mock

    @property
    def clients(self) -> list[dict[str, str]]:
        """Return the clients that are logged in: `uid`, `device` and `presence` of each."""
        found: list[dict[str, str]] = self._mock.control_request("GET", "/socket")["connections"]
        return found

    def cut(self, uid: str | None = None) -> list[str]:
        """Cut the connections of a user, or all, as a failing network does; return the users."""
        query = "" if uid is None else f"?{urlencode({'uid': uid})}"
        cut: list[str] = self._mock.control_request("DELETE", f"/socket{query}")["cut"]
        return cut

    def fail(self, uid: str | None = None, **faults: Any) -> None:
        """Let events come `late_ms` late, `twice` or `out_of_order`, or refuse log-ins.

        `cut_after` cuts a connection after so many events; `refuse_login=True` refuses every
        log-in. For one user, or for all; it replaces what was set before.
        """
        body = faults if uid is None else {"uid": uid, **faults}
        self._mock.control_request("PUT", "/socket/faults", body)

    def stop_failing(self) -> None:
        """Let the socket work again."""
        self._mock.control_request("DELETE", "/socket/faults")
