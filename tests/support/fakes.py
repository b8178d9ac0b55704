"""Fakes: a clock without waiting, and a transport without a socket."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue.contracts.clause import Clause, choose
from duologue.contracts.context.existing_data import ExistingConversation
from duologue.contracts.http.response import Response, read
from duologue.contracts.http.target import Target
from duologue.contracts.http.transport import AttemptFailed, Transport
from duologue.contracts.session import RunSettings, Session, new_token
from support.independent.app import App
from support.independent.server import handle_request

START_S = 1_780_000_000.0
GENERATED = ("document", "walk")  # these take seconds


class Clock:
    """A clock that only ``sleep`` advances."""

    def __init__(self) -> None:
        self._now, self._lock = START_S, threading.Lock()

    def __call__(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        """Advance the clock at once."""
        with self._lock:
            self._now += seconds


class DirectTransport(Transport):
    """A transport that calls the independent server in this process."""

    def __init__(self, app: App, **options: Any) -> None:
        super().__init__(timeout_s=1, **options)
        self.app = app

    def _once(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None
    ) -> Response:
        lowered = {name.lower(): value for name, value in headers.items()}
        try:
            status, text = handle_request(
                self.app, method, path_and_query(url), headers=lowered, content=content or b""
            )
        except ConnectionError as cause:  # an override that closes the connection
            raise AttemptFailed(f"{method} {url} was not answered: {cause!r}") from cause
        return read(status, {"content-type": "application/json"}, content=text)


def path_and_query(url: str) -> str:
    """Return the path and query of a URL."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def session_on(
    app: App,
    clock: Clock,
    *,
    existing: Sequence[ExistingConversation] | None = None,
    settle_s: float = 5.0,
    deprecated: bool = True,
    **settings: Any,
) -> Session:
    """Return a session on a server of this process, after its preflight; fields of RunSettings."""
    target = Target(
        "http://direct/v3", "k", auth_only_key="k2", settle_s=settle_s, deprecated=deprecated
    )
    session = Session(
        target,
        new_token(),
        RunSettings(**{"workers": 1, **settings}),
        existing=tuple(existing) if existing is not None else None,
        sleep=clock.sleep,
        now=clock,
    )
    session.transport = DirectTransport(app, sleep=clock.sleep)
    session.run_preflight()
    return session


def without_generated(*names: str) -> list[Clause]:
    """Return the clauses of these names, or all, except those that generate their requests."""
    return [each for each in choose(names) if each.id.partition(".")[0] not in GENERATED]
