"""Why an answer is as it is, in stories whose causes are known."""

from __future__ import annotations

import pytest

CROWD = [f"u{number}" for number in range(301)]


class Asker:
    """`why.get("ana", "users/bo")` is the explanation of a GET that is asked now."""

    def __init__(self, control):
        self.control = control
        self.api = control.api

    def do(self, method, path, as_=None, **how):
        """The id of a request."""
        return self.api.call(method, path, as_=as_, **how).headers["X-Request-Id"]

    def send(self, sender, place, text="Hi"):
        """The id of the request that sends a message."""
        kind, _, receiver = place.partition("s/")
        body = {"receiver": receiver, "receiverType": kind, "data": {"text": text}}
        return self.do("POST", "/messages", sender, json=body)

    def of(self, request_id):
        """The explanation of a request; doing it again has to give the same answer."""
        told = self.control.get(f"why/{request_id}")
        assert told["exact"], told["note"]
        return told

    def get(self, caller, place):
        """The fields of a conversation that is asked for now, each explained."""
        told = self.of(self.do("GET", f"/{place}/conversation", caller))
        return {field["field"].removeprefix("data."): field for field in told["fields"]}

    def field(self, request_id, name):
        """One field of an answer, explained."""
        return next(one for one in self.of(request_id)["fields"] if one["field"] == name)


@pytest.fixture
def why(control):
    return Asker(control)


def decided(field):
    """By which rule, from where, after which clause."""
    return field["rule"], field["source"], field["clause"]


# --- counts


def test_what_nothing_has_changed_is_the_worlds(why):
    """The count of the world, by the rule that counts."""
    count = why.get("ana", "users/bo")["unreadMessageCount"]

    assert count["text"] == "data.unreadMessageCount is 3, set by the world `examples`."
    assert decided(count) == (
        "store.criteria.unread_count",
        "Conversation properties; readings B4",
        "properties.unread-message-count-counts",
    )
    assert count["because"] == []
    assert count["history"] == [{"value": 3, "request": None, "by": "the world `examples`"}]


def test_a_count_that_was_read_away(why):
    """The example of the issue: 0 because of the mark, 3 before by the world."""
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
        "readings B6",
        "operations.mark-user-conversation-as-read",
    )
    assert count["because"] == [read]


def test_every_change_of_a_count_is_told(why):
    """Newest first, each with what it was before."""
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
        "Key behaviors",
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
    """Each mark by its own rule; one that changes nothing is no cause."""
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


def test_own_messages_are_told_to_have_left_the_count(why):
    """They might have been thought to count."""
    mine = why.send("ana", "users/bo")

    fields = why.get("ana", "users/bo")

    assert fields["unreadMessageCount"]["because"] == []
    [kept] = fields["unreadMessageCount"]["kept"]
    assert (kept["request"], kept["clause"]) == (mine, "properties.own-messages-never-count")
    assert fields["lastMessage"]["because"] == [mine]


def test_a_crowd_stays_as_it_is(why):
    """Nothing moves in a group of more than 300, and each field says by which rule."""
    why.control.put(
        "world", {"name": "big", "users": CROWD, "groups": [{"guid": "crowd", "members": CROWD}]}
    )
    said = why.send("u0", "groups/crowd")

    fields = why.get("u1", "groups/crowd")

    for name, clause in (
        ("unreadMessageCount", "key-behaviors.crowded-group-keeps-count"),
        ("lastMessage", "key-behaviors.crowded-group-keeps-last-message"),
        ("updatedAt", "key-behaviors.crowded-group-keeps-updated-at"),
    ):
        assert fields[name]["because"] == []
        [kept] = fields[name]["kept"]
        assert (kept["request"], kept["source"], kept["clause"]) == (said, "Key behaviors", clause)
    assert fields["lastMessage"]["absent"]
    assert fields["lastMessage"]["clause"] == "key-behaviors.new-group-has-no-last-message"


# --- other properties


