"""The controls of a running mock, for its routes and for code in its process."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from duologue.mockserver.control.clock import ControllableClock
from duologue.mockserver.control.configuration import ConfigurationControl
from duologue.mockserver.control.errors import NoSuch
from duologue.mockserver.control.events.log import EventLog
from duologue.mockserver.control.events.stream import Streams
from duologue.mockserver.control.failures import Failures, chain
from duologue.mockserver.control.guard import Guard
from duologue.mockserver.control.journal import journal_view
from duologue.mockserver.control.journal.journal import Journal, JournalEntry
from duologue.mockserver.control.latency import Latency, Span
from duologue.mockserver.control.sending.own_requests import OwnRequests
from duologue.mockserver.control.sending.scheduler import Scheduler
from duologue.mockserver.control.snapshots import Snapshot
from duologue.mockserver.control.socket.faults import NO_FAULTS, SocketControl
from duologue.mockserver.control.state import State
from duologue.mockserver.control.worlds import SideWorlds
from duologue.mockserver.http.dispatcher import Dispatcher
from duologue.mockserver.http.middleware import Middleware
from duologue.mockserver.http.traffic.rate_limit import RateLimit
from duologue.mockserver.store.world import WorldRows


class Controls:
    """The controls of one mock, in the process in which it answers."""

    def __init__(  # noqa: PLR0913  the one place where all parts are wired
        self,
        *,
        state: State,
        middleware: Middleware,
        controllable_clock: ControllableClock,
        configuration_control: ConfigurationControl,
        journal: Journal,
        guard: Guard,
        dispatcher: Dispatcher,
        own_requests: OwnRequests,
        worlds: SideWorlds,
        is_shared: bool = False,
    ) -> None:
        self.state = state
        self.clock = controllable_clock
        self.configuration_control = configuration_control
        self.journal = journal
        self.guard = guard
        self.worlds = worlds  # those beside this mock's own, the same for all of them
        self.latency = Latency()
        self.failures = Failures()
        self.world_problem: str | None = None  # of a watched file that is no world
        self._observers: tuple[Callable[[JournalEntry], None], ...] = ()
        self.events = EventLog(secrets.token_hex(4))
        self.socket = SocketControl(lambda: self.events.number)
        self.streams = Streams(self.events)
        self.streams.on_requests = self._observe_requests
        # A listening client takes no thread from the requests of the API.
        self.streams.wait = self.latency.wait_in_turn
        self.own_requests = own_requests
        self.scheduler = Scheduler(controllable_clock)
        self.scheduler.post = lambda one: own_requests.send_message(one.sender, one.body())
        self.is_shared = is_shared  # whether other processes answer beside this one
        self._middleware = middleware
        self._dispatcher = dispatcher
        middleware.wait = self.latency.wait
        middleware.failure_of = chain(self.failures, guard.allows_header)
        if not is_shared:
            journal.on_change = self._note_change

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return the snapshots, by name."""
        return tuple(self.state.snapshots)

    def reset(self) -> None:
        """Restore the start; snapshots are kept."""
        self.begin_epoch()
        with self.socket.undoing():
            self.state.reset()
        self.failures.clear()
        self.socket.faults = NO_FAULTS
        self.clock.restore()
        self.configuration_control.reset()
        self.delay(None, {})
        self.limit(None)
        self.journal.clear()

    def begin_with(self, world: WorldRows) -> None:
        """Start with another world from now on, as if the mock had been started with it."""
        self.begin_epoch()
        with self.socket.undoing():
            self.state.begin_with(world)
        self.world_problem = None
        self.events.add("world", self.clock.now(), call="watch")

    def note_world_problem(self, problem: str) -> None:
        """Keep why a watched file is no world; the state stays as it is."""
        self.world_problem = problem
        self.events.add("control", self.clock.now(), call="watch")

    def begin_epoch(self) -> None:
        """Let no request that came before act, be journaled or be counted from now on."""
        self._middleware.epoch += 1
        self.scheduler.clear()
        self.latency.release()

    def close(self) -> None:
        """End all streams of events, and send nothing any more."""
        self.events.close()
        self.scheduler.clear()

    def _observe_requests(self, is_on: bool) -> None:
        self.observe(self.events.note_request, is_on=is_on)

    def observe(self, observer: Callable[[JournalEntry], None], *, is_on: bool = True) -> None:
        """Call `observer` with each new journal entry from now on, or no longer."""
        others = tuple(one for one in self._observers if one != observer)
        self._observers = (*others, observer) if is_on else others
        self.journal.on_entry = self._tell if self._observers else None

    def _tell(self, entry: JournalEntry) -> None:
        for observer in self._observers:
            observer(entry)

    def _note_change(self, entry: JournalEntry) -> None:
        self.state.change_log.add(entry)
        self.events.add_entry(entry)

    # Delays and limits.

    def delay(self, default: Span | None, operations: dict[str, Span]) -> None:
        """Delay these operations, and all others by `default`; None delays no other."""
        self.latency.default, self.latency.operations = default, operations
        self.latency.release()
        self._middleware.hold = self.latency.hold if self.latency.is_on else None

    @property
    def rate_limit(self) -> RateLimit | None:
        """Return the rate limit in force; None without one."""
        found = self._middleware.rate_limit
        return found if found.is_enforced else None

    def limit(self, limit: int | None, per_s: int = 1) -> None:
        """Answer up to `limit` requests in `per_s` seconds; None removes the limit."""
        self._middleware.rate_limit = (
            RateLimit(self.clock.now)
            if limit is None
            else RateLimit(self.clock.now, limit=limit, per_s=per_s, is_enforced=True)
        )

    # Requests and answers.

    @property
    def operation_ids(self) -> tuple[str, ...]:
        """Return the operationIds of all operations, in the order of the documents."""
        return tuple(name for name, _, _ in self._dispatcher.runtime.spec.places())

    def entry(self, request_id: str) -> JournalEntry:
        """Return the journal entry of a request; raise NoSuch if there is none."""
        found = self.journal.find(request_id)
        if found is None:
            raise NoSuch("request", request_id, hint="GET /_mock/journal lists those still kept")
        return found

    def why(self, request_id: str) -> dict[str, Any]:
        """Explain why a request was answered as it was; raise NoSuch or Conflict."""
        from duologue.mockserver.control.why.inquiry import why  # noqa: PLC0415  rarely used, slow to import

        return why(
            self.entry(request_id),
            change_log=self.state.change_log,
            configuration_control=self.configuration_control,
            dispatcher=self._dispatcher,
        )

    def journal_entries(self, *, bodies: bool = True, **wanted: Any) -> list[dict[str, Any]]:
        """Return the journal entries as JSON, oldest first; `wanted` is the route's query."""
        since = wanted.pop("since", None)
        entries = self.journal if since is None else self.journal.after(since)
        return [
            journal_view.entry(one, bodies=bodies)
            for one in journal_view.chosen(entries, wanted=wanted)
        ]

    def document(self, name: str) -> dict[str, Any]:
        """Return a document of the API as the mock uses it."""
        return self._dispatcher.runtime.spec.document(name)
