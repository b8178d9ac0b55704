"""Key behaviors: birth, crowds, tags, hidden last messages."""

from __future__ import annotations

import pytest

from duologue.fixtures.builder import world

LARGE_GROUP = 300
BEACH = "\U0001f3d6\ufe0f"


@pytest.fixture
def crowd(open_api):
    """Opens the API over a group `crowd` of so many members: ana, bo and the rest."""

    def crowd(size):
        uids = ["ana", "bo", *(f"m{number}" for number in range(size - 2))]
        seeded = world().group("crowd", members=uids).message("ana", to="crowd").user("extra")
        return open_api(seeded.read("bo", "crowd").build())

    return crowd


def test_no_conversation_before_the_first_message(api):
    """A 1-on-1 conversation is created with the first message; before, there is none."""
    for caller, peer in (("ana", "eve"), ("eve", "ana")):
        answer = api.get(f"/users/{peer}/conversation", as_=caller)
        assert api.refusal(answer) == (404, "ERR_CONVERSATION_NOT_FOUND")
    assert "user_eve" not in api.names("ana")


def test_the_first_message_begins_it_for_both(api):
    """With the first message both sides have their copy, unread for the receiver alone."""
    number = api.send("ana", "users/eve")

    assert api.unread("ana", "users/eve") == 0
    assert api.unread("eve", "users/ana") == 1
    assert api.names("eve") == ["user_ana"]
    assert api.conversation("eve", "users/ana")["lastMessage"]["id"] == number


def test_a_group_conversation_is_there_from_the_start(api):
    """A member sees a new group's conversation, without a last message (readings B2)."""
    body = {"guid": "choir", "name": "Choir", "type": "public", "owner": "ana"}
    api.post("/groups", json=body)

    conversation = api.conversation("ana", "groups/choir")

    assert "lastMessage" not in conversation
    assert conversation["unreadMessageCount"] == 0
    assert "group_choir" in api.names("ana")


def test_adding_and_kicking_leaves_no_trace(api):
    """Group actions are no messages of the conversation (readings B3)."""
    before = api.conversation("ana", "groups/hikers")

    api.post("/groups/hikers/members", json={"participants": ["dan"]})
    api.delete("/groups/hikers/members/dan")

    assert api.conversation("ana", "groups/hikers") == before


@pytest.mark.parametrize("size", [LARGE_GROUP - 1, LARGE_GROUP])
def test_a_group_of_up_to_300_moves(crowd, clock, size):
    """With exactly 300 members and below, counts and conversations are updated."""
    api = crowd(size)

    number = api.send("ana", "groups/crowd")

    conversation = api.conversation("bo", "groups/crowd")
    assert conversation["unreadMessageCount"] == 1
    assert conversation["lastMessage"]["id"] == number
    assert conversation["updatedAt"] == clock.now


def test_a_group_of_301_does_not_move(crowd):
    """With more than 300 members count, last message and `updatedAt` stay; the message is kept."""
    api = crowd(LARGE_GROUP + 1)
    before = api.conversation("bo", "groups/crowd")

    number = api.send("ana", "groups/crowd")

    assert api.conversation("bo", "groups/crowd") == before
    assert api.get(f"/messages/{number}", as_="bo").status_code == 200


def test_a_group_that_grows_beyond_300_stops_moving(crowd):
    """It is the size at the time of the message that decides."""
    api = crowd(LARGE_GROUP)
    api.send("ana", "groups/crowd")
    api.post("/groups/crowd/members", json={"participants": ["extra"]})

    api.send("ana", "groups/crowd")

    assert api.unread("bo", "groups/crowd") == 1


def test_a_group_that_shrinks_to_300_moves_again(crowd):
    """What was sent while it was too big does not count later; what comes then does."""
    api = crowd(LARGE_GROUP + 1)
    api.send("ana", "groups/crowd")
    api.delete("/groups/crowd/members/m0")
    assert api.unread("bo", "groups/crowd") == 0

    number = api.send("ana", "groups/crowd")

    assert api.unread("bo", "groups/crowd") == 1
    assert api.conversation("bo", "groups/crowd")["lastMessage"]["id"] == number


