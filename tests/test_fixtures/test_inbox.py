"""The world `inbox`: each state that a sidebar can show is there, as the API shows it."""

import pytest

from duologue.fixtures.worlds import make
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.testing.world_builder import document

HEADERS = {"apikey": "mock-api-key", "onBehalfOf": "ana"}


@pytest.fixture(scope="module")
def client():
    """A client of a mock with the world."""
    app = create_app(world=make("inbox"))
    yield app.test_client()
    inside(app).close()


@pytest.fixture(scope="module")
def rows(client):
    """Ana's sidebar by the id of the other party, with those that are blocked."""
    answer = client.get("/v3/conversations?perPage=200&includeBlockedUsers=true", headers=HEADERS)
    peers = [row["conversationWith"] for row in answer.json["data"]]
    return {
        peer.get("uid") or peer["guid"]: row
        for peer, row in zip(peers, answer.json["data"], strict=True)
    }


@pytest.mark.parametrize(
    ("peer", "is_delivered", "is_read"),
    [("sent", False, False), ("delivered", True, False), ("read", True, True)],
)
def test_anas_last_message_is_sent_delivered_or_read(rows, peer, is_delivered, is_read):
    last = rows[peer]["lastMessage"]

    assert last["sender"] == "ana"
    assert ("deliveredAt" in last, "readAt" in last) == (is_delivered, is_read)


@pytest.mark.parametrize(
    ("peer", "category", "type_"),
    [
        ("photo", "message", "image"),
        ("film", "message", "video"),
        ("voice", "message", "audio"),
        ("paper", "message", "file"),
        ("caption", "message", "image"),
        ("poll", "custom", "extension_poll"),
        ("location", "custom", "location"),
        ("action", "action", "groupMember"),
        ("edited", "message", "text"),
    ],
)
def test_each_kind_of_message_is_a_last_message(rows, peer, category, type_):
    last = rows[peer]["lastMessage"]

    assert (last["category"], last["type"]) == (category, type_)


def test_media_can_be_shown_without_a_network(rows):
    data = rows["photo"]["lastMessage"]["data"]

    assert data["url"] == data["attachments"][0]["url"]
    assert data["url"].startswith("data:image/")
    assert "text" not in data
    assert rows["caption"]["lastMessage"]["data"]["text"]


def test_an_action_names_who_did_what_to_whom(rows):
    data = rows["action"]["lastMessage"]["data"]

    assert data["action"] == "joined"
    assert [data["entities"][name]["entityType"] for name in ("by", "on", "for")] == [
        "user", "user", "group",
    ]  # fmt: skip


def test_an_edited_message_says_by_whom(rows):
    last = rows["edited"]["lastMessage"]

    assert last["editedBy"] == "edited"
    assert last["sentAt"] < last["editedAt"] == last["updatedAt"]


def test_a_deleted_last_message_is_absent(rows):
    assert "lastMessage" not in rows["regret"]
    assert "lastMessage" not in rows["quiet"]


@pytest.mark.parametrize("peer", ["mention", "mentioning"])
def test_mentions_are_counted_and_named(rows, peer):
    row = rows[peer]

    assert row["unreadMentionsCount"] == 1
    assert row["lastMessage"]["data"]["mentions"]["ana"]["name"] == "Ana Lima"


def test_a_blocked_user_is_left_out_unless_asked_for(client, rows):
    plain = client.get("/v3/conversations?perPage=200", headers=HEADERS).json["data"]
    shown = {row["conversationWith"].get("uid") for row in plain}

    assert "blocked" in rows
    assert "blocked" not in shown
    assert "blocker" in shown


def test_people_are_online_away_and_offline(rows):
    found = {uid: rows[uid]["conversationWith"] for uid in ("online", "delivered", "photo")}

    assert [one["status"] for one in found.values()] == ["online", "offline", "offline"]
    assert found["online"]["statusMessage"]
    assert found["delivered"]["lastActiveAt"] < found["online"]["lastActiveAt"]
    assert "lastActiveAt" not in found["photo"]


def test_groups_have_a_picture(rows):
    groups = [row for row in rows.values() if row["conversationType"] == "group"]

    assert len(groups) == 5
    assert all(row["conversationWith"]["icon"].startswith("data:image/") for row in groups)


def test_a_long_history_can_be_paged_to_its_begin(client):
    found, query = [], "affix=prepend&limit=100"
    while answer := client.get(f"/v3/users/history/messages?{query}", headers=HEADERS).json["data"]:
        found = answer + found
        query = f"affix=prepend&limit=100&id={answer[0]['id']}"

    assert len(found) == 400
    assert all("readAt" in message for message in found)


def test_the_document_of_the_world_is_the_same_world(client):
    """`mock.load("inbox")` in a test goes through the control plane."""
    other = create_app(world=make("empty"))
    put = other.test_client().put("/_mock/world", json=document(make("inbox")))
    copied = other.test_client().get("/_mock/world").json

    assert put.status_code == 200
    assert copied == client.get("/_mock/world").json
    inside(other).close()
