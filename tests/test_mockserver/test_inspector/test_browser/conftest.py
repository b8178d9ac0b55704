"""A browser on a running mock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from duologue.fixtures.examples import examples
from duologue.fixtures.world import World
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.serving.thread_server import LiveServer
from support.clients.browser import browser, expect, open_page, shots

__all__ = ("browser", "expect", "open_page", "shots")


@pytest.fixture
def serve() -> Iterator[Callable[..., LiveServer]]:
    """Return a function that serves a world (default: `examples`) until the test ends."""
    running: list[tuple[LiveServer, Any]] = []

    def serve(world: World | None = None, **how: Any) -> LiveServer:
        app = create_app(world=world or examples(42), **how)
        server, controls = LiveServer(app), inside(app).controls
        controls.latency.give_way, server.on_stop = server.give_way, controls.close
        server.start()
        running.append((server, app))
        return server

    yield serve
    for server, app in running:
        server.stop()
        inside(app).close()


@pytest.fixture
def mock(serve: Callable[..., LiveServer]) -> LiveServer:
    """A mock with the world `examples`."""
    return serve()
