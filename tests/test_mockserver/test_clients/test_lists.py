"""The parameters with which clients narrow their lists: each has its effect (readings T17)."""

from __future__ import annotations

import pytest

from duologue.fixtures.worlds import make
from duologue.mockserver.app import create_app, inside
from support.api import Api


@pytest.fixture(scope="module")
def inbox():
    """The API over the world with every kind of message; nothing is changed."""
    app = create_app(world=make("inbox"))
    yield Api(app)
    inside(app).close()


def answered(api, path, as_="ana"):
    """Return the answer to a GET in which no parameter was ignored."""
    answer = api.get(path, as_=as_)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert "X-Mock-Ignored" not in answer.headers
    return answer.get_json()


def ids(api, path, as_="ana"):
    """Return the ids of a list's items."""
    return [
        one.get("id") or one.get("guid") or one["uid"] for one in answered(api, path, as_)["data"]
    ]


HISTORY = "/users/history/messages"


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("/users/photo/messages?attachmentTypes=image", 1),
        ("/users/photo/messages?attachmentTypes=video,audio", 0),
        ("/messages?attachmentTypes=image,video,audio,file&perPage=200", 5),
        ("/messages?onlyDeleted=1", 1),
        ("/users/regret/messages?onlyDeleted=true&affix=prepend", 1),
        ("/users/photo/messages?withTags=1", 3),
        (f"{HISTORY}?limit=7", 7),
    ],
)
def test_messages_are_narrowed(inbox, path, texts):
    assert len(ids(inbox, path)) == texts


def test_messages_between_two_times_are_kept_with_the_times_themselves(inbox):
    sent = [one["sentAt"] for one in answered(inbox, f"{HISTORY}?limit=1000")["data"]]
    path = f"{HISTORY}?fromTimestamp={sent[10]}&toTimestamp={sent[12]}"

    assert [one["sentAt"] for one in answered(inbox, path)["data"]] == sent[10:13]


def test_the_cursor_of_the_sdk_pages_backwards_unless_it_says_so(inbox):
    messages = answered(inbox, f"{HISTORY}?limit=1000")["data"]
    place = messages[200]

    def page(rest):
        return ids(inbox, f"{HISTORY}?limit=2&{rest}")

    before = [one["id"] for one in messages[198:200]]
    after = [one["id"] for one in messages[201:203]]
    assert page(f"cursorValue={place['sentAt']}") == before
    assert page(f"cursorField=id&cursorValue={place['id']}&cursorAffix=prepend") == before
    assert page(f"cursorField=id&cursorValue={place['id']}&cursorAffix=append") == after


def test_a_count_is_of_what_the_other_parameters_keep(inbox):
    history = [{"entityType": "user", "entityId": "history", "count": 400}]

    assert answered(inbox, f"{HISTORY}?count=1")["data"] == history
    pictures = answered(inbox, "/messages?count=1&type=image")["data"]
    assert pictures == [
        {"entityType": "user", "entityId": "caption", "count": 1},
        {"entityType": "user", "entityId": "photo", "count": 1},
    ]


def test_unread_counts_are_the_same_in_each_way_to_ask_for_them(inbox):
    plain = answered(inbox, "/messages?count=1&unread=1&perPage=1000")["data"]
    narrowed = answered(inbox, "/messages?count=1&unread=1&category=message")["data"]
    customs = answered(inbox, "/messages?count=1&unread=1&category=custom")["data"]

    def by_name(rows):
        return sorted((row["entityType"], row["entityId"], row["count"]) for row in rows)

    assert by_name(plain) == by_name([*narrowed, *customs])
    assert len(plain) > 40


def test_unread_counts_leave_blocked_users_out_on_request(inbox):
    def senders(path):
        return {row["entityId"] for row in answered(inbox, path)["data"]}

    query = "/messages?count=1&unread=1"
    assert senders(query) - senders(f"{query}&hideMessagesFromBlockedUsers=1") == {"blocked"}
    assert senders(query) == senders(f"{query}&hideMessagesFromBlockedUsers=0")


@pytest.mark.parametrize("path", ["/messages", "/users/ana/messages", "/groups/mention/messages"])
def test_a_count_without_a_caller_is_refused_by_its_name(inbox, path):
    answer = inbox.get(f"{path}?count=1")

    assert inbox.refusal(answer) == (400, "ERR_BAD_REQUEST")
    assert "count" in answer.get_json()["error"]["details"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/users?limit=2&searchKey=o&searchIn=uid&role=default", 2),
        ("/users?searchKey=hana kov", 1),
        ("/users?searchKey=hana kov&searchIn=uid", 0),
        ("/users?searchKey=history&searchIn=uid", 1),
        ("/users?searchKey=history&searchIn=name", 0),
        ("/users?role=nobody", 0),
        ("/groups?limit=2", 2),
        ("/groups?types=public,private", 5),
        ("/groups?types=private", 0),
        ("/groups?searchKey=mention&searchIn=guid", 1),
        ("/groups?searchKey=mention&searchIn=name", 0),
        ("/groups/mention/members?limit=1", 1),
    ],
)
def test_users_groups_and_members_are_narrowed(inbox, path, found):
    assert len(ids(inbox, path)) == found


def test_a_groups_fields_are_cleared(api):
    """E151."""
    given = {"icon": "https://a.example/i.png", "description": "D", "metadata": {"a": 1}}
    api.put("/groups/hikers", as_="ana", json=given)
    body = {"unset": ["icon", "description", "metadata", "name"]}
    answer = api.put("/groups/hikers", as_="ana", json=body)

    assert "X-Mock-Ignored" not in answer.headers
    assert not {"icon", "description", "metadata"} & set(answer.get_json()["data"])
    assert answer.get_json()["data"]["name"] == "Sunday Hikers"


def test_a_message_with_a_thread_says_how_many_replies_it_has(api):
    """E183."""
    number = api.send("bo", "users/ana", "Who is in?")
    body = {"receiver": "bo", "receiverType": "user", "data": {"text": "I am"}}
    for _ in range(2):
        assert api.post(f"/messages/{number}/thread", as_="ana", json=body).status_code == 200

    shown = api.get(f"/messages/{number}", as_="ana").get_json()["data"]
    listed = api.get("/users/bo/messages?affix=prepend", as_="ana").get_json()["data"]
    counts = {one["id"]: one.get("replyCount") for one in listed}
    assert shown["replyCount"] == counts.pop(number) == 2
    assert set(counts.values()) == {None}


@pytest.mark.parametrize("word", ["edited", "deleted"])
def test_a_search_finds_texts_and_no_notices(api, word):
    """What was done to a message is said by a notice, in which nobody has written the word."""
    number = api.send("ana", "users/bo", f"The {word} one")
    change = {"edited": "PUT", "deleted": "DELETE"}[word]
    other = api.send("ana", "users/bo", "Another")
    api.call(change, f"/messages/{other}", as_="ana", json={"data": {"text": "Other"}})

    assert ids(api, f"/messages?searchKey={word}") == [number]
