"""Health and reset of the control plane, for tools on this machine and not for web pages."""

from __future__ import annotations

import pytest

from duologue.fixtures.worlds import make
from duologue.mockserver.app import inside
from duologue.mockserver.store import canonical_dump


def test_health(api):
    """It needs no key."""
    answer = api.client.get("/_mock/health")

    assert answer.status_code == 200
    assert answer.get_json() == {"data": {"status": "ok"}}


def test_reset_brings_the_world_back(api):
    """The state is that of the start."""
    run = inside(api.app).store.reading()
    before = canonical_dump.take(run)
    api.send("ana", "users/eve")
    api.delete("/users/bo", json={"permanent": True})
    api.delete("/groups/hikers")
    api.post("/users", json={"uid": "gil", "name": "Gil"})

    assert api.client.post("/_mock/reset").status_code == 200

    assert canonical_dump.differences(before, canonical_dump.take(run)) == []
    assert api.send("ana", "users/eve") == "12"


@pytest.mark.parametrize("world", ["examples", "empty"])
def test_reset_restarts_the_numbers(open_api, new_state, tmp_path, world):
    """Also after a restart, and whichever of several processes answers."""
    url = new_state() or f"sqlite:///{tmp_path}/state.sqlite"
    made = make(world, 42)
    first = open_api(made, state_url=url)
    people(first)
    before = first.send("ana", "users/eve")
    first.send("ana", "users/eve")
    inside(first.app).close()
    workers = [open_api(made, state_url=url) for _ in range(2)]

    sent = []
    for resets, sends in ((0, 0), (1, 0), (0, 1), (1, 1)):
        assert workers[resets].client.post("/_mock/reset").status_code == 200
        people(workers[sends])
        sent.append(workers[sends].send("ana", "users/eve"))
        workers[1 - sends].send("ana", "users/eve")

    assert sent == [before] * 4


def people(api):
    """Create two senders if the world has no users."""
    for uid in ("ana", "eve"):
        api.post("/users", json={"uid": uid, "name": uid})


def test_reset_of_another_worlds_state(open_api, api):
    """Each app restores its own world."""
    api.send("ana", "users/bo")
    api.client.post("/_mock/reset", json={})
    assert api.unread("ana", "users/bo") == 3


@pytest.mark.parametrize(
    "how",
    [
        {"headers": {"Origin": "https://elsewhere.example"}},
        {"headers": {"Origin": "null"}},
        {"headers": {"Origin": "http://localhost:9999"}},
        {"data": {"a": "b"}},
        {"data": "x", "content_type": "text/plain"},
        {"data": b"", "content_type": "multipart/form-data; boundary=x"},
    ],
)
def test_a_web_page_cannot_reset(api, how):
    """A foreign origin and a form's content type are refused, and nothing changes."""
    api.send("ana", "users/bo")

    answer = api.client.post("/_mock/reset", **how)

    assert answer.status_code in {403, 415}
    assert answer.get_json()["error"]["message"]
    assert api.get("/messages").get_json()["meta"]["pagination"]["total"] == 12


def test_a_page_of_its_own_can(api):
    """The same origin is allowed."""
    headers = {"Origin": "http://localhost"}
    assert api.client.post("/_mock/reset", headers=headers).status_code == 200


def test_no_cors_headers(api):
    """The control plane sends no CORS headers and answers no preflight."""
    for answer in (api.client.get("/_mock/health"), api.client.options("/_mock/reset")):
        assert not [name for name in answer.headers if name[0].startswith("Access-Control")]


@pytest.mark.parametrize("path", ["/", "/v4/users", "/v3", "/v3.0", "/v3.0x/users"])
def test_unknown_paths_beside_the_api(api, path):
    """Outside the API an unknown path is a 404 in the same envelope."""
    assert api.refusal(api.client.get(path)) == (404, "ERR_API_NOT_FOUND")
