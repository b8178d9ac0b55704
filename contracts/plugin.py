"""The pytest front-end: ``pytest --pyargs duologue.contracts``, one test for each clause.

Light on purpose: pytest loads it in every project that has this package installed.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

import pytest

from duologue.contracts.session import Session

if TYPE_CHECKING:
    from duologue.contracts.session import RunSettings, Session

OPTIONS = (
    ("--contracts-target", None, "address with version path; default: the bundled mock"),
    ("--contracts-api-key-env", "CONTRACTS_API_KEY", "environment variable that holds the API key"),
    ("--contracts-settle", "5", "seconds to wait for a write to show"),
    ("--contracts-timeout", "10", "seconds to wait for an answer"),
    ("--contracts-seed", "42", "seed of the bundled mock's world, and of what is generated"),
    ("--contracts-max-examples", "20", "inputs that fuzzing draws for each operation"),
    ("--contracts-max-time", "120", "seconds that generated requests may take"),
    ("--contracts-accept", "", "lists of breaks to accept, joined by commas: files, or 'live'"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options; every name begins with ``--contracts-``."""
    group = parser.getgroup("contracts", "contract suite of the Conversations API")
    for name, default, text in OPTIONS:
        group.addoption(name, default=default, help=text)


@pytest.fixture(scope="session")
def contract_session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """Yield a session on the target of the command line, or on a bundled mock of its own."""
    from contextlib import ExitStack  # noqa: PLC0415 - see the module's first lines

    from duologue.contracts.errors import RunNotMade  # noqa: PLC0415
    from duologue.contracts.session import open_session  # noqa: PLC0415

    with ExitStack() as stack:
        try:
            session = stack.enter_context(open_session(_settings(request.config)))
        except RunNotMade as cause:
            _stop(request, f"contracts: {cause}")
        yield session
        session.close()
        for left in session.left_behind:
            warnings.warn(f"contracts: left behind: {session.target.hide(left)}", stacklevel=1)


def _settings(config: pytest.Config) -> RunSettings:
    """Return what the options of this package ask for."""
    from duologue.contracts.context.budget import Budget  # noqa: PLC0415
    from duologue.contracts.session import RunSettings  # noqa: PLC0415

    option = config.getoption
    return RunSettings(
        target=option("--contracts-target") or None,
        key_variable=option("--contracts-api-key-env"),
        timeout_s=float(option("--contracts-timeout")),
        settle_s=float(option("--contracts-settle")),
        budget=Budget(
            int(option("--contracts-seed")),
            int(option("--contracts-max-examples")),
            float(option("--contracts-max-time")),
        ),
        accept=tuple(filter(None, option("--contracts-accept").split(","))),
    )


def _stop(request: pytest.FixtureRequest, sentence: str) -> NoReturn:
    """End the whole run with the sentence and exit code 2.

    A worker of xdist cannot exit with a message, so it asks its session to stop instead.
    """
    if hasattr(request.config, "workerinput"):
        request.session.shouldstop = sentence
        raise pytest.fail.Exception(sentence, pytrace=False) from None
    raise pytest.exit.Exception(sentence, returncode=2) from None
