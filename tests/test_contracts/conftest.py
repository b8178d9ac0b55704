"""What tests of the suite stand on: the independent server, a clock that needs no waiting."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for the server, which is no test module

from independent.registry import Registry
from independent.server import ask, serving

import contracts.clauses  # noqa: F401 - importing registers the clauses
from contracts.cast import Role
from contracts.clause import Clause, choose
from contracts.cli import token
from contracts.runner import Session, run
from contracts.target import Target
from contracts.transport import Answer, Transport, read
from contracts.verdict import Run

NOON = 1_780_000_000.0
GENERATED = ("document", "walk")  # these want a wire, and time


class Clock:
    """A clock that is only moved by those who sleep."""

    def __init__(self) -> None:
        self._now, self._lock = NOON, threading.Lock()

    def __call__(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        """Lets the time pass at once."""
        with self._lock:
            self._now += seconds


class Direct(Transport):
    """A transport that asks a server in this process, with no wire between."""

    def __init__(self, registry: Registry, **options: Any) -> None:
        super().__init__(timeout_s=1, **options)
        self.registry = registry

    def _once(
        self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None
    ) -> Answer:
        lowered = {name.lower(): value for name, value in headers.items()}
        status, text = ask(
            self.registry, method, beyond_host(url), headers=lowered, content=content or b""
        )
        return read(status, {"content-type": "application/json"}, content=text)


def beyond_host(url: str) -> str:
    """The path and query of an address."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def session_on(
    registry: Registry, clock: Clock, *, roles: Sequence[Role] | None = None, settle_s: float = 5.0
) -> Session:
    """A session on a server of this process, acquainted with it."""
    target = Target("http://direct/v3", "k", auth_only_key="k2", settle_s=settle_s)
    fixed = tuple(roles) if roles is not None else None
    session = Session(target, token(), roles=fixed, sleep=clock.sleep, now=clock)
    session.transport = Direct(registry, sleep=clock.sleep)
    session.get_acquainted()
    return session


def by_hand(*names: str) -> list[Clause]:
    """The clauses of these names, or all, without those that generate their requests."""
    return [each for each in choose(names) if each.id.partition(".")[0] not in GENERATED]


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


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
        roles: Sequence[Role] | None = None,
        settle_s: float = 5.0,
        seed: int = 42,
    ) -> Run:
        session = session_on(registry, clock, roles=roles, settle_s=settle_s)
        return run(session, by_hand(*names), seed=seed, workers=1)

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
