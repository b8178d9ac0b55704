"""A mock put together from its settings, answering in this process or in several others."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from contextlib import closing

from flask import Flask

from mockserver.app import create_app, inside
from mockserver.dialect import parts_of
from mockserver.parts import Parts
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
        own, sent = _parts(settings)
        return create_app(
            world=world,
            state_url=state_url,
            api_keys=settings.api_keys,
            parts=own,
            faulty=sent,
            faults=settings.faults,
            host=settings.host,
            control_token=settings.control_token,
            is_shared=settings.workers > 1,
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


def _parts(settings: Settings) -> tuple[Parts, Parts]:
    """What the mock means to say, and what it does and sends: one and the same but for variants."""
    parts = parts_of(settings.dialect)
    if not settings.variants:
        return parts, parts
    from mockserver.variants import with_variants  # noqa: PLC0415

    return with_variants(parts, settings.variants)


def _answer(app: Flask, sock: socket.socket, *, on_ready: Callable[[], None]) -> bool:
    with closing(inside(app)):
        return serve(app, sock, on_ready=lambda: _settle_down(on_ready))


def _settle_down(on_ready: Callable[[], None]) -> None:
    """Collect garbage from now on, but never again look through what the start has left."""
    gc.freeze()
    gc.enable()
    on_ready()
