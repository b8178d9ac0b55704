"""Run a mock from its settings, in this process or in several."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from contextlib import closing

from flask import Flask

from duologue.mockserver.app import create_app, inside
from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.dialect import behaviours_of
from duologue.mockserver.serving.granian_server import serve
from duologue.mockserver.serving.workers import share
from duologue.mockserver.settings import Settings
from duologue.mockserver.store.world import WorldRows


def run(
    settings: Settings,
    world: WorldRows,
    *,
    state_url: str,
    sock: socket.socket,
    on_ready: Callable[[], None],
) -> bool:
    """Answer on the socket until a signal comes; False if a request was left unanswered."""

    def build() -> Flask:
        own, sent = _behaviours(settings)
        return create_app(
            world=world,
            state_url=state_url,
            api_keys=settings.api_keys,
            behaviours=own,
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


def _behaviours(settings: Settings) -> tuple[Behaviours, Behaviours]:
    """Return the checked behaviours, and those that act and answer; equal except for variants."""
    behaviours = behaviours_of(settings.dialect)
    if not settings.variants:
        return behaviours, behaviours
    from duologue.mockserver.variants import with_variants  # noqa: PLC0415

    return with_variants(behaviours, settings.variants)


def _answer(app: Flask, sock: socket.socket, *, on_ready: Callable[[], None]) -> bool:
    with closing(inside(app)):
        return serve(app, sock, on_ready=lambda: _settle_down(on_ready))


def _settle_down(on_ready: Callable[[], None]) -> None:
    """Collect garbage from now on, but never again look through what the start has left."""
    gc.freeze()
    gc.enable()
    on_ready()
