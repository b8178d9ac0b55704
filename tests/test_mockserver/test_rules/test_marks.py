"""What marking, resetting and deleting do beyond the table (readings B6 to B10)."""

from __future__ import annotations

import pytest


@pytest.fixture
def send_messages(api):
    """Sends so many messages to ana from the other side; their ids."""

    def send_messages(where, count=1):
        sender = "dan" if where.startswith("users") else "bo"
        back = "users/ana" if where.startswith("users") else where
        api.post(f"/{where}/conversation/read", as_="ana")
        return [api.send(sender, back) for _ in range(count)]

    return send_messages


@pytest.mark.parametrize("verb", ["read", "delivered", "reset", "delete"])
def test_marks_are_the_callers_alone(api, verb):
    """What a caller does to the own copy leaves the other party's as it is."""
    api.send("ana", "users/bo")
    before = api.conversation("bo", "users/ana")

    if verb == "reset":
        api.delete("/users/bo/conversation", as_="ana")
    elif verb == "delete":
        api.delete("/conversations/user_bo", as_="ana")
    else:
        api.post(f"/users/bo/conversation/{verb}", as_="ana")

    after = api.conversation("bo", "users/ana")
    after["lastMessage"].pop("deliveredAt", None)
    assert after == before


def test_reading_in_a_group_is_the_callers_alone(api):
    """Each member has a count of its own."""
    api.send("cleo", "groups/hikers")
    before = api.unread("bo", "groups/hikers")

    api.post("/groups/hikers/conversation/read", as_="ana")

    assert api.unread("ana", "groups/hikers") == 0
    assert api.unread("bo", "groups/hikers") == before


@pytest.mark.parametrize("where", ["users/dan", "groups/hikers"])
class TestReadUpTo:
    """With a message id, that message and those before it are read (readings B6)."""

    @pytest.mark.parametrize(("place", "left"), [(0, 3), (1, 2), (3, 0)])
    def test_counts_what_follows(self, api, send_messages, where, place, left):
        """The message itself is read, the next one is not."""
        numbers = send_messages(where, 4)

        api.post(f"/{where}/conversation/read", as_="ana", json={"messageId": int(numbers[place])})

        assert api.unread("ana", where) == left

    def test_id_as_text(self, api, send_messages, where):
        """The number may come as a string of digits."""
        numbers = send_messages(where, 2)

        api.post(f"/{where}/conversation/read", as_="ana", json={"messageId": numbers[0]})

        assert api.unread("ana", where) == 1

    def test_does_not_make_unread(self, api, send_messages, where):
        """A mark up to an older message leaves read what is read."""
        numbers = send_messages(where, 3)
        api.post(f"/{where}/conversation/read", as_="ana")

        api.post(f"/{where}/conversation/read", as_="ana", json={"messageId": numbers[0]})

        assert api.unread("ana", where) == 0

    def test_own_messages_after_it(self, api, send_messages, where):
        """What follows is counted without the caller's own."""
        numbers = send_messages(where, 2)
        api.send("ana", where)
        last = "users/ana" if where.startswith("users") else where
        api.send("dan" if where.startswith("users") else "bo", last)

        api.post(f"/{where}/conversation/read", as_="ana", json={"messageId": numbers[0]})

        assert api.unread("ana", where) == 2

    @pytest.mark.parametrize("number", [999_999, "999999", 1])
    def test_message_of_another_conversation(self, api, send_messages, where, number):
        """A number that names no message of this conversation is refused, and nothing changes."""
        send_messages(where, 2)

        answer = api.post(f"/{where}/conversation/read", as_="ana", json={"messageId": number})

        assert api.refusal(answer) == (404, "ERR_MESSAGE_ID_NOT_FOUND")
        assert api.unread("ana", where) == 2


