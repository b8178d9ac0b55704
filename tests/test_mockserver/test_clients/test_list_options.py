"""Order, deactivated users, and what mentions show: options of the lists (E134, E135, E143)."""

from __future__ import annotations

import pytest

from duologue.fixtures.builder import world
from duologue.mockserver.app import create_app, inside
from support.api import Api


@pytest.fixture(scope="module")
def api(module_state):
    """A world of four users, two groups and mentions; `cleo` is deactivated, `dan` is online."""
    built = (
        world("options")
        .user("ana", "Ana")
        .user("bo", "zoë", tags=["vip"])
        .user("cleo", "Cleo")
        .user("dan", "aaron")
        .group("one", name="Zebras", members=["ana", "bo", "dan"])
        .group("two", name="apes", members=["ana", "bo", "dan"])
        .build()
    )
    app = create_app(world=built, state_url=module_state)
    api = Api(app)
    api.send("ana", "users/bo", "Hi, no one is named")
    api.send("ana", "groups/one", "<@uid:bo> and <@uid:dan>, see this")
    api.send("bo", "groups/one", "<@uid:ana> has")
    api.post("/blockedusers", as_="ana", json={"blockedUids": ["dan"]})
    api.delete("/users/cleo")
    api.put("/users/dan", json={"status": "online"})
    yield api
    inside(app).close()


def listed(api, path, as_="ana"):
    """Return the items of a list in which no parameter was ignored."""
    answer = api.get(path, as_=as_)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert "X-Mock-Ignored" not in answer.headers
    return answer.get_json()["data"]


@pytest.mark.parametrize(
    ("query", "uids"),
    [
        ("", ["ana", "bo", "dan"]),
        ("sortBy=name", ["dan", "ana", "bo"]),
        ("sortBy=name&sortOrder=desc", ["bo", "ana", "dan"]),
        ("sortBy=status", ["dan", "ana", "bo"]),
        ("sortBy=status&sortOrder=desc", ["bo", "ana", "dan"]),
        ("sortOrder=desc", ["dan", "bo", "ana"]),
        ("sortBy=uid&perPage=2&page=2", ["dan"]),
        ("withDeactivated=true", ["ana", "bo", "cleo", "dan"]),
        ("onlyDeactivated=1", ["cleo"]),
        ("withDeactivated=false", ["ana", "bo", "dan"]),
    ],
)
def test_users_come_in_the_order_asked_for(api, query, uids):
    assert [one["uid"] for one in listed(api, f"/users?{query}")] == uids


def test_only_deactivated_users_say_since_when(api):
    users = listed(api, "/users?withDeactivated=1")

    assert [one["uid"] for one in users if "deactivatedAt" in one] == ["cleo"]


@pytest.mark.parametrize(
    ("query", "guids"),
    [
        ("sortBy=name", ["two", "one"]),
        ("sortBy=guid&sortOrder=desc", ["two", "one"]),
        ("sortBy=createdAt", ["one", "two"]),
        ("sortBy=createdAt&sortOrder=desc", ["two", "one"]),
    ],
)
def test_groups_come_in_the_order_asked_for(api, query, guids):
    assert [one["guid"] for one in listed(api, f"/groups?{query}")] == guids


@pytest.mark.parametrize(
    "path", ["/users?sortBy=age", "/groups?sortBy=status", "/users?sortOrder=up"]
)
def test_an_order_that_there_is_not_is_refused_by_its_name(api, path):
    answer = api.get(path)

    assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
    assert path.split("?")[1].split("=")[0] in answer.get_json()["error"]["details"]


@pytest.mark.parametrize("spelling", ["mentionsWithTagInfo", "mentionswithTagInfo"])
def test_mentioned_users_have_their_tags_on_request(api, spelling):
    plain = listed(api, "/groups/one/messages")[0]["data"]["mentions"]
    asked = listed(api, f"/groups/one/messages?{spelling}=1")[0]["data"]["mentions"]

    assert "tags" not in plain["bo"]
    assert (asked["bo"]["tags"], asked["dan"]["tags"]) == (["vip"], [])


def test_mentioned_users_show_the_blocks_of_the_caller_on_request(api):
    path = "/messages?conversationId=group_one&mentionsWithBlockedInfo=true"
    of_ana = listed(api, path)[0]["data"]["mentions"]
    of_dan = listed(api, path, as_="dan")[1]["data"]["mentions"]

    assert (of_ana["dan"]["blockedByMe"], of_ana["bo"]["blockedByMe"]) == (True, False)
    assert of_dan["ana"]["hasBlockedMe"] is True


def test_messages_that_mention_the_caller(api):
    texts = [one["data"]["text"] for one in listed(api, "/messages?myMentionsOnly=true")]

    assert texts == ["<@uid:ana> has"]


def test_mentions_of_the_caller_need_one(api):
    answer = api.get("/messages?myMentionsOnly=true")

    assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
    assert "myMentionsOnly" in answer.get_json()["error"]["details"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("hasReactions=1", 0),
        ("hasReactions=false", 2),
        ("onlyInteractionGoalCompleted=1", 0),
        ("hideQuotedMessages=true", 2),
    ],
)
def test_what_no_message_of_the_mock_has(api, query, count):
    assert len(listed(api, f"/groups/one/messages?{query}")) == count


@pytest.mark.parametrize(
    ("path", "name"),
    [("/users?count=1", "count"), ("/groups/one/messages?withParent=1", "withParent")],
)
def test_what_nobody_knows_the_form_of_is_told(api, path, name):
    """T17: the vendor's material shows no answer to these."""
    assert api.get(path, as_="ana").headers["X-Mock-Ignored"] == name
