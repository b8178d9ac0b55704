"""The state of the mock's controls, as text for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from duologue.mockserver.control.controls import Controls
    from duologue.mockserver.control.failures import FailureRule
    from duologue.mockserver.control.latency import Span


# What "Break the next call" offers: words, and the failure as POST /_mock/failures takes it.
WAYS_TO_FAIL: tuple[tuple[str, dict[str, Any]], ...] = (
    ("500, as a server that fails", {"status": 500}),
    ("503, as one that is overloaded", {"status": 503}),
    ("429, too many requests", {"status": 429, "code": "ERR_TOO_MANY_REQUESTS"}),
    ("401, the token has expired", {"status": 401, "code": "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"}),
    ("404, not there any more", {"status": 404}),
    ("offline: the connection is cut", {"drop": True}),
    ("half an answer", {"half": True}),
    ("3 seconds late", {"delay_ms": 3000}),
    ("30 seconds late", {"delay_ms": 30_000}),
    ("slow: the body takes 5 seconds", {"slow_ms": 5000}),
)


class FailureView(NamedTuple):
    """One failure on demand, in words."""

    id: str
    text: str


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
    failures: tuple[FailureView, ...]
    ways_to_fail: tuple[tuple[str, dict[str, Any]], ...]
    operations: tuple[str, ...]
    world_problem: str | None  # why the watched file is no world
    is_kept: bool  # the state outlives this process
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
        failures=tuple(map(_failure, controls.failures)),
        ways_to_fail=WAYS_TO_FAIL,
        operations=controls.operation_ids,
        world_problem=controls.world_problem,
        is_kept=controls.state.is_kept,
        is_shared=controls.is_shared,
    )


def _delays(controls: Controls) -> str:
    default, own = controls.latency.default, len(controls.latency.operations)
    parts = [_span(default)] if default else []
    if own:
        parts.append(f"{own} operation{'s' * (own != 1)} on {'their' if own != 1 else 'its'} own")
    return ", ".join(parts)


def _failure(rule: FailureRule) -> FailureView:
    failure, left = rule.failure, "every time"
    if rule.times is not None:
        left = f"{max(0, rule.times - rule.failed)} of {rule.times} left"
    how = [str(failure.status)] if failure.status else []
    how += ["cut off"] if failure.drop else []
    how += ["half an answer"] if failure.half else []
    how += [f"{failure.delay_ms} ms late"] if failure.delay_ms else []
    how += [f"body takes {failure.slow_ms} ms"] if failure.slow_ms else []
    what = rule.operation or rule.path or "any call"
    return FailureView(rule.id, f"{what}: {', '.join(how)}, {left}")


def _span(span: Span) -> str:
    least, most = span
    return f"{least} ms" if least == most else f"{least} to {most} ms"


def _limit(controls: Controls) -> str:
    found = controls.rate_limit
    return "" if found is None else f"{found.limit} requests in {found.per_s} s"


def _snapshots(controls: Controls) -> tuple[str, ...]:
    return tuple(each.name for each in controls.snapshots)
