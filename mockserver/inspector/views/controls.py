"""The state of the mock's controls, as text for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from duologue.mockserver.control.controls import Controls
    from duologue.mockserver.control.latency import Span


class ControlsView(NamedTuple):
    """The state that the controls above the panes show."""

    mode: str
    now: int
    dialect: str
    dialects: tuple[str, ...]
    faults: tuple[str, ...]
    latency: str  # empty for none
    rate_limit: str  # empty for none
    snapshots: tuple[str, ...]
    is_shared: bool  # several processes answer; the controls would reach only one

    @property
    def is_frozen(self) -> bool:
        """Return whether the clock is frozen."""
        return self.mode == "frozen"


def controls_view(controls: Controls) -> ControlsView:
    """Return the controls' present state."""
    configuration = controls.configuration_control.configuration
    return ControlsView(
        mode=controls.clock.mode,
        now=controls.clock.now(),
        dialect=configuration.dialect,
        dialects=controls.configuration_control.dialects,
        faults=configuration.faults,
        latency=_delays(controls),
        rate_limit=_limit(controls),
        snapshots=_snapshots(controls),
        is_shared=controls.is_shared,
    )


def _delays(controls: Controls) -> str:
    default, own = controls.latency.default, len(controls.latency.operations)
    parts = [_span(default)] if default else []
    if own:
        parts.append(f"{own} operation{'s' * (own != 1)} on {'their' if own != 1 else 'its'} own")
    return ", ".join(parts)


def _span(span: Span) -> str:
    least, most = span
    return f"{least} ms" if least == most else f"{least} to {most} ms"


def _limit(controls: Controls) -> str:
    found = controls.rate_limit
    return "" if found is None else f"{found.limit} requests in {found.per_s} s"


def _snapshots(controls: Controls) -> tuple[str, ...]:
    return tuple(each.name for each in controls.snapshots)
