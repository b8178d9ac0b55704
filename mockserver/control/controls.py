"""Everything by which a running mock is driven, by its routes and from within its process."""

from __future__ import annotations

from typing import Any

from mockserver.control import telling
from mockserver.control.behaviour import Behaviour
from mockserver.control.clock import Dial
from mockserver.control.errors import NoSuch
from mockserver.control.guard import Guard
from mockserver.control.journal import Entry, Journal
from mockserver.control.latency import Latency, Span
from mockserver.control.snapshots import Snapshot
from mockserver.control.state import State
from mockserver.http.allowance import Allowance
from mockserver.http.exchange import Exchange
from mockserver.http.gate import Gate


class Controls:
    """The controls of one mock, in the process in which it answers."""

    def __init__(  # noqa: PLR0913  the one place where all of it meets
        self,
        *,
        state: State,
        gate: Gate,
        dial: Dial,
        behaviour: Behaviour,
        journal: Journal,
        guard: Guard,
        exchange: Exchange,
        is_shared: bool = False,
    ) -> None:
        self.state = state
        self.clock = dial
        self.behaviour = behaviour
        self.journal = journal
        self.guard = guard
        self.latency = Latency()
        self.is_shared = is_shared  # whether other processes answer beside this one
        self._gate = gate
        self._exchange = exchange
        if not is_shared:
            journal.tell = state.chronicle.note

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """The states that are kept, by name."""
        return tuple(self.state.snapshots)

    def reset(self) -> None:
        """Bring everything back to the start, save the snapshots, which stay."""
        self.state.reset()
        self.clock.put()
        self.behaviour.reset()
        self.delay(None, {})
        self.limit(None)
        self.journal.clear()

    # What goes wrong on purpose.

    def delay(self, default: Span | None, operations: dict[str, Span]) -> None:
        """Hold requests for so long, and for no operation otherwise."""
        self.latency.default, self.latency.operations = default, operations
        self._gate.hold = self.latency.hold if self.latency.is_on else None

    @property
    def allowance(self) -> Allowance | None:
        """The limit that is kept; None where none is."""
        found = self._gate.allowance
        return found if found.is_enforced else None

    def limit(self, limit: int | None, per_s: int = 1) -> None:
        """Answer so many requests in so many seconds; None answers all."""
        self._gate.allowance = (
            Allowance(self.clock.now)
            if limit is None
            else Allowance(self.clock.now, limit=limit, per_s=per_s, is_enforced=True)
        )

    # What was asked and answered.

    def entry(self, request_id: str) -> Entry:
        """The entry of that id; raises NoSuch."""
        found = self.journal.find(request_id)
        if found is None:
            raise NoSuch("request", request_id, hint="GET /_mock/journal lists those still known")
        return found

    def why(self, request_id: str) -> dict[str, Any]:
        """Why a request was answered as it was; raises NoSuch and Conflict."""
        from mockserver.control.why.ask import why  # noqa: PLC0415  few starts ask why

        return why(
            self.entry(request_id),
            chronicle=self.state.chronicle,
            behaviour=self.behaviour,
            exchange=self._exchange,
        )

    def journal_told(self, *, bodies: bool = True, **wanted: Any) -> list[dict[str, Any]]:
        """The entries as they are told, oldest first; `wanted` is as in the route's query."""
        since = wanted.pop("since", None)
        entries = self.journal if since is None else self.journal.after(since)
        return [telling.entry(one, bodies=bodies) for one in telling.chosen(entries, wanted=wanted)]

    def document(self, name: str) -> dict[str, Any]:
        """A document of the API as the mock goes by it."""
        return self._exchange.setting.judge.document(name)
