"""The pytest front-end: ``pytest --pyargs contracts --target URL``, one test a clause.

Light on purpose: pytest loads it in every project that has this package installed.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from contracts.runner import Session

OPTIONS = (
    ("--target", None, "address with version path; default: the bundled mock"),
    ("--api-key-env", "CONTRACTS_API_KEY", "environment variable that holds the API key"),
    ("--settle", "5", "seconds to wait for a write to show"),
    ("--contract-timeout", "10", "seconds to wait for an answer"),
    ("--contract-seed", "42", "seed of the bundled mock's world, and of what is generated"),
    ("--contract-max-examples", "20", "inputs that fuzzing draws for each operation"),
    ("--contract-max-time", "120", "seconds that generated requests may take"),
    ("--contract-accept", "", "lists of breaks to accept, joined by commas: files, or 'live'"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the suite's options, but none that another plugin has taken."""
    group = parser.getgroup("contracts", "contract suite of the Conversations API")
    for name, default, text in OPTIONS:
        try:
            group.addoption(name, default=default, help=text)
        except ValueError:
            continue


@pytest.fixture(scope="session")
def contract_session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session on the target of the command line, or on a bundled mock of its own."""
    from contextlib import ExitStack  # noqa: PLC0415 - see the module's first lines

    from contracts.budget import Budget  # noqa: PLC0415
    from contracts.bundled import bundled_mock  # noqa: PLC0415
    from contracts.cli import token  # noqa: PLC0415
    from contracts.deviations import load  # noqa: PLC0415
    from contracts.errors import RunNotMade  # noqa: PLC0415
    from contracts.runner import Session  # noqa: PLC0415
    from contracts.target import from_environment  # noqa: PLC0415

    option = request.config.getoption
    timeout_s, settle_s = float(option("--contract-timeout")), float(option("--settle"))
    with ExitStack() as stack:
        try:
            if option("--target"):
                target = from_environment(
                    option("--target"),
                    key_variable=option("--api-key-env"),
                    timeout_s=timeout_s,
                    settle_s=settle_s,
                )
            else:
                mock = bundled_mock(
                    seed=int(option("--contract-seed")), timeout_s=timeout_s, settle_s=settle_s
                )
                target = stack.enter_context(mock)
            budget = Budget(
                int(option("--contract-seed")),
                int(option("--contract-max-examples")),
                float(option("--contract-max-time")),
            )
            lists = filter(None, option("--contract-accept").split(","))
            session = Session(target, token(), budget=budget, deviations=load(lists))
            stack.callback(session.close)
            session.get_acquainted()
        except RunNotMade as cause:
            _stop(request, f"contracts: {cause}")
        yield session
        session.close()
        for left in session.left_behind:
            warnings.warn(f"contracts: left behind: {target.hide(left)}", stacklevel=1)


def _stop(request: pytest.FixtureRequest, sentence: str) -> NoReturn:
    """Ends the whole run with the sentence; a worker of xdist that exits could not tell it."""
    if hasattr(request.config, "workerinput"):
        request.session.shouldstop = sentence
        raise pytest.fail.Exception(sentence, pytrace=False) from None
    raise pytest.exit.Exception(sentence, returncode=2) from None