def test_marks_in_a_crowded_group(crowd):
    """Reading up to a message that moved nothing reads what came before it, and no more."""
    api = crowd(LARGE_GROUP + 1)
    frozen = api.send("ana", "groups/crowd")
    api.delete("/groups/crowd/members/m0")
    api.send("ana", "groups/crowd")

    api.post("/groups/crowd/conversation/read", as_="bo", json={"messageId": frozen})

    assert api.unread("bo", "groups/crowd") == 1
    assert api.unread("m1", "groups/crowd") == 2


@pytest.mark.parametrize("where", ["users/bo", "groups/hikers"])
class TestTags:
    """Conversations have up to 25 tags of up to 100 characters, any of utf8mb4."""

    def test_25_tags(self, api, where):
        """25 are kept, in the order given."""
        tags = [f"tag {number}" for number in range(25)]

        answer = api.put(f"/{where}/conversation", as_="ana", json={"tags": tags})

        assert answer.status_code == 200
        assert api.conversation("ana", where)["tags"] == tags

    def test_26_tags(self, api, where):
        """26 are refused, and nothing has changed."""
        api.put(f"/{where}/conversation", as_="ana", json={"tags": ["kept"]})

        answer = api.put(
            f"/{where}/conversation", as_="ana", json={"tags": [str(n) for n in range(26)]}
        )

        assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
        assert list(answer.get_json()["error"]["details"]) == ["tags"]
        assert api.conversation("ana", where)["tags"] == ["kept"]

    @pytest.mark.parametrize("letter", ["x", "é", BEACH[0], "漢"])
    def test_100_characters(self, api, where, letter):
        """100 code points are kept, whatever they take in bytes or UTF-16."""
        answer = api.put(f"/{where}/conversation", as_="ana", json={"tags": [letter * 100]})

        assert answer.status_code == 200
        assert api.conversation("ana", where)["tags"] == [letter * 100]

    @pytest.mark.parametrize("letter", ["x", BEACH[0]])
    def test_101_characters(self, api, where, letter):
        """101 code points are refused, and nothing has changed."""
        answer = api.put(f"/{where}/conversation", as_="ana", json={"tags": [letter * 101]})

        assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
        assert answer.get_json()["error"]["details"] == {"tags.0": ["Longer than 100 characters."]}
        assert api.conversation("ana", where)["tags"] == []

    def test_an_empty_tag(self, api, where):
        """A tag has at least one character."""
        answer = api.put(f"/{where}/conversation", as_="ana", json={"tags": [""]})

        assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")

    def test_tags_are_replaced(self, api, where):
        """An update brings the whole new list; an empty one clears it (readings B11)."""
        for tags in (["a", "b"], ["b", "c"], []):
            api.put(f"/{where}/conversation", as_="ana", json={"tags": tags})
            assert api.conversation("ana", where)["tags"] == tags

    def test_tags_are_the_callers_alone(self, api, where):
        """The other party's copy has its own tags."""
        api.put(f"/{where}/conversation", as_="ana", json={"tags": ["mine"]})

        assert api.conversation("bo", where.replace("bo", "ana"))["tags"] == []


def test_a_deleted_last_message_is_hidden(api):
    """The key is absent, never null and never the message before (readings C4)."""
    api.send("bo", "users/ana", "before")
    number = api.send("bo", "users/ana", "last")

    api.delete(f"/messages/{number}", as_="bo")

    assert "lastMessage" not in api.conversation("ana", "users/bo")
    assert "lastMessage" not in api.conversation("bo", "users/ana")


def test_a_deletion_before_the_last_message_hides_nothing(api):
    """Only the deletion of the last message shows."""
    number = api.send("bo", "users/ana", "before")
    last = api.send("bo", "users/ana", "last")

    api.delete(f"/messages/{number}", as_="bo")

    assert api.conversation("ana", "users/bo")["lastMessage"]["id"] == last


def test_the_next_message_is_the_last_again(api):
    """After a deletion the next message is shown."""
    api.delete(f"/messages/{api.send('bo', 'users/ana')}", as_="bo")

    number = api.send("ana", "users/bo")

    assert api.conversation("ana", "users/bo")["lastMessage"]["id"] == number
