"""Explanations of lists, changes and refusals."""

from __future__ import annotations

import pytest

from duologue.openapi import readings


def decided(field):
    """Return rule, source and clause of an explained field."""
    return field["rule"], field["source"], field["clause"]


# --- lists


def test_a_list(why):
    """Order, total, filters and each row are explained separately."""
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
        "B12",
        "listing.unread-filter",
    )
    assert "data[user_cleo].tags" in fields


def test_a_list_that_nothing_has_changed(why):
    """Newest first, by the rule for the order."""
    order = why.field(why.do("GET", "/conversations", "ana"), "data")

    assert decided(order)[0::2] == ("store.criteria.newest_first", "listing.newest-first")
    assert order["because"] == []


def test_the_whole_app(why):
    """Copies are distinguished by their owners."""
    fields = why.of(why.do("GET", "/conversations"))["fields"]

    assert "data[ana/user_bo].unreadMessageCount" in {one["field"] for one in fields}


# --- what a request has done


def test_a_mark_lists_its_changes(why):
    """For the caller and for the other party."""
    explanation = why.of(why.do("POST", "/users/bo/conversation/read", "ana"))

    seen = {(one["as"], one["conversation"], one["field"]) for one in explanation["changes"]}
    assert seen == {
        ("ana", "users/bo", "unreadMessageCount"),
        ("ana", "users/bo", "lastReadMessageId"),
        ("ana", "users/bo", "lastMessage.deliveredAt"),  # what is read is delivered (B18)
        ("ana", "users/bo", "lastMessage.readAt"),
        ("bo", "users/ana", "lastMessage.deliveredAt"),
        ("bo", "users/ana", "lastMessage.readAt"),
    }
    count = next(one for one in explanation["changes"] if one["field"] == "unreadMessageCount")
    assert (count["before"], count["after"]) == (3, 0)
    assert decided(count) == (
        "domain.rules.read_through",
        "B6",
        "operations.mark-user-conversation-as-read",
    )
    assert count["text"] == "unreadMessageCount changed from 3 to 0."


def test_a_message_lists_its_changes(why):
    """The other party's count and both parties' last message; in a group, for some members."""
    explanation = why.of(why.send("bo", "groups/hikers"))

    counts = {
        one["as"]: (one["before"], one["after"])
        for one in explanation["changes"]
        if one["field"] == "unreadMessageCount"
    }
    assert counts == {"ana": (2, 3), "cleo": (3, 4)}
    assert {one["as"] for one in explanation["changes"] if one["field"] == "lastMessage"} == {
        "ana",
        "bo",
        "cleo",
    }


def test_a_repetition_has_no_changes(why):
    """A second mark has no changes."""
    why.do("POST", "/users/bo/conversation/read", "ana")

    assert why.of(why.do("POST", "/users/bo/conversation/read", "ana"))["changes"] == []


def test_an_update_explains_its_own_answer(why):
    """Changed fields are explained by the request itself, others by earlier ones."""
    updated = why.do("PUT", "/users/bo/conversation", "ana", json={"tags": ["x"]})

    assert why.field(updated, "data.tags")["because"] == [updated]
    assert "this request" in why.field(updated, "data.tags")["text"]
    assert why.field(updated, "data.unreadMessageCount")["because"] == []


# --- refusals


def test_a_conversation_that_is_gone(why):
    """404 because of the deletion; before it there was no error."""
    gone = why.do("DELETE", "/conversations/user_bo", "ana")

    code = why.field(why.do("GET", "/users/bo/conversation", "ana"), "error.code")

    assert (code["value"], code["because"]) == ("ERR_CONVERSATION_NOT_FOUND", [gone])
    assert "before, the answer was no error" in code["text"]
    assert code["clause"] == "errors.conversation-not-found"


def test_a_user_who_was_deleted(why):
    """As the caller and as the peer, each by its own check."""
    gone = why.do("DELETE", "/users/bo")

    peer = why.field(why.do("GET", "/users/bo/conversation", "ana"), "error.code")
    caller = why.field(why.do("GET", "/users/ana/conversation", "bo"), "error.code")

    assert (peer["rule"], peer["clause"]) == ("domain.rules.check_peer", "errors.uid-not-found")
    assert (caller["rule"], caller["clause"]) == (
        "domain.rules.check_caller",
        "errors.caller-not-found",
    )
    assert peer["because"] == caller["because"] == [gone]


def test_a_conversation_that_never_existed(why):
    """No request is the cause."""
    code = why.field(why.do("POST", "/users/eve/conversation/read", "ana"), "error.code")

    assert (code["because"], code["rule"]) == ([], "domain.rules.missing")
    assert "was no error" not in code["text"]


def test_a_request_that_is_malformed(why):
    """Each field with its clause."""
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
def test_a_request_refused_before_an_operation(why, method, path, how, clause):
    """The state was not read."""
    code = why.field(why.do(method, path, **how), "error.code")

    assert (code["clause"], code["because"]) == (clause, [])


def test_a_rate_limited_request(why):
    """By the limit."""
    why.control.put("rate-limit", {"limit": 0, "per_s": 5})

    code = why.field(why.do("GET", "/users"), "error.code")

    assert code["value"] == "ERR_TOO_MANY_REQUESTS"


# --- other answers


def test_other_things_are_explained_too(why):
    """A user exists because of a request; a message has its receipts."""
    made = why.do("POST", "/users", json={"uid": "gil", "name": "Gil"})
    read = why.do("POST", "/users/bo/conversation/read", "ana")

    assert why.field(why.do("GET", "/users/gil"), "data.name")["because"] == [made]
    assert why.field(why.do("GET", "/messages/11", "bo"), "data.readAt")["because"] == [read]
    assert why.of(why.do("GET", "/users"))["fields"]
    assert why.of(why.do("GET", "/groups/hikers/members"))["fields"]


def test_a_source_comes_with_its_sentences(why):
    """The sentence, not only its number."""
    count = why.field(why.do("GET", "/users/bo/conversation", "ana"), "data.unreadMessageCount")

    cited = {one["number"]: one for one in count["citations"]}
    assert cited["B4"]["sentence"] == readings.reading("B4").sentence
    assert cited["B4"]["place"] == "READINGS.md#b4"


def test_what_had_no_effect_is_told(why):
    """A parameter and a field that the document does not know (readings T17)."""
    listed = why.do("GET", "/conversations?perPage=2&hideAgentic=true&b%20c=1", "ana")
    tagged = why.do("PUT", "/users/bo/conversation", "ana", json={"tags": [], "color": "red"})

    ignored = [one for one in why.of(listed)["fields"] if one["field"].startswith("ignored.")]
    assert [one["value"] for one in ignored] == ["hideAgentic", "b c"]
    assert decided(ignored[0]) == ("http.request_parser.note_ignored", "T17", None)
    assert "has no effect" in ignored[0]["text"]
    assert [one["field"] for one in why.of(tagged)["fields"]][-1] == "ignored.color"
