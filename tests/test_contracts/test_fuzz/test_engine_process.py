"""The generator in a process of its own: what it hands over, and how it ends."""

import os
import pickle
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from duologue.contracts.errors import Interrupted, NotReached
from duologue.contracts.fuzz.constrained_spec import constrained_spec
from duologue.contracts.fuzz.engine_main import RunPipe
from duologue.contracts.fuzz.engine_messages import Exploration, NoAnswer
from duologue.contracts.fuzz.engine_process import (
    EngineKilled,
    EngineLost,
    engine_started_ahead,
    started_engine,
)
from duologue.contracts.fuzz.known_ids import KnownIds
from duologue.contracts.fuzz.types import LANES, GenerationSettings
from duologue.contracts.http.response import read

KNOWN = KnownIds("ana", {"listConversations": (), "getUserConversation": ("bo",)})
REFUSAL = read(
    500, {"content-type": "application/json"}, content=b'{"error": {"code": "X", "message": "y"}}'
)


def task(phase="fuzzing", document=None):
    """Return one phase on two operations, three inputs each."""
    whole = constrained_spec(KNOWN) if document is None else document
    return Exploration(whole, GenerationSettings(phase, 42, 3), "http://direct/v3", "key")


def ignore(failure):
    """Do nothing with a check failure."""


@pytest.fixture(scope="module")
def engine():
    """One started generator for the tests that leave it whole."""
    with started_engine() as started:
        yield started


def test_requests_and_failures_come_as_they_are_drawn(engine):
    """A server error is what a check of the engine sees."""
    sent, failures = [], []

    def send(request):
        sent.append(request)
        return REFUSAL

    untested = engine.lanes[0].explore(task(), send=send, on_failure=failures.append)

    assert untested == ()
    assert {each.operation_id for each in sent} == {*KNOWN.ids}
    assert "ServerError" in {each.kind for each in failures}
    assert all(each.answer.code == "X" for each in failures)


def test_a_second_phase_follows_in_the_same_process(engine):
    sent = []

    def send(request):
        sent.append(request)
        return REFUSAL

    engine.lanes[0].explore(task("coverage"), send=send, on_failure=ignore)

    assert sent


def test_a_request_without_an_answer_does_not_end_the_phase(engine):
    asked = []

    def send(request):
        asked.append(request)
        raise NotReached("timed out")

    engine.lanes[0].explore(task(), send=send, on_failure=ignore)

    assert len({each.operation_id for each in asked}) == 2


def test_another_exception_ends_the_phase():
    def send(request):
        raise Interrupted

    with pytest.raises(Interrupted), started_engine() as started:
        started.lanes[0].explore(task(), send=send, on_failure=ignore)

    assert started.process.poll() is not None


def test_a_failure_of_the_process_is_reported_with_its_traceback():
    with (
        started_engine() as started,
        pytest.raises(EngineLost, match="Open API 9"),
    ):
        started.lanes[0].explore(
            task(document={"openapi": "9"}), send=lambda _: REFUSAL, on_failure=ignore
        )


def test_hooks_of_somebodys_own_schemathesis_are_not_loaded(monkeypatch, tmp_path):
    """They would change what is generated; a module that is not there ended the generator."""
    met = tmp_path / "met"
    hooks = tmp_path / "hooks.py"
    hooks.write_text(f"open({str(met)!r}, 'w').close()")
    monkeypatch.setenv("SCHEMATHESIS_HOOKS", str(hooks))

    with started_engine() as started:
        started.lanes[0].explore(task(), send=lambda _: REFUSAL, on_failure=ignore)

    assert not met.exists()


def test_a_process_that_could_not_load_is_reported_with_its_traceback(monkeypatch, tmp_path):
    """It has ended before the first task could be written."""
    (tmp_path / "schemathesis.py").write_text("raise ImportError('broken installation')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    with started_engine() as started:
        started.process.wait(60)
        with pytest.raises(EngineLost, match="broken installation"):
            started.lanes[0].explore(task(), send=lambda _: REFUSAL, on_failure=ignore)


def test_a_process_that_is_gone_is_reported():
    with started_engine() as started:
        started.kill()
        started.process.wait()

        with pytest.raises(EngineKilled, match="was ended by SIGKILL"):
            started.lanes[0].explore(task(), send=lambda _: REFUSAL, on_failure=ignore)


def test_the_lanes_explore_side_by_side(engine):
    """The first request of each is answered once all have sent one."""
    all_have_sent = threading.Barrier(len(LANES))

    def explore(lane):
        sent = []

        def send(request):
            if not sent:
                all_have_sent.wait(timeout=60)
            sent.append(request)
            return REFUSAL

        lane.explore(task(), send=send, on_failure=ignore)
        return [(each.method, each.url, each.body) for each in sent]

    with ThreadPoolExecutor(len(LANES)) as pool:
        first, *others = pool.map(explore, engine.lanes)

    assert others == [first] * (len(LANES) - 1)


def test_a_lane_that_is_killed_ends_the_generator():
    with started_engine() as started:
        lane = started.lanes[0]
        lane.explore(task(), send=lambda _: REFUSAL, on_failure=ignore)
        process_id = started.process.pid
        children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)

        with pytest.raises(EngineKilled, match="was ended by SIGKILL"):
            lane.explore(task(), send=lambda _: REFUSAL, on_failure=ignore)


def test_a_generator_that_was_started_ahead_is_taken_once():
    with engine_started_ahead() as ahead, started_engine() as first, started_engine() as second:
        assert (first is ahead, second is ahead) == (True, False)

    assert ahead.process.poll() is not None


def test_a_generator_that_was_started_ahead_and_not_taken_ends():
    with engine_started_ahead() as ahead:
        pass

    assert ahead.process.poll() is not None


def test_no_answer_is_raised_where_the_request_was_drawn(tmp_path):
    answers, output = tmp_path / "answers", tmp_path / "output"
    answers.write_bytes(pickle.dumps(NoAnswer("timed out")))

    with answers.open("rb") as source, output.open("wb") as sink:
        pipe = RunPipe(source, sink)
        with pytest.raises(NotReached, match="timed out"):
            pipe.send("a request")
