"""Explanations of single conversations after known changes."""

from __future__ import annotations

import pytest

LARGE_GROUP = [f"u{number}" for number in range(301)]


def decided(field):
    """Return rule, source and clause of an explained field."""
    return field["rule"], field["source"], field["clause"]


# --- counts


def test_an_unchanged_count_is_the_worlds(why):
    """The world's count, by the counting rule."""
    count = why.get("ana", "users/bo")["unreadMessageCount"]

    assert count["text"] == "data.unreadMessageCount is 3, set by the world `examples`."
    assert decided(count) == (
        "store.criteria.unread_count",
        "Conversation properties; B4",
        "properties.unread-message-count-counts",
    )
    assert count["because"] == []
    assert count["history"] == [{"value": 3, "request": None, "by": "the world `examples`"}]


def test_a_count_after_a_read(why):
    """0 because of the mark, 3 before by the world."""
    read = why.do("POST", "/users/bo/conversation/read", "ana")
    why.do("GET", "/conversations", "ana")  # these are no causes of anything
    why.do("POST", "/users/cleo/conversation/read", "ana")
    why.send("dan", "users/ana")

    count = why.get("ana", "users/bo")["unreadMessageCount"]

    assert count["text"] == (
        f"data.unreadMessageCount is 0 because of request {read}, mark user conversation as read,"
        " as ana; it was 3, set by the world `examples`."
    )
    assert decided(count) == (
        "domain.rules.read_through",
        "B6",
        "operations.mark-user-conversation-as-read",
    )
    assert count["because"] == [read]


def test_every_change_of_a_count_is_listed(why):
    """Newest first, each with the previous value."""
    read = why.do("POST", "/users/bo/conversation/read", "ana")
    sent = why.send("bo", "users/ana")
    again = why.send("bo", "users/ana")

    count = why.get("ana", "users/bo")["unreadMessageCount"]

    assert [(one["value"], one["request"]) for one in count["history"]] == [
        (2, again),
        (1, sent),
        (0, read),
        (3, None),
    ]
    assert count["because"] == [again, sent, read]
    assert decided(count) == (
        "domain.rules.counts_message",
        "Key behaviors; B5",
        "properties.unread-message-count-counts",
    )


@pytest.mark.parametrize(
    ("call", "body", "rule", "clause", "value"),
    [
        (
            "POST /users/bo/conversation/read",
            {"messageId": 10},
            "domain.rules.read_through",
            "marks.read-up-to-a-message",
            1,
        ),
        (
            "DELETE /users/bo/conversation",
            {},
            "domain.rules.read_by_reset",
            "operations.reset-user-conversation",
            0,
        ),
        (
            "DELETE /users/bo/conversation",
            {"deleteMessagesPermanently": True},
            "domain.rules.erases_messages",
            "operations.reset-user-conversation",
            0,
        ),
        (
            "DELETE /users/cleo/conversation/read",
            {},
            "domain.rules.unread_after",
            "operations.mark-user-conversation-as-unread",
            1,
        ),
        (
            "DELETE /users/cleo/conversation/read",
            {"messageId": "1"},
            None,
            None,
            0,
        ),
    ],
)
def test_marks(why, call, body, rule, clause, value):
    """Each mark has its own rule; one that changes nothing is no cause."""
    method, path = call.split()
    done = why.do(method, path, "ana", json=body)
    place = path.split("/conversation")[0][1:]

    count = why.get("ana", place)["unreadMessageCount"]

    assert count["value"] == value
    if rule is None:
        assert count["because"] == []
    else:
        assert (count["rule"], count["clause"], count["because"]) == (rule, clause, [done])


def test_a_deleted_message_no_longer_counts(why):
    """The deletion is the cause."""
    deleted = why.do("DELETE", "/messages/10", "bo")

    count = why.get("ana", "users/bo")["unreadMessageCount"]

    assert (count["value"], count["because"]) == (2, [deleted])
    assert count["rule"] == "store.criteria.unread_count"


