"""The properties of a conversation (Conversation properties; How conversations connect)."""

from __future__ import annotations

import pytest


def test_conversation_id_names_the_other_party(api):
    """`user_{uid}` with the other party's uid, so each side has its own (readings C1)."""
    assert api.conversation("ana", "users/bo")["conversationId"] == "user_bo"
    assert api.conversation("bo", "users/ana")["conversationId"] == "user_ana"


def test_conversation_id_of_a_group(api):
    """`group_{guid}`, the same for every member."""
    assert api.conversation("ana", "groups/hikers")["conversationId"] == "group_hikers"
    assert api.conversation("cleo", "groups/hikers")["conversationId"] == "group_hikers"


def test_unread_count_is_a_number(api):
    """An integer, 0 or more, never a string (readings C2)."""
    assert api.conversation("ana", "users/bo")["unreadMessageCount"] == 3
    assert api.conversation("ana", "users/cleo")["unreadMessageCount"] == 0


def test_unread_count_grows_by_one_with_each_message_of_others(api):
    """The count is that of unread messages in this conversation."""
    for sent in range(1, 4):
        api.send("dan", "users/ana")
        assert api.unread("ana", "users/dan") == sent


@pytest.mark.parametrize("where", ["users/bo", "groups/hikers"])
def test_own_messages_do_not_count(api, where):
    """Messages of others are counted, one's own never are, however they are mixed (inferred)."""
    before = api.unread("ana", where)
    other = where.replace("bo", "ana")

    api.send("ana", where)
    api.send("bo", other)
    api.send("ana", where)
    api.send("bo", other)
    api.send("ana", where)

    assert api.unread("ana", where) == before + 2


def test_a_deleted_message_does_not_count(api):
    """A deleted message is no longer there to be read (our reading; no document says)."""
    number = api.send("dan", "users/ana")
    api.send("dan", "users/ana")
    assert api.unread("ana", "users/dan") == 2

    api.delete(f"/messages/{number}", as_="dan")

    assert api.unread("ana", "users/dan") == 1


def test_deleting_a_message_that_is_read_changes_no_count(api):
    """Only what was unread can stop being unread."""
    number = api.send("dan", "users/ana")
    api.post("/users/dan/conversation/read", as_="ana")
    api.send("dan", "users/ana")

    api.delete(f"/messages/{number}", as_="dan")

    assert api.unread("ana", "users/dan") == 1


def test_deleting_an_own_message_changes_no_count(api):
    """One's own messages never counted, deleted or not."""
    api.send("dan", "users/ana")
    number = api.send("ana", "users/dan")

    api.delete(f"/messages/{number}", as_="ana")

    assert api.unread("ana", "users/dan") == 1
    assert api.unread("dan", "users/ana") == 0


@pytest.mark.parametrize("how", [{}, {"json": {"permanent": True}}])
def test_a_message_deleted_twice_counts_once(api, how):
    """A deletion that is repeated changes nothing more."""
    number = api.send("dan", "users/ana")
    api.send("dan", "users/ana")
    api.delete(f"/messages/{number}", as_="dan")

    api.delete(f"/messages/{number}", as_="dan", **how)

    assert api.unread("ana", "users/dan") == 1


def test_last_message_is_the_newest(api):
    """`lastMessage` reflects the most recent message, whoever sent it."""
    for sender, receiver in (("ana", "bo"), ("bo", "ana")):
        number = api.send(sender, f"users/{receiver}", "The newest")

        for caller, peer in (("ana", "bo"), ("bo", "ana")):
            last = api.conversation(caller, f"users/{peer}")["lastMessage"]
            assert last["id"] == number
            assert last["data"]["text"] == "The newest"
            assert last["conversationId"] == f"user_{peer}"


def test_conversation_with_is_the_other_user(api):
    """The details of the other user."""
    peer = api.conversation("ana", "users/bo")["conversationWith"]

    assert (peer["uid"], peer["name"]) == ("bo", "Bo Chen")


def test_conversation_with_is_the_group(api):
    """The details of the group, and the caller's place in it."""
    peer = api.conversation("cleo", "groups/hikers")["conversationWith"]

    assert (peer["guid"], peer["name"]) == ("hikers", "Sunday Hikers")
    assert (peer["scope"], peer["membersCount"]) == ("participant", 3)


def test_created_at_is_that_of_the_first_message(api, clock):
    """`createdAt` is when the conversation began, and stays."""
    clock.now += 100
    api.send("ana", "users/eve")
    clock.now += 100
    api.send("eve", "users/ana")

    for caller, peer in (("ana", "eve"), ("eve", "ana")):
        conversation = api.conversation(caller, f"users/{peer}")
        assert conversation["createdAt"] == clock.now - 100
        assert conversation["updatedAt"] == clock.now


def test_created_at_of_a_group_is_that_of_the_group(api):
    """A group's conversation begins with the group (readings B2)."""
    group = api.get("/groups/hikers").get_json()["data"]

    assert api.conversation("bo", "groups/hikers")["createdAt"] == group["createdAt"]


def test_updated_at_moves_with_messages_alone(api, clock):
    """Reading, tagging and resetting leave `updatedAt` where it is; a message moves it."""
    before = api.conversation("ana", "users/bo")["updatedAt"]
    clock.now += 60

    api.post("/users/bo/conversation/read", as_="ana")
    api.put("/users/bo/conversation", as_="ana", json={"tags": ["x"]})
    api.delete("/users/bo/conversation", as_="ana")
    assert api.conversation("ana", "users/bo")["updatedAt"] == before

    api.send("ana", "users/bo")
    assert api.conversation("ana", "users/bo")["updatedAt"] == clock.now


def test_updated_at_does_not_go_back(api, clock):
    """A clock that is set back does not take `updatedAt` with it (readings C3)."""
    before = api.conversation("ana", "users/bo")["updatedAt"]
    clock.now = before - 1000

    api.send("ana", "users/bo")

    assert api.conversation("ana", "users/bo")["updatedAt"] == before


def test_whose_copy_it_is_shows_in_the_whole_app_only(api):
    """`uid` is the owner of each copy where nobody is named as the caller (readings C7)."""
    assert "uid" not in api.conversation("ana", "users/bo")
    whole = api.get("/conversations").get_json()["data"]
    assert [each["uid"] for each in whole] == ["ana"] * 5 + ["bo"] * 3 + ["cleo"] * 2 + ["dan"]
