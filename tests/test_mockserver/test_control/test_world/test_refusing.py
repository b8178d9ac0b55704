"""An inconsistent world is refused with the paths of its mistakes."""

from __future__ import annotations

import pytest

ANA_BO = {"users": ["ana", "bo"]}
SAID = ANA_BO | {"messages": [{"id": 3, "from": "bo", "to": {"user": "ana"}, "text": "Hi"}]}
GROUP = ANA_BO | {"groups": [{"guid": "duo", "members": ["ana"]}]}


def message(**changes):
    return {"from": "bo", "to": {"user": "ana"}, "text": "Hi"} | changes


WRONG = {
    "a user without a uid": ({"users": [{}]}, "users.0"),
    "a uid of other letters": ({"users": ["a b"]}, "users.0"),
    "an unknown key": ({"people": []}, "body"),
    "an unknown key of a user": ({"users": [{"uid": "ana", "nick": "A"}]}, "users.0"),
    "a list in place of a document": ([], "body"),
    "two users of one uid": ({"users": ["ana", "ANA"]}, "users.1.uid"),
    "26 tags": ({"users": [{"uid": "ana", "tags": ["t"] * 26}]}, "users.0.tags"),
    "a member who is nobody": ({"groups": [{"guid": "g", "members": ["x"]}]}, "groups.0.members.0"),
    "an owner who is nobody": ({"groups": [{"guid": "g", "owner": "x"}]}, "groups.0.owner"),
    "a member twice": (
        ANA_BO | {"groups": [{"guid": "g", "members": ["ana", "ana"]}]},
        "groups.0.members.1",
    ),
    "two groups of one guid": ({"groups": [{"guid": "g"}, {"guid": "G"}]}, "groups.1.guid"),
    "a message without words": (ANA_BO | {"messages": [message(text=7)]}, "messages.0.text"),
    "a message from nobody": (ANA_BO | {"messages": [message(**{"from": "x"})]}, "messages.0.from"),
    "a message to nobody": (
        ANA_BO | {"messages": [message(to={"user": "x"})]},
        "messages.0.to.user",
    ),
    "a message to no group": (
        ANA_BO | {"messages": [message(to={"group": "x"})]},
        "messages.0.to.group",
    ),
    "a message to both": (
        ANA_BO | {"messages": [message(to={"user": "ana", "group": "x"})]},
        "messages.0.to",
    ),
    "ids that do not grow": (
        ANA_BO | {"messages": [message(id=2), message(id=2)]},
        "messages.1.id",
    ),
    "a next id that is taken": (SAID | {"nextMessageId": 3}, "nextMessageId"),
    "a time in milliseconds of another age": (
        ANA_BO | {"messages": [message(at=10**15)]},
        "messages.0.at",
    ),
    "a copy of nobody": (
        SAID | {"copies": [{"of": "x", "with": {"user": "ana"}}]},
        "copies.0.with",
    ),
    "a copy of a stranger to the group": (
        GROUP | {"copies": [{"of": "bo", "with": {"group": "duo"}}]},
        "copies.0.of",
    ),
    "a copy of no conversation": (
        ANA_BO | {"copies": [{"of": "bo", "with": {"user": "ana"}}]},
        "copies.0.with",
    ),
    "a copy read through another message": (
        SAID | {"copies": [{"of": "ana", "with": {"user": "bo"}, "readThrough": 2}]},
        "copies.0.readThrough",
    ),
    "more unread than messages": (
        SAID | {"copies": [{"of": "ana", "with": {"user": "bo"}, "unread": 2}]},
        "copies.0.unread",
    ),
    "read in two ways": (
        SAID | {"copies": [{"of": "ana", "with": {"user": "bo"}, "unread": 1, "readThrough": 0}]},
        "copies.0.unread",
    ),
    "a copy twice": (
        SAID | {"copies": [{"of": "ana", "with": {"user": "bo"}}] * 2},
        "copies.1",
    ),
    "a conversation of nobody": (SAID | {"conversations": [{"createdAt": 1}]}, "conversations.0"),
    "a conversation of no group": (
        SAID | {"conversations": [{"group": "x"}]},
        "conversations.0.group",
    ),
    "a conversation with somebody who is not there": (
        SAID | {"conversations": [{"between": ["ana", "x"]}]},
        "conversations.0.between.1",
    ),
    "a last message from elsewhere": (
        SAID | {"conversations": [{"between": ["ana", "bo"], "lastMessage": 9}]},
        "conversations.0.lastMessage",
    ),
}


@pytest.mark.parametrize(("world", "place"), WRONG.values(), ids=WRONG)
def test_an_inconsistency_is_reported_with_its_path(control, world, place):
    """422 with the path; nothing changes."""
    before = control.get("world")

    status, error = control.refused("PUT", "world", world)

    assert (status, error["code"]) == (422, "ERR_CONTROL_INPUT")
    assert place in error["details"]
    assert control.get("world") == before


def test_all_mistakes_are_reported(control):
    """Not only the first mistake."""
    world = {"users": ["ana"], "messages": [message(), message(to={"group": "x"})]}

    _, error = control.refused("PUT", "world", world)

    assert error["details"].keys() == {"messages.0.from", "messages.1.from", "messages.1.to.group"}


def test_the_number_of_reported_mistakes_is_limited(control):
    """At most twenty mistakes are listed."""
    _, error = control.refused("PUT", "world", {"users": [7] * 1000})

    assert len(error["details"]) == 21


@pytest.mark.parametrize(
    ("text", "content_type"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"\xff", "application/json"),
        (b"users: [", "application/yaml"),
        (b"\xff\xfe\xff", "application/yaml"),
        (b"1: one", "application/yaml"),
        (b"name: !!python/object:os.system {}", "application/yaml"),
        (b'name: "\\ud800"', "application/yaml"),
        (b"nextMessageId: 99999999999999999999", "application/yaml"),
    ],
)
def test_what_cannot_be_read_is_refused(control, text, content_type):
    """400, with the reason."""
    status, error = control.refused("PUT", "world", data=text, content_type=content_type)

    assert (status, error["code"]) == (400, "ERR_CONTROL_UNREADABLE")
    assert error["message"].startswith("The body is no ")


@pytest.mark.parametrize("content_type", ["text/plain", "text/yaml", "application/xml"])
def test_other_types_are_refused(control, content_type):
    """415 for other types, those of forms included."""
    status, error = control.refused("PUT", "world", data=b"users: []", content_type=content_type)

    assert (status, error["code"]) == (415, "ERR_CONTROL_CONTENT_TYPE")
