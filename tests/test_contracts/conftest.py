"""Fixtures of the suite's tests: clock, transport and the independent server."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from duologue.contracts.context.budget import Budget
from duologue.contracts.context.existing_data import ExistingConversation
from duologue.contracts.run import bundled_mock
from duologue.contracts.run.results import Run
from support.fakes import Clock, DirectTransport, session_on, without_generated
from support.independent.app import App
from support.independent.server import serving
from support.servers.ports import held_port


@pytest.fixture
def clock() -> Clock:
    """Return a clock of the test's own."""
    return Clock()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Yield a port without a listener."""
    with held_port() as port:
        yield port


@pytest.fixture
def hears_ctrl_c() -> Iterator[None]:
    """Let this process hear Ctrl-C, which a job in the background of a shell ignores."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def direct(clock: Clock) -> Callable[[App], DirectTransport]:
    """Return ``direct(app)``: a transport to that server."""
    return lambda app: DirectTransport(app, sleep=clock.sleep)


@pytest.fixture
def judge(clock: Clock) -> Callable[..., Run]:
    """Return ``judge(app, *names)``: the run of these clauses, or of all, on a server."""

    def judge(
        app: App,
        *names: str,
        existing: Sequence[ExistingConversation] | None = None,
        settle_s: float = 5.0,
        seed: int = 42,
    ) -> Run:
        session = session_on(app, clock, existing=existing, settle_s=settle_s, budget=Budget(seed))
        found = session.run(without_generated(*names))
        if found.interrupted:  # the test run was: what is known by then is nobody's finding
            raise KeyboardInterrupt
        return found

    return judge


@pytest.fixture
def make_app(clock: Clock) -> Callable[..., App]:
    """Return ``make_app(late_s=0.5)``: a server in this process with the test's clock."""
    return lambda **options: App(clock=clock, **options)


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """The address of a server by the wall clock, shared by those who leave it as it was."""
    with serving(App()) as address:
        yield address


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[str]]:
    """Return the processes that are started as bundled mocks, as they come."""
    found: list[subprocess.Popen[str]] = []

    def start(*words: Any, **options: Any) -> subprocess.Popen[str]:
        found.append(subprocess.Popen(*words, **options))
        return found[-1]

    with_start = SimpleNamespace(**{**vars(subprocess), "Popen": start})
    monkeypatch.setattr(bundled_mock, "subprocess", with_start)
    return found
