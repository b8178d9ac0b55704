"""What tests of the suite start from: the independent server, and what stands in for the world."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence

import pytest

from duologue.contracts.context.budget import Budget
from duologue.contracts.context.existing_data import ExistingConversation
from duologue.contracts.run.results import Run
from support.fakes import Clock, Direct, by_hand, session_on
from support.independent.app import Registry
from support.independent.server import serving


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


@pytest.fixture
def free_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def direct(clock: Clock) -> Callable[[Registry], Direct]:
    """``direct(registry)``: a transport to that server."""
    return lambda registry: Direct(registry, sleep=clock.sleep)


@pytest.fixture
def judge(clock: Clock) -> Callable[..., Run]:
    """``judge(registry, *names)``: the run of these clauses, or of all, on a server."""

    def judge(
        registry: Registry,
        *names: str,
        existing: Sequence[ExistingConversation] | None = None,
        settle_s: float = 5.0,
        seed: int = 42,
    ) -> Run:
        session = session_on(
            registry, clock, existing=existing, settle_s=settle_s, budget=Budget(seed)
        )
        return session.run(by_hand(*names))

    return judge


@pytest.fixture
def town(clock: Clock) -> Callable[..., Registry]:
    """``town(late_s=0.5)``: a server in this process, by the test's clock."""
    return lambda **options: Registry(clock=clock, **options)


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """The address of a server by the wall clock, shared by those who leave it as it was."""
    with serving(Registry()) as address:
        yield address
