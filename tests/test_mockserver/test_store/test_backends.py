"""Several write to one PostgreSQL at once: who waits for whom, and what they find afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from duologue.fixtures.examples import examples
from duologue.mockserver.store.backends import BEGIN_BESIDE_OTHERS
from support.waiting import WITHIN_S, happens

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
CHANGES = [
    ("DELETE", "/messages/{}", {}),
    ("PUT", "/messages/{}", {"data": {"text": "Hello again"}}),
    ("DELETE", "/conversations/user_bo", None),
]


@contextmanager
def locked(url: str, key: str):
    """Write to one conversation, as a request of another mock does that takes its time."""
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(url, autocommit=True) as run:
        for statement in BEGIN_BESIDE_OTHERS:
            run.execute(statement)
        run.execute("SELECT id FROM conversations WHERE key = %s FOR UPDATE", [key])
        yield


def sent(api) -> str:
    """Return the number of a new message of ana to bo."""
    body = {"receiver": "bo", "receiverType": "user", "data": {"text": "Hello"}}
    return api.post("/messages", as_="ana", json=body).get_json()["data"]["id"]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_a_writer_of_another_conversation_is_not_waited_for(open_api, postgres, method, path, body):
    """Else nobody writes as long as this one waits."""
    url = postgres.empty(93)
    api = open_api(examples(42), state_url=url)
    number = sent(api)

    with ThreadPoolExecutor(1) as pool, locked(url, "hikers"):
        change = pool.submit(api.call, method, path.format(number), as_="ana", json=body)
        answer = change.result(timeout=WITHIN_S)

    assert answer.status_code == 200, answer.json


def test_an_edit_that_waits_for_a_deletion_is_refused(open_api, postgres):
    """It found the message whole, but before it could lock the conversation."""
    url = postgres.empty(94)
    api = open_api(examples(42), state_url=url)
    path, edited = f"/messages/{sent(api)}", {"data": {"text": "Hello again"}}

    with ThreadPoolExecutor(2) as pool:
        with locked(url, "ana|bo"):
            deletion = pool.submit(api.call, "DELETE", path, as_="ana", json={})
            waits = [happens(lambda: postgres.ask(WAITING) == 1)]
            edit = pool.submit(api.call, "PUT", path, as_="ana", json=edited)
            waits.append(happens(lambda: postgres.ask(WAITING) == 2))
        answers = [one.result(timeout=WITHIN_S) for one in (deletion, edit)]

    assert waits == [True, True]
    assert [one.status_code for one in answers] == [200, 403]
    assert answers[1].json["error"]["code"] == "ERR_MESSAGE_NO_ACCESS"
