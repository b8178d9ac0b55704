"""After any request, accepted or refused, every read works."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.store import canonical_dump
from support.odd_requests import KEY, OddRequest, ask, odd_request, reads

# A seed does not shrink to a smaller request; benchmarks/odd_requests.py makes 200,000 of them.
BOUNDED = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def app():
    made = create_app(world=examples(42))
    yield made
    inside(made).close()


@BOUNDED
@given(seed=st.integers(0, 2**32))
def test_every_read_works_after_any_request(app, seed):
    """No answer is a failure or outside the envelope, and a refusal changes nothing."""
    random = Random(seed)
    conn = inside(app).store.reading()
    for _ in range(8):
        before = canonical_dump.take(conn)
        odd = odd_request(random)

        answer = ask(app, odd)

        assert answer.fault() is None, (odd, answer)
        if answer.status >= 400:
            assert canonical_dump.differences(before, canonical_dump.take(conn)) == [], odd
    failed = [(one.path, fault) for one in reads() if (fault := ask(app, one).fault())]
    assert failed == [], odd


@BOUNDED
@given(seed=st.integers(0, 2**32))
def test_every_request_can_be_explained(app, seed):
    """The journal and each why answer after odd requests."""
    random = Random(seed)
    ask(app, OddRequest("POST", "/_mock/reset", "", {}, b""))
    for _ in range(4):
        ask(app, odd_request(random))

    journal = ask(app, OddRequest("GET", "/_mock/journal", "", {"apikey": KEY}, b""))

    for entry in json.loads(journal.body)["data"]:
        why = ask(app, OddRequest("GET", f"/_mock/why/{entry['id']}", "", {}, b""))
        assert why.fault() is None, (entry, why)