def test_own_messages_are_listed_as_not_counting(why):
    """The entry says why they did not count."""
    mine = why.send("ana", "users/bo")

    fields = why.get("ana", "users/bo")

    assert fields["unreadMessageCount"]["because"] == []
    [kept] = fields["unreadMessageCount"]["kept"]
    assert (kept["request"], kept["clause"]) == (mine, "properties.own-messages-never-count")
    assert fields["lastMessage"]["because"] == [mine]


def test_a_large_group_does_not_change(why):
    """No field changes in a group of more than 300 members; each names its rule."""
    why.control.put(
        "world",
        {
            "name": "big",
            "users": LARGE_GROUP,
            "groups": [{"guid": "crowd", "members": LARGE_GROUP}],
        },
    )
    request_id = why.send("u0", "groups/crowd")

    fields = why.get("u1", "groups/crowd")

    for name, clause in (
        ("unreadMessageCount", "key-behaviors.crowded-group-keeps-count"),
        ("lastMessage", "key-behaviors.crowded-group-keeps-last-message"),
        ("updatedAt", "key-behaviors.crowded-group-keeps-updated-at"),
    ):
        assert fields[name]["because"] == []
        [kept] = fields[name]["kept"]
        assert decided(kept)[1:] == ("Key behaviors; B5", clause)
        assert kept["request"] == request_id
    assert fields["lastMessage"]["absent"]
    assert fields["lastMessage"]["clause"] == "key-behaviors.new-group-has-no-last-message"


# --- other properties


def test_a_last_message_that_was_deleted(why):
    """It is absent because of the deletion; before, it was that message."""
    deleted = why.do("DELETE", "/messages/11", "bo")

    last = why.get("ana", "users/bo")["lastMessage"]

    assert last["absent"]
    assert last["value"] is None
    assert last["because"] == [deleted]
    assert [one["value"] for one in last["history"]] == [None, "11"]
    assert decided(last) == (
        "domain.rules.shown_message",
        "Key behaviors; C4",
        "key-behaviors.deleted-last-message-is-hidden",
    )


@pytest.mark.parametrize(
    ("place", "clause"),
    [
        ("users/dan", "key-behaviors.deleted-last-message-is-hidden"),
        ("groups/new-group", "key-behaviors.new-group-has-no-last-message"),
    ],
)
def test_a_last_message_that_was_never_there(why, place, clause):
    """Deleted in the world, or no message yet: the clause differs."""
    last = why.get("ana", place)["lastMessage"]

    assert (last["absent"], last["because"], last["clause"]) == (True, [], clause)


def test_a_conversation_that_began(why):
    """All its fields come from its first message."""
    first = why.send("eve", "users/ana")

    fields = why.get("ana", "users/eve")

    assert {one["because"][-1] for one in fields.values()} == {first}
    assert fields["createdAt"]["clause"] == (
        "key-behaviors.user-conversation-starts-with-a-message"
    )
    assert fields["createdAt"]["history"][-1] == {
        "value": None,
        "request": None,
        "by": "the world `examples`",
    }


def test_tags(why):
    """Those of the last update; other copies do not matter."""
    why.do("PUT", "/users/bo/conversation", "ana", json={"tags": ["a"]})
    last = why.do("PUT", "/users/bo/conversation", "ana", json={"tags": ["b"]})
    why.do("PUT", "/users/ana/conversation", "bo", json={"tags": ["c"]})

    tags = why.get("ana", "users/bo")["tags"]

    assert (tags["value"], tags["because"][0]) == (["b"], last)
    assert [one["value"] for one in tags["history"]] == [["b"], ["a"], []]
    assert decided(tags) == (
        "domain.rules.kept_tags",
        "B11",
        "key-behaviors.tags-are-replaced",
    )


def test_receipts(why):
    """Receipts of own messages come from the others' marks."""
    delivered = why.do("POST", "/users/bo/conversation/delivered", "ana")
    read = why.do("POST", "/users/bo/conversation/read", "ana")

    fields = why.get("bo", "users/ana")

    assert fields["lastMessage.readAt"]["because"] == [read]
    assert fields["lastMessage.deliveredAt"]["because"] == [delivered]
    assert fields["lastMessage"]["because"] == []
