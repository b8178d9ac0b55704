"""Worlds side by side: each with a state, clock, journal, faults and failures of its own."""

from __future__ import annotations

import json
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from duologue.fixtures.examples import examples
from duologue.mockserver.control.errors import Conflict
from duologue.mockserver.control.guard import Guard
from duologue.mockserver.control.worlds import SideWorlds
from duologue.mockserver.dialect import behaviours_of
from duologue.mockserver.http.traffic.answer_slots import AnswerSlots
from duologue.mockserver.testing import running

CLIENTS = 8
LIVE = behaviours_of("live")
TALK = {"users": ["ana", "bo"], "messages": [{"from": "bo", "to": {"user": "ana"}, "text": "Hi"}]}


def in_world(name):
    return {"X-Mock-World": name}


def users(control, **how):
    headers = {"apikey": "mock-api-key"} | how
    answer = control.api.client.get("/v3/users?perPage=100", headers=headers)
    return [user["uid"] for user in answer.get_json()["data"]]


def test_it_is_made_on_first_use_from_the_world_of_the_start(control):
    assert users(control, **in_world("one")) == users(control)
    assert control.get("worlds") == [{"name": "one", "from": "examples"}]


def test_a_change_in_one_is_no_change_in_another(control):
    control.put("world", TALK, headers=in_world("one"))

    assert users(control, **in_world("one")) == ["ana", "bo"]
    assert len(users(control, **in_world("two"))) > 2
    assert len(users(control)) > 2


def test_each_has_a_clock_a_journal_faults_and_failures_of_its_own(control):
    one = {"headers": in_world("one")}
    control.put("clock", {"mode": "frozen", "now": 1_800_000_000}, **one)
    control.post("faults", {"faults": ["count-is-text"]}, **one)
    control.post("failures", {"status": 500}, **one)
    control.put("latency", {"operations": {"getUser": {"ms": 1}}}, **one)
    users(control)

    assert control.get("clock")["mode"] == "running"
    assert control.get("faults")["on"] == []
    assert control.get("failures") == []
    assert control.get("latency")["operations"] == {}
    assert len(control.get("journal")) == 1
    assert control.get("journal", **one) == []


def test_a_reset_is_of_one_world(control):
    control.put("world", TALK)
    control.put("world", TALK, headers=in_world("one"))
    control.post("reset", headers=in_world("one"))

    assert users(control) == ["ana", "bo"]
    assert len(users(control, **in_world("one"))) > 2


def test_the_path_names_it_as_well(control):
    control.put("world", TALK, headers=in_world("one"))
    answer = control.api.client.get(
        "/_world/one/v3/users", headers={"apikey": "mock-api-key"}
    ).get_json()

    assert [user["uid"] for user in answer["data"]] == ["ana", "bo"]
    assert control.api.client.get("/_world/one/_mock/health").get_json()["data"]["status"] == "ok"


def test_there_is_none_in_another_one(control):
    """Also behind the slots of the command line's server, which look at the path as well."""
    control.api.app.wsgi_app = AnswerSlots(1).wrap(control.api.app.wsgi_app)

    answer = control.api.client.get("/_world/one/_world/two/v3/users")

    assert answer.status_code == 404
    assert [world["name"] for world in control.get("worlds")] == ["one"]


def test_it_is_made_from_another_world_on_request(control):
    assert control.post("worlds", {"name": "bare", "from": "empty"}) == [
        {"name": "bare", "from": "empty"}
    ]
    assert users(control, **in_world("bare")) == []
    assert control.refused("POST", "worlds", {"name": "bare"})[0] == 409
    assert control.refused("POST", "worlds", {"name": "x", "from": "none"})[0] == 422


def test_one_that_is_removed_begins_anew(control):
    control.put("world", TALK, headers=in_world("one"))
    control.delete("worlds/one")

    assert control.get("worlds") == []
    assert len(users(control, **in_world("one"))) > 2
    assert control.refused("DELETE", "worlds/two")[0] == 404