def test_a_last_message_that_was_deleted(why):
    """It is left out because of the deletion; it was that message before."""
    deleted = why.do("DELETE", "/messages/11", "bo")

    last = why.get("ana", "users/bo")["lastMessage"]

    assert last["absent"]
    assert last["value"] is None
    assert last["because"] == [deleted]
    assert [one["value"] for one in last["history"]] == [None, "11"]
    assert decided(last) == (
        "domain.rules.shown_message",
        "Key behaviors",
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
    """Deleted in the world, or nothing said yet: the clause tells which."""
    last = why.get("ana", place)["lastMessage"]

    assert (last["absent"], last["because"], last["clause"]) == (True, [], clause)


def test_a_conversation_that_began(why):
    """Everything in it is there because of its first message."""
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
    """Those of the last update; what other copies have is no matter."""
    why.do("PUT", "/users/bo/conversation", "ana", json={"tags": ["a"]})
    last = why.do("PUT", "/users/bo/conversation", "ana", json={"tags": ["b"]})
    why.do("PUT", "/users/ana/conversation", "bo", json={"tags": ["c"]})

    tags = why.get("ana", "users/bo")["tags"]

    assert (tags["value"], tags["because"][0]) == (["b"], last)
    assert [one["value"] for one in tags["history"]] == [["b"], ["a"], []]
    assert decided(tags) == (
        "domain.rules.kept_tags",
        "readings B11",
        "key-behaviors.tags-are-replaced",
    )


def test_receipts(why):
    """What the others have done to a message of one's own."""
    read = why.do("POST", "/users/bo/conversation/read", "ana")
    delivered = why.do("POST", "/users/bo/conversation/delivered", "ana")

    fields = why.get("bo", "users/ana")

    assert fields["lastMessage.readAt"]["because"] == [read]
    assert fields["lastMessage.deliveredAt"]["because"] == [delivered]
    assert fields["lastMessage"]["because"] == []


# --- lists


def test_a_list(why):
    """Order, total, filters and each row have reasons of their own."""
    read = why.do("POST", "/users/bo/conversation/read", "ana")
    sent = why.send("cleo", "users/ana")

    listed = why.do("GET", "/conversations?unread=true&perPage=2&withTags=true", "ana")

    fields = {one["field"]: one for one in why.of(listed)["fields"]}
    assert fields["data"]["value"] == ["user_cleo", "group_hikers"]
    assert fields["data"]["because"] == [sent, read]
    assert fields["data[user_cleo].unreadMessageCount"]["because"] == [sent]
    assert fields["data[user_cleo].unreadMessageCount"]["history"][-1]["value"] == 0
    assert fields["data[group_hikers].unreadMessageCount"]["because"] == []
    assert fields["meta.pagination.total"]["value"] == 2
    assert decided(fields["query.unread"]) == (
        "store.criteria.with_unread",
        "readings B12, unread",
        "listing.unread-filter",
    )
    assert "data[user_cleo].tags" in fields


def test_a_list_that_nothing_has_changed(why):
    """Newest first, by the rule of the order."""
    order = why.field(why.do("GET", "/conversations", "ana"), "data")

    assert decided(order)[0::2] == ("store.criteria.newest_first", "listing.newest-first")
    assert order["because"] == []


def test_the_whole_app(why):
    """Each copy is told apart by its owner."""
    fields = why.of(why.do("GET", "/conversations"))["fields"]

    assert "data[ana/user_bo].unreadMessageCount" in {one["field"] for one in fields}


# --- what a request has done


def test_a_mark_tells_what_it_changed(why):
    """For the caller, and for the other side."""
    told = why.of(why.do("POST", "/users/bo/conversation/read", "ana"))

    seen = {(one["as"], one["conversation"], one["field"]) for one in told["changes"]}
    assert seen == {
        ("ana", "users/bo", "unreadMessageCount"),
        ("ana", "users/bo", "lastMessage.readAt"),
        ("bo", "users/ana", "lastMessage.readAt"),
    }
    count = next(one for one in told["changes"] if one["field"] == "unreadMessageCount")
    assert (count["before"], count["after"]) == (3, 0)
    assert decided(count) == (
        "domain.rules.read_through",
        "readings B6",
        "operations.mark-user-conversation-as-read",
    )
    assert count["text"] == "unreadMessageCount went from 3 to 0."


def test_a_message_tells_what_it_moved(why):
    """The other side's count, and everybody's last message; in a group, of some members."""
    told = why.of(why.send("bo", "groups/hikers"))

    counts = {
        one["as"]: (one["before"], one["after"])
        for one in told["changes"]
        if one["field"] == "unreadMessageCount"
    }
    assert counts == {"ana": (2, 3), "cleo": (3, 4)}
    assert {one["as"] for one in told["changes"] if one["field"] == "lastMessage"} == {
        "ana",
        "bo",
        "cleo",
    }


def test_what_repeats_changes_nothing(why):
    """A second mark has no changes to tell of."""
    why.do("POST", "/users/bo/conversation/read", "ana")

    assert why.of(why.do("POST", "/users/bo/conversation/read", "ana"))["changes"] == []


def test_an_update_explains_its_own_answer(why):
    """What it changed is because of itself, the rest is as it was."""
    updated = why.do("PUT", "/users/bo/conversation", "ana", json={"tags": ["x"]})

    assert why.field(updated, "data.tags")["because"] == [updated]
    assert "this very request" in why.field(updated, "data.tags")["text"]
    assert why.field(updated, "data.unreadMessageCount")["because"] == []


# --- refusals


def test_a_conversation_that_is_gone(why):
    """404 because of the deletion; before it nothing was wrong."""
    gone = why.do("DELETE", "/conversations/user_bo", "ana")

    code = why.field(why.do("GET", "/users/bo/conversation", "ana"), "error.code")

    assert (code["value"], code["because"]) == ("ERR_CONVERSATION_NOT_FOUND", [gone])
    assert "before, nothing was wrong" in code["text"]
    assert code["clause"] == "errors.conversation-not-found"


def test_a_user_who_was_deleted(why):
    """As the caller and as the other side, each by its own check."""
    gone = why.do("DELETE", "/users/bo")

    peer = why.field(why.do("GET", "/users/bo/conversation", "ana"), "error.code")
    caller = why.field(why.do("GET", "/users/ana/conversation", "bo"), "error.code")

    assert (peer["rule"], peer["clause"]) == ("domain.rules.check_peer", "errors.uid-not-found")
    assert (caller["rule"], caller["clause"]) == (
        "domain.rules.check_caller",
        "errors.caller-not-found",
    )
    assert peer["because"] == caller["because"] == [gone]


def test_what_was_never_there(why):
    """No request is to blame."""
    code = why.field(why.do("POST", "/users/eve/conversation/read", "ana"), "error.code")

    assert (code["because"], code["rule"]) == ([], "domain.rules.missing")
    assert "nothing was wrong" not in code["text"]


def test_a_request_that_is_malformed(why):
    """Field by field, each with its clause."""
    refused = why.do("PUT", "/users/bo/conversation", "ana", json={"tags": ["t"] * 26})

    details = why.field(refused, "error.details.tags")
    assert details["value"] == ["More than 25 items."]
    assert details["clause"] == "key-behaviors.at-most-25-tags"
    assert why.of(refused)["changes"] == []


@pytest.mark.parametrize(
    ("method", "path", "how", "clause"),
    [
        ("GET", "/nowhere", {}, "access.unknown-path"),
        ("PATCH", "/users", {}, "access.wrong-method"),
        ("GET", "/users", {"key": None}, "access.key-required"),
        ("GET", "/users", {"key": "x"}, "access.key-known"),
        ("GET", "/users", {"key": "auth-only"}, "access.key-scope"),
    ],
)
def test_what_was_refused_at_the_door(why, method, path, how, clause):
    """No state had a part in it."""
    code = why.field(why.do(method, path, **how), "error.code")

    assert (code["clause"], code["because"]) == (clause, [])


def test_what_was_turned_away(why):
    """By the limit."""
    why.control.put("rate-limit", {"limit": 0, "per_s": 5})

    code = why.field(why.do("GET", "/users"), "error.code")

    assert code["value"] == "ERR_TOO_MANY_REQUESTS"


# --- other answers


def test_other_things_are_explained_too(why):
    """A user is there because of the request that made him; a message has its receipts."""
    made = why.do("POST", "/users", json={"uid": "gil", "name": "Gil"})
    read = why.do("POST", "/users/bo/conversation/read", "ana")

    assert why.field(why.do("GET", "/users/gil"), "data.name")["because"] == [made]
    assert why.field(why.do("GET", "/messages/11", "bo"), "data.readAt")["because"] == [read]
    assert why.of(why.do("GET", "/users"))["fields"]
    assert why.of(why.do("GET", "/groups/hikers/members"))["fields"]
