"""The pytest plugin for clients of this API: the fixtures `mockserver` and `mockserver_url`.

Pytest imports it in every project that has this package installed, so it imports nothing but pytest
until a test requests the mock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from duologue.mockserver.testing.handles import Mock

SEED, WORLD = 42, "default"  # as in the command line, whose settings take 5 ms to import
SHARED = (
    "--mockserver-url names one mock, and the reset before each test would change the state of"
    " tests in other workers: run without -n, or without --mockserver-url"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the mock's options."""
    group = parser.getgroup("mockserver", "mock of the Conversations REST API")
    group.addoption(
        "--mockserver-url",
        metavar="URL",
        help="use the mock running at this URL (http://host:port/v3) instead of starting one;"
        " its key is read from MOCKSERVER_API_KEY, a control token from MOCKSERVER_CONTROL_TOKEN",
    )
    group.addoption(
        "--mockserver-world",
        metavar="NAME",
        default=WORLD,
        help=f"the world that each test starts with, see 'mockserver worlds' (default: {WORLD})",
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
    """Yield the mock of this process, for fixtures with a wider scope than one test; never reset.

    Each worker of pytest-xdist has its own mock on a free port.
    """
    from duologue.mockserver.testing import handles  # noqa: PLC0415  see the module's docstring

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
    """Return the mock after a reset, so that changes by earlier tests are undone."""
    mockserver_session.reset()
    return mockserver_session


@pytest.fixture
def mockserver_url(mockserver: Mock) -> str:
    """Return the base URL of the API with its version path, after a reset of the mock."""
    return mockserver.url
