"""How the live dialect shows things: the Live column of the readings, C and T."""

from __future__ import annotations

from typing import Any

import pytest

# --- the conversation (readings C1 to C5) --------------------------------------------------------


def test_a_one_on_one_has_one_id_for_both_sides(live: Any) -> None:
    """C1: both uids in order, joined by _user_."""
    mine = live.data("GET", "/users/bo/conversation", "ana")
    theirs = live.data("GET", "/users/ana/conversation", "bo")

    assert mine["conversationId"] == theirs["conversationId"] == "ana_user_bo"
    assert mine["lastMessage"]["conversationId"] == "ana_user_bo"
    assert mine["conversationWith"]["conversationId"] == "ana_user_bo"


def test_a_message_names_its_conversation_the_same_way(live: Any) -> None:
    """C1: whoever looks, and where nobody is said to."""
    number = live.send("cleo", "user", "ana")["id"]

    for who in ("ana", "cleo", None):
        assert live.data("GET", f"/messages/{number}", who)["conversationId"] == "ana_user_cleo"


def test_a_group_keeps_its_documented_id(live: Any) -> None:
    """E42: group_ and the guid."""
    shown = live.data("GET", "/groups/hikers/conversation", "ana")

    assert shown["conversationId"] == "group_hikers"


@pytest.mark.parametrize("path", ["/users/bo/conversation", "/groups/hikers/conversation"])
def test_the_count_is_a_string_of_digits(live: Any, path: str) -> None:
    """C2."""
    before = live.data("GET", path, "ana")["unreadMessageCount"]
    live.data("POST", f"{path}/read", "ana")

    assert before in ("2", "3")
    assert live.data("GET", path, "ana")["unreadMessageCount"] == "0"
    assert all(
        isinstance(row["unreadMessageCount"], str)
        for row in live.data("GET", "/conversations", "ana")
    )


def test_a_group_tells_when_the_caller_joined(live: Any) -> None:
    """C5: more fields in conversationWith."""
    shown = live.data("GET", "/groups/hikers/conversation", "bo")["conversationWith"]

    assert isinstance(shown["joinedAt"], int)


# --- refusals (readings T3, T10, T13) ------------------------------------------------------------


def test_a_refusal_says_more(live: Any) -> None:
    """T3: a word for developers, and where it comes from; details where a field is to blame."""
    unknown = live.call("GET", "/users/nobody/conversation", "ana").get_json()["error"]
    malformed = live.call("GET", "/conversations?perPage=0", "ana").get_json()["error"]

    assert unknown["source"] == "chat-api"
    assert "nobody" in unknown["devMessage"]
    assert "details" not in unknown
    assert malformed["details"].keys() == {"perPage"}


def test_what_answers_no_path_is_refused_alike(live: Any) -> None:
    """T3, T10: the envelope is one."""
    error = live.api.get("/no-such-thing", as_="ana").get_json()["error"]

    assert error["code"] == "ERR_API_NOT_FOUND"
    assert error["source"] == "chat-api"


def test_a_lenient_flag_takes_any_text(live: Any) -> None:
    """T13, E28: withUserAndGroupTags=tag1 was answered 200."""
    assert live.call("GET", "/conversations?withUserAndGroupTags=tag1", "ana").status_code == 200
    for flag, shown in (("true", True), ("false", False)):
        rows = live.data("GET", f"/conversations?withUserAndGroupTags={flag}", "ana")
        assert any("tags" in row["conversationWith"] for row in rows) is shown


def test_the_other_flags_stay_flags(live: Any) -> None:
    """T13: lenient where it was seen, and nowhere else."""
    for name in ("unread", "withTags"):
        where = f"/conversations?{name}=tag1"
        assert live.refused("GET", where, "ana") == (400, "ERR_BAD_REQUEST")


# --- what clients send, and errors as captured (readings T3, T16) --------------------------------


def _rows(live: Any, query: str) -> list[str]:
    return [row["conversationId"] for row in live.data("GET", f"/conversations?{query}", "ana")]


@pytest.mark.parametrize(("number", "word"), [("1", "true"), ("0", "false")])
def test_numbers_stand_for_booleans(live: Any, number: str, word: str) -> None:
    """T16: in each flag of the list."""
    assert _rows(live, f"unread={number}") == _rows(live, f"unread={word}")
    for flag in ("withTags", "withUserAndGroupTags", "includeBlockedUsers", "withBlockedInfo"):
        rows = [
            live.data("GET", f"/conversations?{flag}={value}", "ana") for value in (number, word)
        ]
        assert rows[0] == rows[1]


def test_another_number_is_no_boolean(live: Any) -> None:
    answer = live.call("GET", "/conversations?unread=2", "ana")

    assert answer.status_code == 400


def test_errors_have_the_texts_that_were_captured(live: Any) -> None:
    """E60; an unknown key is not repeated, not even in part."""
    unknown = live.call("GET", "/users/Nobody/conversation", "ana").get_json()["error"]
    invalid = live.call("GET", "/conversations?page=x", "ana").get_json()["error"]

    assert unknown["message"] == (
        "The UID nobody does not exist, please make sure you have created a user with UID nobody."
    )
    assert list(unknown) == ["message", "devMessage", "source", "code"]
    assert invalid["message"] == "Failed to validate the data sent with the request."
    assert list(invalid) == ["message", "devMessage", "source", "details", "code"]
