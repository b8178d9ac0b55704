"""The mock's configuration: a dialect, and the faults that are on."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from duologue.mockserver import dialect
from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.control.errors import Conflict, WrongInput
from duologue.mockserver.errors import DocumentLacksPart

if TYPE_CHECKING:
    from duologue.mockserver.faults.fault import Fault
    from duologue.mockserver.http.dispatcher import Dispatcher

OTHER = "other"  # the dialect of behaviours that are no dialect's


class Configuration(NamedTuple):
    """A dialect and the names of the faults that are on."""

    dialect: str
    faults: tuple[str, ...] = ()


def _instead(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else "GET /_mock/faults lists all of them."


class ConfigurationControl:
    """The configuration in force, and how to change it while the mock answers."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        own: Behaviours,
        sent: Behaviours,
        *,
        faults: Iterable[str] = (),
    ) -> None:
        self._dispatcher = dispatcher
        self._start = own, sent
        self._faults = tuple(dict.fromkeys(faults))  # those of the start
        self._named = next((n for n, make in dialect.DIALECTS.items() if make() == own), OTHER)
        self._changing = threading.Lock()
        self.configuration = Configuration(self._named, self._faults)
        self._apply(self.configuration)

    def reset(self) -> None:
        """Restore the configuration of the start; faults with a state of their own start again."""
        start = Configuration(self._named, self._faults)
        if self.configuration != start or start.faults:
            self._apply(start)

    @property
    def is_repeatable(self) -> bool:
        """Return whether the same behaviours can be built again (not for ones built elsewhere)."""
        own, sent = self._start
        return own is sent and self._named != OTHER

    @property
    def dialects(self) -> tuple[str, ...]:
        """Return the names of all dialects."""
        return tuple(dialect.DIALECTS)

    @property
    def faults(self) -> Sequence[Fault]:
        """Return all faults that exist."""
        # Imported here, because the import would slow down each start of the mock.
        from duologue.mockserver.faults import FAULTS  # noqa: PLC0415

        return tuple(FAULTS.values())

    def set_dialect(self, name: str) -> None:
        """Answer in this dialect and keep the faults.

        Raise WrongInput for an unknown name, and Conflict as `reset_dialect` does.
        """
        if name not in self.dialects:
            raise WrongInput({"dialect": [f"{name} is none of {', '.join(self.dialects)}."]})
        self._change_dialect(name)

    def reset_dialect(self) -> None:
        """Answer in the dialect of the start and keep the faults.

        Raise Conflict where the dialect or a fault changes a part that the document does not have.
        """
        self._change_dialect(self._named)

    def set_faults(self, names: Iterable[str]) -> None:
        """Switch on these faults and no others; raise WrongInput where one cannot be had."""
        wanted = tuple(dict.fromkeys(names))
        known = {fault.name for fault in self.faults}
        unknown = {
            f"faults.{place}": [f"There is no fault {name}; {_instead(name, known)}"]
            for place, name in enumerate(wanted)
            if name not in known
        }
        if unknown:
            raise WrongInput(unknown)
        try:
            self._apply(Configuration(self.configuration.dialect, wanted))
        except DocumentLacksPart as problem:
            raise WrongInput({"faults": [str(problem)]}) from problem

    def behaviours(self, configuration: Configuration) -> tuple[Behaviours, Behaviours]:
        """Build the behaviours of a configuration, with a state of their own.

        Return the dialect's behaviours and those with the faults. Raise UnknownFault.
        """
        is_own = configuration.dialect == self._named
        own, sent = self._start if is_own else (dialect.behaviours_of(configuration.dialect),) * 2
        if not configuration.faults:
            return own, sent
        from duologue.mockserver.faults import with_faults  # noqa: PLC0415

        return own, with_faults(sent, configuration.faults)

    def _change_dialect(self, name: str) -> None:
        try:
            self._apply(Configuration(name, self.configuration.faults))
        except DocumentLacksPart as problem:
            raise Conflict(str(problem)) from problem

    def _apply(self, configuration: Configuration) -> None:
        with self._changing:
            self._dispatcher.use(*self.behaviours(configuration))
            self.configuration = configuration
