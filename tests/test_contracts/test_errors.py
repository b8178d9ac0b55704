"""The errors of the suite, as they come from another process."""

from __future__ import annotations

import pickle

import pytest

from duologue.contracts.drill.errors import DrillWorkerLost, FaultNotFound, MockRefused
from duologue.contracts.errors import MockEnded, MockNotStarted, TargetUnreachable


@pytest.mark.parametrize(
    "error",
    [
        MockEnded("was ended by SIGKILL", "no memory"),
        MockNotStarted("no port is free"),
        MockRefused("GET /_mock/state", ""),
        DrillWorkerLost(-9),
        FaultNotFound("x", ["y"]),
        TargetUnreachable("http://a.example/v3", "refused"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_copy_is_alike(error):
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
