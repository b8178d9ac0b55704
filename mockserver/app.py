"""The composition root: all parts of the mock are put together here."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Flask

from duologue.mockserver import documented
from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.clock import Clock, wall_clock
from duologue.mockserver.control import blueprint
from duologue.mockserver.control.clock import ControllableClock
from duologue.mockserver.control.configuration import ConfigurationControl
from duologue.mockserver.control.controls import Controls
from duologue.mockserver.control.errors import WrongInput
from duologue.mockserver.control.guard import Guard
from duologue.mockserver.control.journal.journal import Journal, JournalEntry
from duologue.mockserver.control.journal.usage import UsageObserver, UsageRecorder
from duologue.mockserver.control.sending.own_requests import OwnRequests
from duologue.mockserver.control.state import State
from duologue.mockserver.control.worlds import SideWorlds
from duologue.mockserver.http import routes
from duologue.mockserver.http.client_settings import world_in
from duologue.mockserver.http.dispatcher import Dispatcher
from duologue.mockserver.http.flask_responses import FlaskResponder
from duologue.mockserver.http.middleware import Middleware, RequestObserver
from duologue.mockserver.http.runtime import Keys
from duologue.mockserver.http.traffic.rate_limit import RateLimit
from duologue.mockserver.http.traffic.rules import MatchingRule
from duologue.mockserver.inspector import routes as pages
from duologue.mockserver.serving.private_dir import private_directory
from duologue.mockserver.serving.progress import with_progress
from duologue.mockserver.settings import LOOPBACK, SEED, is_moved_by_default
from duologue.mockserver.store import world_cache
from duologue.mockserver.store.availability import usable
from duologue.mockserver.store.baseline import Baseline
from duologue.mockserver.store.state_urls import file_url
from duologue.mockserver.store.store import Store
from duologue.mockserver.store.worker_changes import OwnChanges
from duologue.mockserver.store.world import WorldRows
from duologue.mockserver.store.writer_turns import ProcessTurn
from duologue.mockserver.usecases.conversations import ClientSettings, no_settings
from duologue.openapi import document

if TYPE_CHECKING:
    from duologue.mockserver.socket.hub import Hub

DOCUMENTS = ("openapi", "stage", "client")
KEYS = ("mock-api-key",)
SMALL_KEYS = ("auth-only",)


def create_app(  # noqa: PLR0913  the one place where everything is chosen
    *,
    world: WorldRows,
    state_url: str | None = None,
    api_keys: Iterable[str] = KEYS,
    behaviours: Behaviours | None = None,
    faulty: Behaviours | None = None,
    faults: Iterable[str] = (),
    clock: Clock = wall_clock,
    host: str = LOOPBACK,
    control_token: str | None = None,
    is_shared: bool = False,
    is_kept: bool = False,
    changes: OwnChanges | None = None,
    turn: ProcessTurn | None = None,
    allow_origins: Iterable[str] = (),
    log: Callable[[JournalEntry], None] | None = None,
    beside: SideWorlds | None = None,
    usage: UsageRecorder | None = None,
    client_settings: ClientSettings = no_settings,
    newest_at: int | None = None,
) -> Flask:
    """Return a mock that starts with `world` and answers under /v3 and /_mock.

    `state_url` names the database of the state; by default a private one that is removed with the
    app. `behaviours` are those of the dialect, which the mock checks its own answers against;
    `faulty`, if given, decide what is done and sent, unchecked. `faults` names those that are on
    at the start. `host` is the address that the mock will listen on: beyond loopback, /_mock
    answers only requests with `control_token`. `is_shared` means that other processes serve the
    same state, `is_kept` that it outlives this process, `changes` those of all who use it,
    `turn` what those take to write; `beside` are the worlds of the mock that this one is a world
    of. Pages of `allow_origins` may drive the mock; `log` is called with each journal entry;
    `usage` notes what clients use; `client_settings` lead clients to the socket. `newest_at` moves
    the times of the world, so that the last of them is that.
    Raise StateUnusable, WorldBroken or UnknownFault.
    """
    app = Flask("mockserver", static_folder=None)
    app.url_rule_class = MatchingRule
    leaving = ExitStack()
    weakref.finalize(app, leaving.close)
    url = state_url or file_url(leaving.enter_context(private_directory()) / "state.sqlite")
    is_loaded = world_cache.put(
        world, url, progress=partial(with_progress, text=f"Building {world.name}")
    )
    store = Store(url, is_kept=is_kept, changes=changes, turn=turn)
    baseline = Baseline(store, world, newest_at=newest_at)
    with usable(url):
        baseline.settle(is_loaded=is_loaded)
    given = tuple(api_keys)
    keys = Keys(frozenset(given), frozenset(SMALL_KEYS))
    controllable_clock = ControllableClock(clock)
    dispatcher = Dispatcher(
        store,
        documents=_documents,
        keys=keys,
        clock=controllable_clock,
        client_settings=client_settings,
    )
    own = behaviours or documented.behaviours()
    (faulty or own).reads_from(store)  # a variant may refuse the kind of state
    configuration_control = ConfigurationControl(dispatcher, own, faulty or own, faults=faults)
    journal = Journal(controllable_clock, configuration_control, keys=keys.full | keys.small)
    observer: RequestObserver = UsageObserver(journal, usage) if usage else journal
    responder = FlaskResponder()
    middleware = Middleware(
        dispatcher, responder, rate_limit=RateLimit(controllable_clock.now), observer=observer
    )
    undisturbed = Middleware(
        dispatcher, responder, rate_limit=RateLimit(controllable_clock.now), observer=journal
    )
    own_requests = OwnRequests(dispatcher, undisturbed, key=next(iter(given), ""))
    guard = Guard(host, control_token, origins=allow_origins)

    def make_beside(name: str | None, seed: int | None) -> tuple[Flask, Inside, str]:
        rows, newest = baseline.start  # a watched file may have brought another world
        if name is not None:
            rows = _named_world(name, seed)
            newest = newest_at if is_moved_by_default(name) else None
        made = create_app(
            world=rows,
            api_keys=given,
            behaviours=behaviours,
            faults=faults,
            clock=clock,
            host=host,
            control_token=control_token,
            allow_origins=allow_origins,
            log=log,
            beside=worlds,
            usage=usage,
            client_settings=client_settings,
            newest_at=newest,
        )
        parts = inside(made)
        parts.controls.latency.give_way = controls.latency.give_way
        return made, parts, rows.name

    worlds = beside or SideWorlds(
        make_beside,
        guard,
        refusal=_refusal(is_shared=is_shared, has_variants=faulty not in (None, own)),
    )
    controls = Controls(
        state=State(store, baseline, controllable_clock, is_kept=is_kept),
        middleware=middleware,
        controllable_clock=controllable_clock,
        configuration_control=configuration_control,
        journal=journal,
        guard=guard,
        worlds=worlds,
        dispatcher=dispatcher,
        own_requests=own_requests,
        is_shared=is_shared,
    )
    if log is not None:
        controls.observe(log)
    routes.add(app, dispatcher, middleware)
    blueprint.add(app, controls, responder.next_id)
    pages.add(app, dispatcher, controls, key=next(iter(given), ""), next_id=responder.next_id)
    if beside is None:
        app.wsgi_app = worlds.wrap(app.wsgi_app)  # type: ignore[method-assign]
        leaving.callback(worlds.close)
    app.extensions["mockserver"] = Inside(
        store, baseline, dispatcher, controls, leaving, worlds=worlds if beside is None else None
    )
    return app


class Inside:
    """The parts of an app, for code that controls it from within its process."""

    def __init__(
        self,
        store: Store,
        baseline: Baseline,
        dispatcher: Dispatcher,
        controls: Controls,
        leaving: ExitStack,
        *,
        worlds: SideWorlds | None = None,
    ) -> None:
        self._worlds = worlds  # those beside this app's own, if it is no such world itself
        self.store = store
        self.baseline = baseline
        self.dispatcher = dispatcher
        self.controls = controls
        self._leaving = leaving
        self._hub: Hub | None = None
        self._making = threading.Lock()

    def stop(self) -> None:
        """End the streams of events, those of the worlds beside this one included."""
        self.controls.close()
        for world in self._worlds or ():
            world.parts.stop()

    @property
    def hub(self) -> Hub:
        """Return the hub of the socket's clients, made once it is needed."""
        from duologue.mockserver.socket.hub import Hub  # noqa: PLC0415  few mocks have clients

        with self._making:
            self._hub = self._hub or Hub(self.dispatcher, self.controls)
            return self._hub

    def hub_of(self, path: str) -> Hub | None:
        """Return the hub of the world that a socket's path leads to; None if there is none."""
        try:
            name = world_in(path)
        except ValueError:
            return None
        if name is None:
            return self.hub
        return next((inside(one.app).hub for one in self._worlds or () if one.name == name), None)

    def close(self) -> None:
        """Close the state; the app cannot answer any more."""
        self.controls.close()
        self.baseline.close()
        self.store.close()
        self._leaving.close()


def inside(app: Flask) -> Inside:
    """Return the parts of `app`."""
    found: Inside = app.extensions["mockserver"]
    return found


def _named_world(name: str, seed: int | None) -> WorldRows:
    """Return a world by its name; raise WrongInput if there is none."""
    from duologue.fixtures.errors import FixturesError  # noqa: PLC0415  most mocks have one world
    from duologue.fixtures.worlds import make  # noqa: PLC0415

    try:
        return make(name, SEED if seed is None else seed)
    except FixturesError as problem:
        raise WrongInput({"from": [str(problem)]}) from problem


def _refusal(*, is_shared: bool, has_variants: bool) -> str | None:
    """Return why a mock can have no worlds beside its own; None if it can."""
    if is_shared:
        return "This mock runs in several processes; start it with --workers 1 to have more worlds."
    if has_variants:
        return "This mock has variants, which keep a state of their own: it has one world."
    return None


def _documents() -> dict[str, dict[str, Any]]:
    return {name: document.load(name) for name in DOCUMENTS}
