"""Readings that the independent server follows beside those that the clauses judge."""

from __future__ import annotations

import http.client
import json

import pytest

from support.independent.app import App
from support.independent.server import serving
from support.waiting import WITHIN_S


@pytest.fixture(scope="module")
def ask():
    """Return a function that sends a request to a served app and gives status, body, headers."""
    app = App()
    for uid in ("ana", "bo", "same"):
        app.users[uid] = {"uid": uid, "name": uid}
    with serving(app) as url:
        host = url.removeprefix("http://").removesuffix("/v3")

        def ask(method, path, body=None, *, content=None, **headers):
            connection = http.client.HTTPConnection(host, timeout=WITHIN_S)
            if content is None and body is not None:
                content = json.dumps(body).encode()
            sent = {"apikey": "k", "onBehalfOf": "ana", "Content-Type": "application/json"}
            connection.request(method, f"/v3{path}", content, sent | headers)
            answer = connection.getresponse()
            found = answer.status, json.loads(answer.read()), answer.headers
            connection.close()
            return found

        yield ask


def send(ask, sender, receiver, kind="user"):
    """Send a message and return its id."""
    body = {"receiver": receiver, "receiverType": kind, "data": {"text": "Hi"}}
    return ask("POST", "/messages", body, onBehalfOf=sender)[1]["data"]["id"]


def test_mark_as_unread_answers_with_success_and_the_conversation(ask):
    """Readings B8a."""
    send(ask, "bo", "ana")
    _, body, _ = ask("DELETE", "/users/bo/conversation/read")

    assert body["data"]["success"] is True
    assert body["data"]["message"]
    assert body["data"]["conversation"]["unreadMessageCount"] >= 1


def test_the_charset_of_a_body_makes_no_difference(ask):
    """Readings T14."""
    send(ask, "bo", "ana")
    kind = {"Content-Type": "application/json; charset=utf-8"}
    status, body, _ = ask("PUT", "/users/bo/conversation", {"tags": ["é"]}, **kind)

    assert (status, body["data"]["tags"]) == (200, ["é"])


def test_what_is_ignored_is_named(ask):
    """Readings T17."""
    send(ask, "bo", "ana")
    _, _, listed = ask("GET", "/conversations?perPage=5&hideAgentic=true")
    _, _, tagged = ask("PUT", "/users/bo/conversation", {"tags": [], "color": "red"})
    _, _, foreign = ask("GET", "/conversations?%F0%9F%A6%8A=1")
    _, _, plain = ask("GET", "/conversations?perPage=5&unread=true")

    assert listed["X-Mock-Ignored"] == "hideAgentic"
    assert tagged["X-Mock-Ignored"] == "color"
    assert foreign["X-Mock-Ignored"] == "%F0%9F%A6%8A"
    assert plain["X-Mock-Ignored"] is None


def test_a_path_that_is_not_played_says_so(ask):
    """Readings T17."""
    status, body, _ = ask("GET", "/reactions/1")

    assert status == 404
    assert "not played" in str(body["error"]["details"])


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"tags": ["' + b"x" * (1 << 20) + b'"]}', 413),
        (b'{"tags": ' + b"[" * 101 + b"]" * 101 + b"}", 400),
        (b"[" * 200_000 + b"]" * 200_000, 400),
    ],
)
def test_bodies_are_bounded_in_size_and_depth(ask, content, status):
    """Readings T18."""
    send(ask, "bo", "ana")
    found, body, _ = ask("PUT", "/users/bo/conversation", content=content)

    assert (found, body["error"]["code"]) == (status, "ERR_BAD_REQUEST")


def test_a_list_has_at_most_100_values(ask):
    """Readings T18."""
    many = ",".join(f"t{number}" for number in range(101))

    assert ask("GET", f"/conversations?tags={many}")[0] == 400
    assert ask("GET", f"/conversations?tags={many.rpartition(',')[0]}")[0] == 200


def test_a_user_and_a_group_of_one_id_share_nothing(ask):
    """Readings B20: removing the user leaves the group's messages."""
    group = {"guid": "same", "name": "Same", "type": "public"}
    ask("POST", "/groups", group)
    ask("POST", "/groups/same/members", {"participants": ["bo"]})
    kept = send(ask, "bo", "same", "group")
    gone = send(ask, "ana", "same")
    ask("DELETE", "/users/same", {"permanent": True})

    assert ask("GET", f"/messages/{kept}")[0] == 200
    assert ask("GET", f"/messages/{gone}")[0] == 404
    assert ask("GET", "/groups/same/conversation")[1]["data"]["unreadMessageCount"] == 1


def test_a_deactivated_user_leaves_lists_and_counts(ask):
    """Readings B16."""
    for uid in ("stays", "leaves"):
        ask("POST", "/users", {"uid": uid, "name": uid})
    ask("POST", "/groups", {"guid": "crew", "name": "Crew", "type": "public"})
    ask("POST", "/groups/crew/members", {"participants": ["stays", "leaves"]})
    send(ask, "leaves", "stays")
    send(ask, "ana", "crew", "group")
    stays = {"onBehalfOf": "stays"}
    before = ask("GET", "/conversations", **stays)[1]["data"]
    ask("DELETE", "/users/leaves", {})
    after = ask("GET", "/conversations", **stays)[1]["data"]

    assert [row["conversationId"] for row in before] == ["group_crew", "user_leaves"]
    assert [row["conversationId"] for row in after] == ["group_crew"]
    assert after[0]["conversationWith"]["membersCount"] == 2
    assert ask("GET", "/users/leaves/conversation", **stays)[0] == 404
