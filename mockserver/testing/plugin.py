"""The pytest plugin for clients of this API: the fixtures `mockserver` and `mockserver_url`.

Pytest imports it in every project that has this package installed, so it imports nothing but pytest
until a test requests the mock.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from duologue.mockserver.testing.handles import Mock

SEED, WORLD = 42, "default"  # as in the command line, whose settings take 5 ms to import
NO_SOCKETS = (
    "The mock answers on a socket of this machine, and pytest-socket blocks sockets: allow them for"
    " this test (@pytest.mark.enable_socket or the fixture socket_enabled), or for this machine"
    " alone (--allow-hosts=127.0.0.1)."
)
NO_FILES = (
    "The mock reads its own files and keeps its state in one, and pyfakefs hides them: let the test"
    " request mockserver_session in a fixture of a wider scope, before pyfakefs is active."
)
__tracebackhide__ = True


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
        help="the world that each test starts with: a name, see 'mockserver worlds', or a file"
        f" (default: {WORLD}, or what the mock at --mockserver-url was started with)",
    )
    group.addoption(
        "--mockserver-seed",
        metavar="N",
        type=int,
        default=SEED,
        help=f"same seed, same data (default: {SEED})",
    )
    group.addoption(
        "--mockserver-usage",
        metavar="FILE",
        help="write what the tests used of the API, for 'contracts diff --used-by'; the consumer"
        " has the file's name",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Empty the file that an earlier run wrote its usage to; workers of xdist add to it."""
    path = _option(config, "--mockserver-usage")
    if not path or hasattr(config, "workerinput"):
        return
    if _option(config, "--mockserver-url"):
        told = "--mockserver-usage is of the mock that pytest starts: give the other one --usage"
        raise pytest.UsageError(told)
    file = os.path.realpath(path)  # pathlib takes 5 ms to import
    is_new = not os.path.exists(file)  # noqa: PTH110 - as above
    holds_none = os.path.isdir(file) or _is_socket(file)  # noqa: PTH112 - as above
    if holds_none or not os.access(
        os.path.dirname(file) if is_new else file,  # noqa: PTH120 - as above
        os.W_OK,
    ):
        raise pytest.UsageError(f"--mockserver-usage {path} cannot be written")
    if os.path.isfile(file):  # noqa: PTH113 - as above; a device or a pipe is left alone
        os.truncate(file, 0)


@pytest.fixture(scope="session")
def mockserver_session(request: pytest.FixtureRequest) -> Iterator[Mock]:
    """Yield the mock of this process, for fixtures with a wider scope than one test; never reset.

    Each worker of pytest-xdist has its own mock on a free port. Of a mock at --mockserver-url it
    has a world of its own, which is removed at the end.
    """
    from duologue.mockserver.testing import handles, quiet  # noqa: PLC0415  see the docstring

    url, world = (_option(request.config, f"--mockserver-{name}") for name in ("url", "world"))
    seed = request.config.getoption("--mockserver-seed")
    with ExitStack() as stack:
        try:
            pyfakefs = sys.modules.get("pyfakefs.fake_filesystem_unittest")
            if pyfakefs is not None and not _fakes_files():
                pyfakefs.Patcher.SKIPNAMES.update(quiet.read_ahead())
            if not url:
                usage = _usage_file(request.config)
                mock = stack.enter_context(handles.running(world or WORLD, seed, usage=usage))
            else:
                mock = stack.enter_context(handles.at(url))
                name = _own_world(request.config, world)
                if name is not None:
                    made_from = None if _is_file(world) else world
                    mock = stack.enter_context(mock.side(name, made_from, seed))
        except (handles.NotStarted, handles.ControlRefused) as cause:
            pytest.fail(str(cause), pytrace=False)
        except Exception as cause:
            _fail(cause)
        yield mock


@pytest.fixture
def mockserver(mockserver_session: Mock, request: pytest.FixtureRequest) -> Mock:
    """Return the mock after a reset, so that changes by earlier tests are undone."""
    world = _option(request.config, "--mockserver-world")
    try:
        mockserver_session.reset()
        if world is not None and _is_file(world) and _option(request.config, "--mockserver-url"):
            mockserver_session.load(world)
    except Exception as cause:
        _fail(cause)
    return mockserver_session


@pytest.fixture
def mockserver_url(mockserver: Mock) -> str:
    """Return the base URL of the API with its version path, after a reset of the mock."""
    return mockserver.url


def _own_world(config: pytest.Config, world: str | None) -> str | None:
    """Return a name for this process's world of a shared mock; None if it needs none."""
    worker: dict[str, str] | None = getattr(config, "workerinput", None)
    if worker is not None:
        return f"{worker['workerid']}-{worker['testrunuid'][:12]}"
    return f"pytest-{os.getpid()}" if world is not None else None


def _option(config: pytest.Config, name: str) -> str | None:
    """Return the text of an option, None if it is not given.

    Before Python 3.13 argparse leaves an empty list of a value that is ``--``.
    """
    value: str | list[str] | None = config.getoption(name)
    return "--" if isinstance(value, list) else value


def _is_socket(file: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(file).st_mode)  # noqa: PTH116 - pathlib takes 5 ms to import
    except OSError:
        return False


def _usage_file(config: pytest.Config) -> Path | None:
    """Return the file of --mockserver-usage."""
    name = _option(config, "--mockserver-usage")
    return config.invocation_params.dir / name if name else None


def _is_file(world: str | None) -> bool:
    return world is not None and world.endswith((".yaml", ".yml", ".json"))


def _hint(cause: Exception) -> str:
    """Return what to do about another plugin that keeps the mock from working; else empty."""
    import socket  # noqa: PLC0415

    if "pytest_socket" in (type(cause).__module__, socket.socket.__module__):
        return NO_SOCKETS
    if _fakes_files():
        return NO_FILES
    return ""


def _fakes_files() -> bool:
    patching = sys.modules.get("pyfakefs.fake_filesystem_unittest")
    return patching is not None and patching.Patcher.PATCHER is not None


def _fail(cause: Exception) -> NoReturn:
    """Fail with a hint if there is one; else raise `cause`."""
    hint = _hint(cause)
    if not hint:
        raise cause
    pytest.fail(hint, pytrace=False)