@pytest.mark.parametrize("where", ["users/dan", "groups/hikers"])
class TestUnread:
    """Marking as unread, with and without a message (readings B8)."""

    @pytest.mark.parametrize(("place", "count"), [(0, 3), (2, 1), (3, 0)])
    def test_after_a_message(self, api, send_messages, where, place, count):
        """All messages of others after the named one are unread, the named one is not."""
        numbers = send_messages(where, 4)
        api.post(f"/{where}/conversation/read", as_="ana")

        answer = api.delete(
            f"/{where}/conversation/read", as_="ana", json={"messageId": numbers[place]}
        )

        assert answer.status_code == 200
        assert api.unread("ana", where) == count

    def test_without_a_message_own_ones_are_passed_over(self, api, send_messages, where):
        """It is the newest message of others, even where own ones are newer."""
        send_messages(where, 2)
        api.send("ana", where)
        api.post(f"/{where}/conversation/read", as_="ana")

        api.delete(f"/{where}/conversation/read", as_="ana")

        assert api.unread("ana", where) == 1

    def test_leaves_unread_what_is_unread(self, api, send_messages, where):
        """A mark as unread never makes a message read."""
        numbers = send_messages(where, 3)

        api.delete(f"/{where}/conversation/read", as_="ana")
        api.delete(f"/{where}/conversation/read", as_="ana", json={"messageId": numbers[2]})

        assert api.unread("ana", where) == 3

    def test_is_the_callers_alone(self, api, send_messages, where):
        """The other side's count stays."""
        send_messages(where)
        back = "users/ana" if where.startswith("users") else where
        other = "dan" if where.startswith("users") else "bo"
        before = api.unread(other, back)

        api.delete(f"/{where}/conversation/read", as_="ana")

        assert api.unread(other, back) == before

    def test_deleted_messages_stay_out_of_it(self, api, send_messages, where):
        """The newest message of others is one that is still there."""
        numbers = send_messages(where, 2)
        api.post(f"/{where}/conversation/read", as_="ana")
        api.delete(f"/messages/{numbers[1]}", as_="dan" if where.startswith("users") else "bo")

        api.delete(f"/{where}/conversation/read", as_="ana")

        assert api.unread("ana", where) == 1


def test_unread_where_only_the_caller_has_written(api):
    """Where others have said nothing, there is nothing to make unread."""
    api.send("ana", "users/eve")

    assert api.delete("/users/eve/conversation/read", as_="ana").status_code == 200
    assert api.unread("ana", "users/eve") == 0


@pytest.mark.parametrize("where", ["users/bo", "groups/hikers"])
@pytest.mark.parametrize("verb", ["read", "delivered", "reset", "tags", "unread"])
def test_repeats_change_nothing(api, where, verb):
    """Asking again leaves everything as the first time left it (readings B14)."""
    calls = {
        "read": lambda: api.post(f"/{where}/conversation/read", as_="ana"),
        "delivered": lambda: api.post(f"/{where}/conversation/delivered", as_="ana"),
        "reset": lambda: api.delete(f"/{where}/conversation", as_="ana"),
        "tags": lambda: api.put(f"/{where}/conversation", as_="ana", json={"tags": ["t"]}),
        "unread": lambda: api.delete(f"/{where}/conversation/read", as_="ana"),
    }
    first = calls[verb]()
    once = api.conversation("ana", where)

    again = calls[verb]()

    assert again.status_code == first.status_code == 200
    assert api.conversation("ana", where) == once


class TestDelivered:
    """Marking as delivered sets `deliveredAt` on the other side's messages (readings B7)."""

    def test_sets_the_time_once(self, api, clock):
        """The time of the first mark stays."""
        number = api.send("bo", "users/ana")
        assert "deliveredAt" not in api.get(f"/messages/{number}", as_="bo").get_json()["data"]
        first = clock.now = clock.now + 5
        api.post("/users/bo/conversation/delivered", as_="ana")
        clock.now += 5
        api.post("/users/bo/conversation/delivered", as_="ana")

        assert api.get(f"/messages/{number}", as_="bo").get_json()["data"]["deliveredAt"] == first

    def test_not_on_own_messages(self, api):
        """A message of the caller's own is not delivered to the caller."""
        number = api.send("ana", "users/bo")

        api.post("/users/bo/conversation/delivered", as_="ana")

        assert "deliveredAt" not in api.get(f"/messages/{number}", as_="ana").get_json()["data"]

    def test_up_to_a_message(self, api):
        """With a message id, that one and those before it."""
        numbers = [api.send("bo", "users/ana") for _ in range(3)]

        api.post("/users/bo/conversation/delivered", as_="ana", json={"messageId": numbers[1]})

        marked = [
            "deliveredAt" in api.get(f"/messages/{number}", as_="bo").get_json()["data"]
            for number in numbers
        ]
        assert marked == [True, True, False]


def test_reading_sets_read_at(api, clock):
    """The sender sees when the message was read."""
    number = api.send("bo", "users/ana")
    api.post("/users/bo/conversation/read", as_="ana")

    assert api.get(f"/messages/{number}", as_="bo").get_json()["data"]["readAt"] == clock.now


