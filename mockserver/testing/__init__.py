"""The mock in tests: a running mock for any test framework, and the pytest plugin.

    from duologue.mockserver import testing

    with testing.running() as mock:
        mock.world().dm("ana", "bo", unread=3).load()

The names are imported on first use, because pytest imports this package in every project that has
the distribution installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duologue.mockserver.testing.handles import (
        ClockClient,
        ControlRefused,
        FaultScope,
        JournalClient,
        Mock,
        NotStarted,
        SnapshotClient,
        at,
        running,
    )

__all__ = [
    "ClockClient",
    "ControlRefused",
    "FaultScope",
    "JournalClient",
    "Mock",
    "NotStarted",
    "SnapshotClient",
    "at",
    "running",
]


def __getattr__(name: str) -> Any:
    """Return a public name of ``handles``; raise AttributeError for any other name."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from duologue.mockserver.testing import handles  # noqa: PLC0415  see the module's docstring

    return getattr(handles, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
