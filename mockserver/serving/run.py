"""Build a mock from its settings and serve it, in this process or in several workers."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from contextlib import closing, suppress

from flask import Flask

from duologue.mockserver.app import create_app, inside
from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.clock import wall_clock
from duologue.mockserver.control.journal.usage import UsageRecorder, empty
from duologue.mockserver.dialect import behaviours_of
from duologue.mockserver.http.traffic.answer_slots import AnswerSlots
from duologue.mockserver.inspector.queries import first_user
from duologue.mockserver.serving.granian_server import ANSWERING, on_one_core, serve
from duologue.mockserver.serving.ports import Ports
from duologue.mockserver.serving.request_log import print_request
from duologue.mockserver.serving.server_threads import ServerThreads
from duologue.mockserver.serving.sockets import spread
from duologue.mockserver.serving.watching import FileWatch
from duologue.mockserver.serving.workers import share
from duologue.mockserver.settings import Settings
from duologue.mockserver.store.worker_changes import OwnChanges, WorkerChanges
from duologue.mockserver.store.world import WorldRows
from duologue.mockserver.store.writer_turns import SharedTurn, shared_turn

# The start stays as short as it is, and a mock that lives for less never needs the rest.
WARM_AFTER_S = 1.5
# Most of what a request leaves is kept (journal, history), so that searching it for cycles after
# each 700 objects, Python's default, finds little: it took a sixth of the CPU of 5,000 requests.
COLLECT_AFTER_OBJECTS = 10_000


def run(
    settings: Settings,
    world: WorldRows,
    *,
    state_url: str,
    ports: Ports,
    on_ready: Callable[[str | None], None],
    file_watch: FileWatch | None = None,
) -> bool:
    """Serve on these ports until a signal comes; return False if a request was left unanswered.

    `on_ready` is called with the uid of a user of the world, None if it has none. `file_watch`
    was made before the world was read.
    """

    newest_at = wall_clock() if settings.moves_times else None  # the same in all processes
    usage = UsageRecorder() if settings.usage is not None else None
    if settings.usage is not None:
        empty(settings.usage)

    def build(changes: OwnChanges | None = None, turn: SharedTurn | None = None) -> Flask:
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
            is_kept=settings.state is not None,
            changes=changes,
            turn=turn,
            usage=usage,
            allow_origins=settings.allow_origins,
            log=print_request if settings.log else None,
            client_settings=ports.client_settings,
            newest_at=newest_at,
        )

    core = os.getpid()  # several mocks use several cores
    # Of a state that is kept there may be other users, which tell nothing.
    told = WorkerChanges(settings.workers) if settings.state is None else None

    def answer(app: Flask, ports: Ports, *, on_ready: Callable[[], None], worker: int = 0) -> bool:
        try:
            return _answer(app, ports, on_ready=on_ready, core=core + worker)
        finally:
            if usage is not None and settings.usage is not None:
                usage.write(settings.usage)

    if settings.workers > 1:
        # Built once here, so that the state exists before it is shared and errors are shown once.
        with closing(inside(build())) as parts:
            first = first_user(parts.store.reading())
        turn = shared_turn()
        listening = spread(ports.api, settings.workers)

        def work(ready: Callable[[], None], number: int) -> bool:
            app = build(None if told is None else told.of(number), turn)
            own = ports._replace(api=listening[number])
            for each in {*listening} - {own.api}:
                each.close()  # else it would listen until all workers have ended
            return answer(app, own, on_ready=ready, worker=number)

        share(
            work,
            settings.workers,
            on_ready=lambda: on_ready(first),
        )
    app = build(None if told is None else told.of(0))
    if file_watch is not None:
        file_watch.begin(inside(app).controls)
    first = first_user(inside(app).store.reading())
    return answer(app, ports, on_ready=lambda: on_ready(first))


def _behaviours(settings: Settings) -> tuple[Behaviours, Behaviours]:
    """Return the behaviours checked against the document and those sent; equal without variants."""
    behaviours = behaviours_of(settings.dialect)
    if not settings.variants:
        return behaviours, behaviours
    from duologue.mockserver.variants import with_variants  # noqa: PLC0415

    return with_variants(behaviours, settings.variants)


def _answer(app: Flask, ports: Ports, *, on_ready: Callable[[], None], core: int) -> bool:
    with closing(inside(app)) as parts, ports.serving_socket(parts):
        threads = ServerThreads(ANSWERING)
        slots = AnswerSlots(ANSWERING, away=threads.away)
        parts.controls.latency.give_way = slots.give_way
        parts.store.file_turn.give_way = slots.give_way
        return serve(
            on_one_core(slots.wrap(app), core),
            ports.api,
            certificate=ports.certificate,
            on_ready=lambda: _enable_gc(on_ready),
            on_stop=parts.stop,
            threads=threads,
        )


def _enable_gc(on_ready: Callable[[], None]) -> None:
    """Enable garbage collection and exempt the objects made by the start from it."""
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS)
    gc.enable()
    on_ready()
    later = threading.Timer(WARM_AFTER_S, import_the_rest)
    later.daemon = True
    later.start()


def import_the_rest() -> None:
    """Import what only refused requests need, so that none of them waits for it.

    A process that has too many files open leaves it to them.
    """
    with suppress(OSError):
        import duologue.mockserver.http.error_details  # noqa: F401, PLC0415  0.25 s of CPU, 20 MiB
