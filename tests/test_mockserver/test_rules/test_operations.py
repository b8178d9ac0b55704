"""The 15 operations, each doing what the page's table says of it (Available operations)."""

from __future__ import annotations

import pytest

BOTH = pytest.mark.parametrize("where", ["users/bo", "groups/hikers"])


def test_list_gives_every_conversation_of_the_caller(api):
    """List Conversations retrieves all conversations of a user, the newest first."""
    names = api.names("ana")

    assert names == ["user_bo", "group_new-group", "group_hikers", "user_dan", "user_cleo"]


@pytest.mark.parametrize("name", ["user_bo", "group_hikers"])
def test_get_by_id(api, name):
    """Get Conversation retrieves the conversation that an id names."""
    answer = api.get(f"/conversations/{name}", as_="ana")

    assert answer.status_code == 200
    assert answer.get_json()["data"]["conversationId"] == name


@pytest.mark.parametrize("name", ["user_bo", "group_hikers"])
def test_delete_by_id(api, name):
    """Delete Conversation takes the conversation out of the caller's list and look-ups."""
    assert api.delete(f"/conversations/{name}", as_="ana").status_code == 200

    assert name not in api.names("ana")
    again = api.get(f"/conversations/{name}", as_="ana")
    assert api.refusal(again) == (404, "ERR_CONVERSATION_NOT_FOUND")


@BOTH
def test_get_by_peer(api, where):
    """Get User (Group) Conversation retrieves the conversation with a user (of a group)."""
    kind = where.split("/")[0].rstrip("s")

    conversation = api.conversation("ana", where)

    assert conversation["conversationType"] == kind
    assert conversation["conversationId"] == f"{kind}_{where.split('/')[1]}"


@BOTH
def test_update_stores_the_tags(api, where):
    """Update User (Group) Conversation stores tags, and answers with the conversation."""
    answer = api.put(f"/{where}/conversation", as_="ana", json={"tags": ["trips", "soon"]})

    assert answer.get_json()["data"]["tags"] == ["trips", "soon"]
    assert api.conversation("ana", where)["tags"] == ["trips", "soon"]


@BOTH
def test_reset_brings_the_count_to_zero(api, where):
    """Reset User (Group) Conversation resets the unread count; the conversation stays."""
    assert api.unread("ana", where) > 0

    answer = api.delete(f"/{where}/conversation", as_="ana")

    assert answer.get_json()["data"]["success"] is True
    assert api.unread("ana", where) == 0


@BOTH
def test_mark_as_read_brings_the_count_to_zero(api, where):
    """Mark User (Group) Conversation as Read marks all messages as read."""
    assert api.unread("ana", where) > 0

    answer = api.post(f"/{where}/conversation/read", as_="ana")

    assert answer.get_json()["data"]["success"] is True
    assert api.unread("ana", where) == 0


@BOTH
def test_mark_as_delivered_leaves_the_count(api, where):
    """Mark User (Group) Conversation as Delivered never changes the unread count."""
    before = api.unread("ana", where)

    answer = api.post(f"/{where}/conversation/delivered", as_="ana")

    assert answer.get_json()["data"]["success"] is True
    assert api.unread("ana", where) == before


@BOTH
def test_mark_as_unread_makes_the_newest_of_others_unread(api, where):
    """Mark User (Group) Conversation as Unread leaves at least one unread message."""
    api.post(f"/{where}/conversation/read", as_="ana")

    answer = api.delete(f"/{where}/conversation/read", as_="ana")

    assert answer.get_json()["data"]["success"] is True
    assert api.unread("ana", where) == 1


@pytest.mark.parametrize("prefix", ["/v3", "/v3.0"])
def test_both_spellings_of_the_version(api, prefix):
    """The mock answers under /v3 and /v3.0 alike (readings T1)."""
    headers = {"apikey": "mock-api-key", "onBehalfOf": "ana"}

    answer = api.client.get(f"{prefix}/conversations", headers=headers)

    assert answer.status_code == 200
    assert len(answer.get_json()["data"]) == 5


def test_ids_in_upper_case(api):
    """Upper case in uids and guids is folded to lower on look-up (readings T9)."""
    assert api.conversation("ANA", "users/BO") == api.conversation("ana", "users/bo")
    assert api.conversation("ana", "groups/Hikers")["conversationId"] == "group_hikers"
    assert api.get("/conversations/user_BO", as_="ana").status_code == 200


@pytest.mark.parametrize("body", [b"", b"{}"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/users/bo/conversation/read"),
        ("DELETE", "/users/bo/conversation/read"),
        ("POST", "/groups/hikers/conversation/delivered"),
        ("DELETE", "/groups/hikers/conversation"),
    ],
)
def test_a_body_that_may_be_left_out(api, method, path, body):
    """No body and an empty object are both fine, with the JSON content type all clients send."""
    answer = api.call(method, path, as_="ana", data=body, content_type="application/json")

    assert answer.status_code == 200
