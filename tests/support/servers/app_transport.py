"""A transport that calls the mock's app in this process, without a socket."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from duologue.contracts.http.response import Response, read
from duologue.contracts.http.transport import Transport
from duologue.mockserver.control.clock import ControllableClock


class AppTransport(Transport):
    """Calls a Flask app with one test client for each thread."""

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(timeout_s=1, **options)
        self._app = app
        self._local = threading.local()

    def _once(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None
    ) -> Response:
        if not hasattr(self._local, "client"):
            self._local.client = self._app.test_client()
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        answer = self._local.client.open(path, method=method, headers=headers, data=content)
        return read(answer.status_code, dict(answer.headers), content=answer.data)


def sleep_by(clock: ControllableClock) -> Callable[[float], None]:
    """Return a sleep that moves the mock's clock on by whole seconds, and waits for nothing."""
    pending_s = 0.0

    def sleep(seconds: float) -> None:
        nonlocal pending_s
        pending_s += seconds
        if pending_s >= 1:
            clock.advance(int(pending_s))
            pending_s %= 1

    return sleep
