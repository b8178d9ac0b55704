"""The pytest plugin for projects that use this API: fixtures `mockserver` and `mockserver_url`.

pytest loads it in every project that has this package installed, so it imports nothing but pytest
before a test asks for the mock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from duologue.mockserver.testing.handles import Mock

SEED, WORLD = 42, "default"  # those of the command line; importing its settings would cost 5 ms
SHARED = (
    "--mockserver-url names one mock, and a reset before each test would pull the state from under"
    " the tests of other workers: run without -n, or without --mockserver-url"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the mock's options; every name begins with ``--mockserver-``."""
    group = parser.getgroup("mockserver", "mock of the Conversations REST API")
    group.addoption(
        "--mockserver-url",
        metavar="URL",
        help="use the mock that runs there (http://host:port/v3) instead of starting one;"
        " its key is read from MOCKSERVER_API_KEY, a control token from MOCKSERVER_CONTROL_TOKEN",
    )
    group.addoption(
        "--mockserver-world",
        metavar="NAME",
        default=WORLD,
        help=f"the world each test starts with, see 'mockserver worlds' (default: {WORLD})",
    )
    group.addoption(
        "--mockserver-seed",
        metavar="N",
        type=int,
        default=SEED,
        help=f"same seed, same data (default: {SEED})",
    )


@pytest.fixture(scope="session")
def mockserver_session(request: pytest.FixtureRequest) -> Iterator[Mock]:
    """The mock of this process, for fixtures that outlive a test; it is not reset.

    Each worker of pytest-xdist has one of its own, on a free port.
    """
    from duologue.mockserver.testing import handles  # noqa: PLC0415 - see the module's first lines

    option = request.config.getoption
    url = option("--mockserver-url")
    if url and hasattr(request.config, "workerinput"):
        pytest.fail(SHARED, pytrace=False)
    world, seed = option("--mockserver-world"), option("--mockserver-seed")
    with ExitStack() as stack:
        try:
            mock = stack.enter_context(handles.at(url) if url else handles.running(world, seed))
        except handles.NotStarted as cause:
            pytest.fail(str(cause), pytrace=False)
        yield mock


@pytest.fixture
def mockserver(mockserver_session: Mock) -> Mock:
    """The mock, reset to its first state."""
    mockserver_session.reset()
    return mockserver_session


@pytest.fixture
def mockserver_url(mockserver: Mock) -> str:
    """The address of the API with its version path; the mock is reset to its first state."""
    return mockserver.url
