"""Equal answers in every process, and equal counts however many threads write."""

from __future__ import annotations

import subprocess
import sys
import threading

from duologue.fixtures.examples import examples

SCRIPT = """
import hashlib, sys
from duologue.fixtures.worlds import make
from duologue.mockserver.app import create_app

app = create_app(world=make("default", int(sys.argv[1])), clock=lambda: 1_800_000_000)
client, told = app.test_client(), hashlib.sha256()
for caller in ("ana", "bo"):
    headers = {"apikey": "mock-api-key", "onBehalfOf": caller}
    send = {"receiver": "cleo", "receiverType": "user", "data": {"text": "Hi"}}
    told.update(client.post("/v3/messages", headers=headers, json=send).get_data())
    for path in ("/conversations?perPage=1000&withTags=true", "/messages", "/users?perPage=500"):
        told.update(client.get(f"/v3{path}", headers=headers).get_data())
print(told.hexdigest())
"""


def told(seed: int, hash_seed: str) -> str:
    """What a process of its own tells of the default world, in short."""
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, str(seed)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)},
    ).stdout


def test_the_same_seed_gives_the_same_bytes():
    """In two processes, whatever Python's own seed; another seed gives other ones."""
    assert told(42, "1") == told(42, "2") != told(43, "1")


def test_two_threads_that_send_and_read(open_api):
    """No message is lost, none counted twice, none of one's own."""
    api = open_api(examples(42))
    rounds = 60
    failures: list[object] = []

    def chat(me: str, you: str) -> None:
        mine = type(api)(api.app)
        try:
            for _ in range(rounds):
                mine.send(me, f"users/{you}")
                mine.send(me, "groups/hikers")
                mine.put(f"/users/{you}/conversation", as_=me, json={"tags": [me]})
        except AssertionError as failure:
            failures.append(failure)

    before = {uid: api.unread(uid, "groups/hikers") for uid in ("ana", "bo", "cleo")}
    api.post("/users/bo/conversation/read", as_="ana")
    threads = [threading.Thread(target=chat, args=pair) for pair in (("ana", "bo"), ("bo", "ana"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert api.unread("ana", "users/bo") == rounds
    assert api.unread("bo", "users/ana") == rounds
    after = {uid: api.unread(uid, "groups/hikers") - before[uid] for uid in before}
    assert after == {"ana": rounds, "bo": rounds, "cleo": 2 * rounds}
    assert api.conversation("ana", "users/bo")["tags"] == ["ana"]


def test_two_threads_that_begin_one_conversation(open_api):
    """Both first messages are in one conversation."""
    api = open_api(examples(42))
    start = threading.Barrier(2)

    def begin(me: str, you: str) -> None:
        start.wait()
        type(api)(api.app).send(me, f"users/{you}")

    threads = [threading.Thread(target=begin, args=p) for p in (("dan", "eve"), ("eve", "dan"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert api.unread("dan", "users/eve") == 1
    assert api.unread("eve", "users/dan") == 1


def test_reset_while_others_write(open_api):
    """A reset comes between two requests, never into one."""
    api = open_api(examples(42))
    done = threading.Event()
    statuses = set()

    def write() -> None:
        mine = type(api)(api.app)
        while not done.is_set():
            body = {"receiver": "bo", "receiverType": "user", "data": {"text": "x"}}
            statuses.add(mine.post("/messages", as_="ana", json=body).status_code)

    thread = threading.Thread(target=write)
    thread.start()
    for _ in range(30):
        statuses.add(api.client.post("/_mock/reset").status_code)
    done.set()
    thread.join()
    api.client.post("/_mock/reset")

    assert statuses == {200}
    assert len(api.names("ana")) == 5
    assert api.get("/messages").get_json()["meta"]["pagination"]["total"] == 11
