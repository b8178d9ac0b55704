"""What clients really used of the contract: the file that `contracts diff --used-by` reads."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from duologue.mockserver.errors import UsageNotWritten
from duologue.mockserver.http import query
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.http.flask_responses import SentResponse
from duologue.mockserver.http.middleware import RequestObserver
from duologue.openapi import document
from duologue.openapi.own_folder import own_folder
from duologue.openapi.whole_file import write_whole

if TYPE_CHECKING:
    from filelock import FileLock
    from flask import Request

VERSION = "1.0"
HEADERS = {"HTTP_ONBEHALFOF": "header.onBehalfOf"}
KINDS = ("parameters", "body_fields", "statuses")


@dataclass(slots=True)
class OperationUsage:
    """How often one operation was called, and with what; counts by name."""

    count: int = 0
    parameters: Counter[str] = field(default_factory=Counter)
    body_fields: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Return it as it stands in the file; kinds without a name are left out."""
        named = {kind: dict(sorted(getattr(self, kind).items())) for kind in KINDS}
        return {"count": self.count} | {kind: counts for kind, counts in named.items() if counts}

    def add(self, other: Mapping[str, Any]) -> None:
        """Add what another process wrote."""
        self.count += other["count"]
        for kind in KINDS:
            getattr(self, kind).update(other.get(kind, {}))


class UsageRecorder:
    """What the clients of one process used; any thread may note a request."""

    def __init__(self) -> None:
        self._operations: dict[str, OperationUsage] = {}
        self._guard = threading.Lock()
        self._names = {one.id: f"{one.method} {one.path}" for one in document.operations("openapi")}

    def note(self, operation_id: str | None, request: Request, *, status: int) -> None:
        """Note a request; what is no operation of the contract is left out."""
        name = self._names.get(operation_id or "")
        if name is None:
            return
        parameters = [f"query.{each}" for each in query.written(request)]
        parameters += [name for key, name in HEADERS.items() if request.environ.get(key)]
        fields = set(_fields(_body(request)))
        with self._guard:
            used = self._operations.setdefault(name, OperationUsage())
            used.count += 1
            used.parameters.update(parameters)
            used.body_fields.update(fields)
            used.statuses[str(status)] += 1

    def as_dict(self, consumer: str) -> dict[str, Any]:
        """Return the file's content."""
        with self._guard:
            operations = {name: used.as_dict() for name, used in sorted(self._operations.items())}
        return {
            "usage_version": VERSION,
            "consumer": consumer,
            "recorded_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "operations": operations,
        }

    def write(self, path: Path) -> None:
        """Write the file, or add to what another process of this mock has written there.

        The consumer has the file's name, without its ending. Raises UsageNotWritten.
        """
        try:
            with _locked(path):
                for name, used in _operations_in(path).items():
                    self._operations.setdefault(name, OperationUsage()).add(used)
                text = json.dumps(self.as_dict(path.stem), indent=2, ensure_ascii=False)
                write_whole(path, f"{text}\n")
        except OSError as cause:
            raise UsageNotWritten(str(path), cause.strerror or str(cause)) from cause
        except (ValueError, LookupError, TypeError, AttributeError) as cause:
            raise UsageNotWritten(
                str(path), "it holds something else; name another file"
            ) from cause


def empty(path: Path) -> None:
    """Empty the file that an earlier mock wrote; leave a pipe or a device. Raises UsageNotWritten.

    A file that is there may be a link, or mounted into a container: it is not removed.
    """
    try:
        if path.is_file():
            os.truncate(path, 0)
    except OSError as cause:
        raise UsageNotWritten(str(path), cause.strerror or str(cause)) from cause


class UsageObserver:
    """Notes what each request used, beside another observer."""

    def __init__(self, observer: RequestObserver, usage: UsageRecorder) -> None:
        self._observer, self._usage = observer, usage

    def begin(self) -> int:
        """Return the other observer's mark of the time."""
        return self._observer.begin()

    def add(
        self,
        began: int,
        request: Request,
        *,
        operation_id: str | None,
        path: Mapping[str, str],
        answer: ApiResponse,
        sent: SentResponse,
    ) -> None:
        """Record a request and its answer, and note what it used."""
        self._observer.add(
            began, request, operation_id=operation_id, path=path, answer=answer, sent=sent
        )
        self._usage.note(operation_id, request, status=answer.status)


def _operations_in(path: Path) -> dict[str, Any]:
    """Return what another process has written; nothing for an empty file, a pipe or a device."""
    text = path.read_text("utf-8") if path.is_file() else ""
    return dict(json.loads(text)["operations"]) if text else {}


def _body(request: Request) -> Any:
    """Return the JSON of a request's body, None where there is none."""
    try:
        return orjson.loads(request.get_data(cache=True))
    except orjson.JSONDecodeError:
        return None


def _fields(value: Any, place: str = "") -> Iterator[str]:
    """Yield the places of a body: `tags` and `tags[]`, and an empty one for the body itself."""
    if value is None and not place:
        return
    yield place
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _fields(each, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for each in value:
            yield from _fields(each, f"{place}[]")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep the processes of one mock apart, by the folder of their file: it leaves nothing there.

    Raises OSError.
    """
    folder = Path(os.path.realpath(path)).parent
    with ExitStack() as stack:
        try:
            import fcntl  # noqa: PLC0415 - some systems have none

            descriptor = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except (ImportError, OSError):  # one that may not be read; some network file systems
            stack.enter_context(_lock_file(path))
        yield


def _lock_file(path: Path) -> FileLock:
    """Return a lock in this user's folder for temporary files, by the name of the file."""
    from filelock import FileLock  # noqa: PLC0415 - takes 26 ms, and few mocks need it

    name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:24]
    return FileLock(own_folder("duologue-usage") / f"{name}.lock")