class TestReset:
    """Reset brings the count to 0, and the conversation stays (readings B9)."""

    @pytest.mark.parametrize("where", ["users/bo", "groups/hikers"])
    @pytest.mark.parametrize("body", [None, {}, {"preserveOrder": True}, {"preserveOrder": False}])
    def test_conversation_stays(self, api, where, body):
        """Nothing but the count has changed."""
        before = api.conversation("ana", where)

        api.delete(f"/{where}/conversation", as_="ana", json=body)

        after = api.conversation("ana", where)
        assert after == before | {
            "unreadMessageCount": 0,
            "lastReadMessageId": before["latestMessageId"],
        }

    def test_messages_deleted_permanently(self, api):
        """The messages are gone for good and for both sides; the conversation stays."""
        number = api.send("ana", "users/bo")
        before = api.conversation("ana", "users/bo")

        body = {"conversationWith": "bo", "deleteMessagesPermanently": True}
        answer = api.delete("/users/bo/conversation", as_="ana", json=body)

        assert answer.status_code == 200
        assert api.get(f"/messages/{number}", as_="ana").status_code == 404
        for caller, peer in (("ana", "bo"), ("bo", "ana")):
            after = api.conversation(caller, f"users/{peer}")
            assert after["unreadMessageCount"] == 0
            assert "lastMessage" not in after
            assert after["updatedAt"] == before["updatedAt"]

    def test_counting_goes_on_after_a_permanent_deletion(self, api):
        """What is sent afterwards counts as ever."""
        api.delete("/users/bo/conversation", as_="ana", json={"deleteMessagesPermanently": True})

        api.send("ana", "users/bo")
        api.send("bo", "users/ana")

        assert api.unread("ana", "users/bo") == 1
        assert api.unread("bo", "users/ana") == 1

    def test_a_message_id_is_never_given_again(self, api):
        """The ids of erased messages stay taken."""
        number = int(api.send("ana", "users/bo"))
        api.delete("/users/bo/conversation", as_="ana", json={"deleteMessagesPermanently": True})

        assert int(api.send("ana", "users/bo")) > number


@pytest.mark.parametrize("name", ["user_bo", "group_hikers"])
class TestDelete:
    """A deleted conversation leaves the caller's view until the next message (readings B10)."""

    def where(self, name):
        return name.replace("user_", "users/").replace("group_", "groups/")

    def test_every_operation_misses_it(self, api, name):
        """It is not found by any name, nor in the list."""
        api.delete(f"/conversations/{name}", as_="ana")

        where = self.where(name)
        for answer in (
            api.get(f"/{where}/conversation", as_="ana"),
            api.put(f"/{where}/conversation", as_="ana", json={"tags": []}),
            api.delete(f"/{where}/conversation", as_="ana"),
            api.post(f"/{where}/conversation/read", as_="ana"),
            api.post(f"/{where}/conversation/delivered", as_="ana"),
            api.delete(f"/{where}/conversation/read", as_="ana"),
            api.delete(f"/conversations/{name}", as_="ana"),
        ):
            assert api.refusal(answer) == (404, "ERR_CONVERSATION_NOT_FOUND")

    def test_the_next_message_brings_it_back(self, api, name):
        """With the messages since the deletion as its unread ones, and without its old tags."""
        where = self.where(name)
        api.put(f"/{where}/conversation", as_="ana", json={"tags": ["old"]})
        api.delete(f"/conversations/{name}", as_="ana")

        api.send("bo", where.replace("bo", "ana"))
        number = api.send("bo", where.replace("bo", "ana"))

        back = api.conversation("ana", where)
        assert back["unreadMessageCount"] == 2
        assert back["lastMessage"]["id"] == number
        assert back["tags"] == []
        assert name in api.names("ana")

    def test_an_own_message_brings_it_back_as_well(self, api, name):
        """Writing again is a next message too."""
        where = self.where(name)
        api.delete(f"/conversations/{name}", as_="ana")

        api.send("ana", where)

        assert api.unread("ana", where) == 0

    def test_marks_do_not_reach_back_beyond_the_deletion(self, api, name):
        """What was deleted with the copy cannot become unread again."""
        where = self.where(name)
        old = api.send("bo", where.replace("bo", "ana"))
        api.delete(f"/conversations/{name}", as_="ana")
        api.send("bo", where.replace("bo", "ana"))

        api.delete(f"/{where}/conversation/read", as_="ana", json={"messageId": int(old) - 1})

        assert api.unread("ana", where) == 1
