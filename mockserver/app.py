"""The one place where the mock is put together."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from contextlib import ExitStack
from functools import partial
from typing import Any

from flask import Flask

from mockserver.clock import Clock, wall_clock
from mockserver.control import plane
from mockserver.control.behaviour import Behaviour
from mockserver.control.clock import Dial
from mockserver.control.controls import Controls
from mockserver.control.guard import Guard
from mockserver.control.journal import Journal
from mockserver.control.state import State
from mockserver.http import routes
from mockserver.http.allowance import Allowance
from mockserver.http.exchange import Exchange, Keys
from mockserver.http.gate import Gate
from mockserver.http.wire import Wire
from mockserver.inspector import routes as pages
from mockserver.parts import Parts
from mockserver.premises import private_directory
from mockserver.progress import watched
from mockserver.settings import LOOPBACK
from mockserver.store import shelf
from mockserver.store.home import Home
from mockserver.store.store import Store
from mockserver.store.world import World
from openapi import document

DOCUMENTS = ("openapi", "stage")
KEYS = ("mock-api-key",)
SMALL_KEYS = ("auth-only",)


def create_app(  # noqa: PLR0913  the one place where everything is chosen
    *,
    world: World,
    state_url: str | None = None,
    api_keys: Iterable[str] = KEYS,
    parts: Parts | None = None,
    faulty: Parts | None = None,
    faults: Iterable[str] = (),
    clock: Clock = wall_clock,
    host: str = LOOPBACK,
    control_token: str | None = None,
    is_shared: bool = False,
) -> Flask:
    """A mock that starts in `world` and answers under /v3 and /_mock.

    `state_url` names the database of the state, a private one that goes with the app by default.
    `parts` are those of the dialect spoken, by which the mock checks its own answers; `faulty`, if
    given, are the same with something in them that the check is to overlook, and are what is done
    and sent. `faults` names those that are on at the start. `host` is the address that it will
    listen at: off loopback, /_mock answers only who sends `control_token`. `is_shared` tells of
    other processes that answer beside this one. Raises StateUnusable, WorldBroken, UnknownFault.
    """
    app = Flask("mockserver", static_folder=None)
    leaving = ExitStack()
    weakref.finalize(app, leaving.close)
    url = state_url or f"sqlite:///{leaving.enter_context(private_directory())}/state.sqlite"
    is_put = shelf.put(world, url, watch=partial(watched, text=f"Building {world.name}"))
    store = Store(url)
    home = Home(store, world)
    home.settle(is_put=is_put)
    given = tuple(api_keys)
    keys = Keys(frozenset(given), frozenset(SMALL_KEYS))
    dial = Dial(clock)
    exchange = Exchange(store, documents=_documents, keys=keys, clock=dial)
    own = parts or Parts()
    behaviour = Behaviour(exchange, own, faulty or own, faults=faults)
    journal = Journal(dial, behaviour, keys=keys.full | keys.small)
    wire = Wire()
    gate = Gate(exchange, wire, allowance=Allowance(dial.now), watch=journal)
    controls = Controls(
        state=State(store, home, dial),
        gate=gate,
        dial=dial,
        behaviour=behaviour,
        journal=journal,
        guard=Guard(host, control_token),
        exchange=exchange,
        is_shared=is_shared,
    )
    routes.add(app, exchange, gate)
    plane.add(app, controls, wire.next_id)
    pages.add(app, exchange, controls, key=next(iter(given), ""), next_id=wire.next_id)
    app.extensions["mockserver"] = Inside(store, home, exchange, controls, leaving)
    return app


class Inside:
    """What an app is made of, for those who drive it from within its process."""

    def __init__(
        self,
        store: Store,
        home: Home,
        exchange: Exchange,
        controls: Controls,
        leaving: ExitStack,
    ) -> None:
        self.store = store
        self.home = home
        self.exchange = exchange
        self.controls = controls
        self._leaving = leaving

    def close(self) -> None:
        """Let go of the state; the app answers no more."""
        self.home.close()
        self.store.close()
        self._leaving.close()


def inside(app: Flask) -> Inside:
    """What `app` is made of."""
    found: Inside = app.extensions["mockserver"]
    return found


def _documents() -> dict[str, dict[str, Any]]:
    return {name: document.load(name) for name in DOCUMENTS}
