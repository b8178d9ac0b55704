"""Requests in the form in which clients of several languages send them (readings T14 to T17)."""

from __future__ import annotations

import gzip
import json
from io import BytesIO
from itertools import product

import pytest

from duologue.mockserver.domain.limits import BODY_BYTES

SPELLINGS = [
    "tags=red,blue",
    "tags=red&tags=blue",
    "tags[]=red&tags[]=blue",
    "tags%5B%5D=red&tags%5B%5D=blue",
    "tags[0]=red&tags[1]=blue",
    "tags=red,%20blue",
    "tags=red%2Cblue",
    "tags=red, blue",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_list_means_the_same_in_each_spelling(api, spelling):
    """As PHP, C#, Java, Swift, Python and JavaScript write one (T16)."""
    api.put("/users/bo/conversation", as_="ana", json={"tags": ["red"]})
    api.put("/groups/hikers/conversation", as_="ana", json={"tags": ["blue"]})

    answer = api.get(f"/conversations?{spelling}", as_="ana")

    names = [each["conversationId"] for each in answer.get_json()["data"]]
    assert sorted(names) == ["group_hikers", "user_bo"]


FILTERS = ("tags", "searchKey", "perPage", "page", "conversationType", "unread", "withTags")
FILTERS += ("userTags", "groupTags", "withUserAndGroupTags", "includeBlockedUsers")


@pytest.mark.parametrize("name", FILTERS)
def test_an_empty_value_is_as_none(api, name):
    """T15."""
    plain = api.get("/conversations", as_="ana").get_json()

    assert api.get(f"/conversations?{name}=", as_="ana").get_json() == plain


@pytest.mark.parametrize("name", ["perPage", "per_page", "perPage[]"])
def test_the_size_of_a_page_is_spelled_in_several_ways(api, name):
    answer = api.get(f"/conversations?{name}=2", as_="ana").get_json()

    assert len(answer["data"]) == answer["meta"]["pagination"]["per_page"] == 2


TYPES = [
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
    'application/json; charset="utf-8"',
]
BODIES = {
    "plain": (lambda text: text, {}),
    "marked": (lambda text: b"\xef\xbb\xbf" + text, {}),
    "packed": (gzip.compress, {"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize(("content_type", "form"), list(product(TYPES, BODIES)))
def test_a_body_is_taken_in_each_form(api, content_type, form):
    """T14: with and without a charset; also with a byte order mark, and compressed."""
    pack, headers = BODIES[form]
    text = json.dumps({"tags": ["red"]}).encode()

    answer = api.put(
        "/users/bo/conversation",
        as_="ana",
        data=pack(text),
        headers=headers,
        content_type=content_type,
    )

    assert answer.get_json()["data"]["tags"] == ["red"]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("br", b"{}"), ("gzip", b"{}"), ("gzip", gzip.compress(b"{}", mtime=0)[:-1])],
)
def test_a_body_that_cannot_be_unpacked_is_refused_by_its_name(api, encoding, body):
    answer = api.put(
        "/users/bo/conversation",
        as_="ana",
        data=body,
        headers={"Content-Encoding": encoding},
        content_type="application/json",
    )

    assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
    assert "body" in answer.get_json()["error"]["details"]


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
def test_a_body_is_as_long_as_it_is_unpacked(api, more, status):
    """The limit is that of a body that is sent as it is."""
    body = json.dumps({"tags": ["red"]}).encode().ljust(BODY_BYTES + more)

    answer = api.put(
        "/users/bo/conversation",
        as_="ana",
        data=gzip.compress(body),
        headers={"Content-Encoding": "gzip"},
        content_type="application/json",
    )

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("/conversations?hideAgentic=true", "hideAgentic"),
        ("/conversations?useCursoredIndex=1&perPage=2", "useCursoredIndex"),
        ("/users/bo/messages?withThreadSubscribed=true", "withThreadSubscribed"),
    ],
)
def test_what_has_no_effect_is_told(api, path, ignored):
    """T17: a parameter that the mock does not know is never dropped in silence."""
    for _ in range(2):  # also where the answer was kept
        assert api.get(path, as_="ana").headers["X-Mock-Ignored"] == ignored


def test_a_field_without_effect_is_told(api):
    body = {"uid": "new", "name": "New", "favourite": "blue"}

    assert api.post("/users", json=body).headers["X-Mock-Ignored"] == "favourite"


def test_nothing_is_told_where_all_has_an_effect(api):
    assert "X-Mock-Ignored" not in api.get("/conversations?perPage=2", as_="ana").headers


