"""Open a session: the target that the settings name, what is known of it, and what is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from duologue.contracts.context import existing_data
from duologue.contracts.context.existing_data import ExistingConversation
from duologue.contracts.errors import Interrupted, PreflightTooLong
from duologue.contracts.fuzz.engine_process import engine_started_ahead
from duologue.contracts.http.client import Client
from duologue.contracts.http.target import Target, check_address, from_environment
from duologue.contracts.run import known_failures as known
from duologue.contracts.run.bundled_mock import bundled_mock
from duologue.contracts.run.removal import Once, directly
from duologue.contracts.session.progress import time_limit
from duologue.contracts.session.session import Session, new_token
from duologue.contracts.session.settings import FROM_TARGET, RunSettings

OnOpen = Callable[[Session], None]


def ignore_session(session: Session) -> None:
    """Do nothing: nobody watches the session."""
    del session


@contextmanager
def open_session(
    settings: RunSettings, *, once: Once = directly, on_open: OnOpen = ignore_session
) -> Iterator[Session]:
    """Yield a session on the target that the settings name, ready to judge; close it at the end.

    ``once`` lets one process of several check the removal. ``on_open`` is given the session before
    its first request; where it is interrupted from there on, its run checks nothing. Raises
    RunNotMade where the run cannot be made.
    """
    failures = known.load(settings.accept)
    existing = _existing_conversations(settings.existing_data)
    with ExitStack() as stack:
        if settings.generates:
            stack.enter_context(engine_started_ahead())
        session = Session(
            stack.enter_context(_target(settings)),
            new_token(),
            settings,
            existing=existing,
            known_failures=failures,
        )
        stack.callback(session.close)
        on_open(session)
        _make_ready(session, once)
        yield session


def check_inputs(settings: RunSettings) -> None:
    """Raise RunNotMade for an address or a file that no run could use; send nothing."""
    known.load(settings.accept)
    _existing_conversations(settings.existing_data)
    if settings.target is not None:
        check_address(settings.target)


def _make_ready(session: Session, once: Once) -> None:
    """Do what comes before the first check, within the time of the run."""
    settings = session.settings
    try:
        with time_limit(settings.max_time_s, session.end_for_time):
            session.run_preflight(once=once)
            if settings.target is not None:  # the bundled mock serves all at once
                session.measure_connections()
            if settings.existing_data == FROM_TARGET:
                client = Client(session.target, session.transport)
                session.existing = existing_data.from_target(client)
    except Interrupted:
        if not (session.is_interrupted or session.progress.ended_early):
            raise
    if session.progress.ended_early:
        raise PreflightTooLong(session.target.url, settings.max_time_s or 0.0)


@contextmanager
def _target(settings: RunSettings) -> Iterator[Target]:
    url, timeout_s, settle_s = settings.target, settings.timeout_s, settings.settle_s
    if url is None:
        seed = settings.budget.seed
        with bundled_mock(seed=seed, timeout_s=timeout_s, settle_s=settle_s) as mock:
            yield _restricted(mock, settings)
        return
    target = from_environment(
        url,
        key_variable=settings.key_variable,
        timeout_s=timeout_s,
        settle_s=settle_s,
        headers=settings.headers,
        cookies=settings.cookies,
        network=settings.network,
    )
    yield _restricted(target, settings)


def _restricted(target: Target, settings: RunSettings) -> Target:
    """Return the target with what the run may not send to it."""
    return replace(target, read_only=settings.read_only, deprecated=settings.deprecated)


def _existing_conversations(source: str | None) -> tuple[ExistingConversation, ...] | None:
    if source is None:
        return None
    return () if source == FROM_TARGET else existing_data.from_file(Path(source))
