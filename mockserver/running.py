"""A mock put together from its settings, answering in this process or in several others."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from contextlib import closing

from flask import Flask

from mockserver.app import create_app, inside
from mockserver.dialect import parts_of
from mockserver.serving import serve
from mockserver.settings import Settings
from mockserver.store.world import World
from mockserver.workers import share


def run(
    settings: Settings,
    world: World,
    *,
    state_url: str,
    sock: socket.socket,
    on_ready: Callable[[], None],
) -> bool:
    """Answer on the socket until a signal comes; False if a request was left unanswered."""

    def build() -> Flask:
        return create_app(
            world=world,
            state_url=state_url,
            api_keys=settings.api_keys,
            parts=parts_of(settings.dialect),
        )

    if settings.workers > 1:
        # Once here: the state is laid out before it is shared, and what is wrong is said once.
        inside(build()).close()
        share(
            lambda ready: _answer(build(), sock, on_ready=ready),
            settings.workers,
            on_ready=on_ready,
        )
    return _answer(build(), sock, on_ready=on_ready)


def _answer(app: Flask, sock: socket.socket, *, on_ready: Callable[[], None]) -> bool:
    with closing(inside(app)):
        return serve(app, sock, on_ready=lambda: _settle_down(on_ready))


def _settle_down(on_ready: Callable[[], None]) -> None:
    """Collect garbage from now on, but never again look through what the start has left."""
    gc.freeze()
    gc.enable()
    on_ready()