@pytest.mark.parametrize(
    "path",
    [
        "/roles",
        "/messages/1/reactions/x",
        "/users/bo/friends",
        "/conversations/pinned/x",
        # of the endpoints that stand in the SDK, one of each kind (E181)
        "/messages/1/save",
        "/messages/1/thread/subscription",
        "/threads",
        "/users/bo/threads",
        "/groups/hikers/threads",
        "/ai/smart-replies/users/bo",
        "/campaigns/notification-feed/unread-count",
        "/admin/users/auth",
        "/user/messages/muid-1",
    ],
)
def test_a_path_of_the_service_that_is_not_played_says_so(api, path):
    answer = api.post(path)

    assert api.refusal(answer) == (404, "ERR_API_NOT_FOUND")
    assert ("/_mock/docs" in answer.get_json()["error"]["message"]) is ("pinned" not in path)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/users", {"uid": "php", "name": "P"}),
        ("PUT", "/users/bo", {}),
        ("POST", "/groups", {"guid": "php", "name": "P", "type": "public"}),
        ("PUT", "/groups/hikers", {}),
        ("POST", "/messages", {"receiver": "bo", "receiverType": "user", "data": {"text": "x"}}),
        ("PUT", "/messages/2", {"data": {"text": "x"}}),
    ],
)
def test_empty_metadata_as_php_writes_them(api, method, path, body):
    """T15: an empty array of PHP is a list in JSON."""
    written = api.call(method, path, as_="ana", json=body | {"metadata": []})

    assert written.status_code == 200, written.get_data(as_text=True)
    assert '"metadata":[]' not in written.get_data(as_text=True)
    wrong = api.call(method, path, as_="ana", json=body | {"metadata": ["a"]})
    assert api.refusal(wrong) == (400, "ERR_BAD_REQUEST")


def test_an_upload_is_refused_by_its_name(api):
    """T17: as the SDK sends a media message with a file."""
    form = {
        "receiver": "bo",
        "receiverType": "user",
        "type": "image",
        "files[]": (BytesIO(b"x"), "x.png"),
    }

    answer = api.post("/messages", as_="ana", data=form)

    assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
    assert "no uploads" in answer.get_json()["error"]["details"]["body"][0]


@pytest.mark.parametrize("path", ["/users/bo/messages", "/groups/hikers/messages"])
def test_who_is_named_beside_the_path_is_not_told_as_ignored(api, path):
    """E146: the SDK names the other party twice when it asks for the count of one conversation."""
    name, value = ("uid", "bo") if "users" in path else ("guid", "hikers")

    same = api.get(f"{path}?unread=1&count=1&{name}={value}", as_="ana")
    other = api.get(f"{path}?unread=1&count=1&{name}=other", as_="ana")

    assert "X-Mock-Ignored" not in same.headers
    assert other.headers["X-Mock-Ignored"] == name


def test_a_body_that_says_once_more_what_the_path_says(api):
    """As the SDK deletes a message."""
    number = api.send("ana", "users/bo")

    answer = api.delete(f"/messages/{number}", as_="ana", json={"id": int(number)})

    assert answer.status_code == 200
    assert "X-Mock-Ignored" not in answer.headers


def test_the_app_sends_where_no_caller_is_named(api):
    """B19."""
    body = {"receiver": "bo", "receiverType": "user", "data": {"text": "Welcome"}}

    sent = api.post("/messages", json=body).get_json()["data"]

    assert sent["sender"] == "app_system"
    assert api.unread("bo", "users/app_system") == 1
    listed = api.get("/users").get_json()["data"]
    assert "app_system" not in [each["uid"] for each in listed]


def test_members_are_added_at_creation(api):
    """C3: one that fails does not fail the group; of several scopes the highest is given."""
    body = {
        "guid": "club",
        "name": "Club",
        "members": {"participants": ["bo", "cleo"], "admins": ["cleo"], "moderators": ["nobody"]},
    }

    made = api.post("/groups", as_="ana", json=body).get_json()["data"]

    assert made["membersCount"] == 3
    assert made["members"]["moderators"]["nobody"]["error"]["code"] == "ERR_UID_NOT_FOUND"
    members = api.get("/groups/club/members").get_json()["data"]
    assert {each["uid"]: each["scope"] for each in members} == {
        "ana": "admin",
        "bo": "participant",
        "cleo": "admin",
    }


def test_who_is_banned_does_not_join(api):
    """C6, and what follows from it."""
    assert api.post("/groups/hikers/members", json={"usersToBan": ["bo"]}).status_code == 200

    answer = api.post("/groups/hikers/members", as_="bo", json={})
    assert api.refusal(answer) == (403, "ERR_BANNED_GROUPMEMBER")

    api.delete("/groups/hikers/bannedusers/bo")
    assert api.post("/groups/hikers/members", as_="bo", json={}).status_code == 200


def test_a_conversations_own_messages_are_listed(api):
    """C4."""
    query = {"conversationId": "group_hikers", "limit": 100}
    found = api.get("/messages", as_="ana", query_string=query).get_json()["data"]

    assert found
    assert {each["conversationId"] for each in found} == {"group_hikers"}


def test_a_blocked_users_conversation_leaves_the_list(api):
    api.post("/users/ana/blockedusers", json={"blockedUids": ["bo"]})

    assert "user_bo" not in api.names("ana")
    assert "user_bo" in api.names("ana", includeBlockedUsers="true")
    assert "user_ana" in api.names("bo")


def test_a_groups_message_is_read_once_all_have_read_it(api):
    """B18: a read message is delivered, too."""
    number = api.send("ana", "groups/hikers")
    api.post("/groups/hikers/conversation/read", as_="bo")
    before = api.get(f"/messages/{number}").get_json()["data"]

    api.post("/groups/hikers/conversation/read", as_="cleo")

    after = api.get(f"/messages/{number}").get_json()["data"]
    assert "readAt" not in before
    assert "deliveredAt" not in before
    assert after["readAt"] == after["deliveredAt"]