@pytest.mark.parametrize("name", ["", "-x", "a/b", "x" * 65, "ä"])
def test_a_name_that_is_none_is_refused(control, name):
    answer = control.api.client.get("/v3/users", headers=in_world(name))

    assert answer.status_code == 422
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "name" in answer.get_json()["error"]["details"]


class NoWorld:
    """What a world holds, where a test needs none."""

    def stop(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def test_there_are_only_so_many():
    side = SideWorlds(lambda *_: (Flask("none"), NoWorld(), "empty"), Guard("127.0.0.1"), most=1)
    side.find("one")

    with pytest.raises(Conflict, match="DELETE /_mock/worlds removes them"):
        side.find("two")
    assert side.find("one").name == "one"


@pytest.mark.parametrize(
    ("how", "reason"), [({"is_shared": True}, "several processes"), ({"faulty": LIVE}, "variants")]
)
def test_a_mock_that_can_have_none_says_why(control_of, how, reason):
    control = control_of(examples(42), **how)
    answer = control.api.client.get("/v3/users", headers=in_world("one"))

    assert answer.status_code == 409
    assert reason in answer.get_json()["error"]["message"]


def test_who_may_not_control_the_mock_cannot_choose_one(control_of):
    control = control_of(examples(42), control_token="secret")
    refused = control.api.client.get("/v3/users", headers=in_world("one"))
    token = {"x-control-token": "secret", "apikey": "mock-api-key"}
    let_in = control.api.client.get("/v3/users", headers=in_world("one") | token)

    assert (refused.status_code, let_in.status_code) == (403, 200)


def test_a_preflight_makes_none(control):
    headers = in_world("one") | {"Access-Control-Request-Headers": "x-mock-world"}
    answer = control.api.client.options("/v3/users", headers=headers)

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Headers"] == "x-mock-world"
    assert control.get("worlds") == []


def test_a_preflight_is_of_its_world(control):
    """It is neither journaled nor failed in the mock's own."""
    control.post("worlds", {"name": "one"})
    control.post("failures", {"drop": True})
    headers = {"Origin": "http://localhost:1", "Access-Control-Request-Method": "GET"}

    answer = control.api.client.options("/_world/one/v3/users", headers=headers)

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:1"
    assert control.get("journal") == []
    one = control.get("journal", headers=in_world("one"))
    assert [entry["method"] for entry in one] == ["OPTIONS"]


def test_eight_clients_share_one_process():
    """Each loads, sends, resets and reads as if it were alone, 5 times, over HTTP."""
    with running("empty") as mock:
        begin = threading.Barrier(CLIENTS)

        def work(number: int) -> list[list[str]]:
            begin.wait(60)
            return [_one_test(mock.url.replace("/v3", ""), f"w{number}", number) for _ in range(5)]

        with ThreadPoolExecutor(CLIENTS) as pool:
            seen = list(pool.map(work, range(CLIENTS)))

    assert seen == [[[f"{n}-{m}" for m in range(n + 1)]] * 5 for n in range(CLIENTS)]


def _one_test(server: str, world: str, number: int) -> list[str]:
    """Reset, load two users, send messages and return their texts as the journal has them."""

    def call(method: str, path: str, body: object = None) -> object:
        request = urllib.request.Request(
            f"{server}{path}",
            None if body is None else json.dumps(body).encode(),
            {"X-Mock-World": world, "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=100) as answer:
            return json.load(answer)["data"]

    call("POST", "/_mock/reset")
    call("PUT", "/_mock/world", {"users": ["ana", "bo"]})
    for count in range(number + 1):
        call("POST", "/_mock/send", {"from": "bo", "to": "ana", "text": f"{number}-{count}"})
    return [entry["request"]["body"]["data"]["text"] for entry in call("GET", "/_mock/journal")]
