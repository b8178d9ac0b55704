"""What marks, reset and delete do in the live dialect (readings B6 to B14)."""

from __future__ import annotations

from typing import Any

import pytest

NOT_ACCESSIBLE = (403, "ERR_CONVERSATION_NOT_ACCESSIBLE")


# --- marks, reset, delete (readings B6 to B10) --------------------------------------------------


@pytest.mark.parametrize("verb", ["read", "delivered"])
def test_two_operations_spell_message_with_a_capital(live: Any, verb: str) -> None:
    """E32: of users, not of groups."""
    of_user = live.data("POST", f"/users/bo/conversation/{verb}", "ana")
    of_group = live.data("POST", f"/groups/hikers/conversation/{verb}", "ana")

    assert of_user.keys() == {"success", "Message"}
    assert of_group.keys() == {"success", "message"}


@pytest.mark.parametrize("path", ["/users/bo/conversation", "/groups/hikers/conversation"])
def test_unread_answers_with_the_conversation_too(live: Any, path: str) -> None:
    """B8: the word of success as published, and the conversation that the vendor's SDK reads."""
    live.data("POST", f"{path}/read", "ana")
    answer = live.data(
        "DELETE", f"{path}/read", "ana", json={"messageId": "7"} if "g" in path else {}
    )

    assert answer["success"] is True
    assert answer["conversation"] == live.data("GET", path, "ana")
    assert answer["conversation"]["unreadMessageCount"] == "1"


@pytest.mark.parametrize(
    ("path", "peer"), [("/users/bo/conversation", "user"), ("/groups/hikers/conversation", "group")]
)
def test_a_reset_hides_until_the_next_message(live: Any, path: str, peer: str) -> None:
    """B9: out of the caller's view and of nobody else's; what comes next brings it back."""
    name, to = {"user": ("ana_user_bo", "ana"), "group": ("group_hikers", "hikers")}[peer]
    live.data("DELETE", path, "ana")

    assert live.refused("GET", path, "ana") == NOT_ACCESSIBLE
    assert live.refused("GET", f"/conversations/{name}", "ana") == NOT_ACCESSIBLE
    assert name not in live.ids("ana")
    assert name in live.ids("bo")
    live.send("bo", peer, to)
    assert live.data("GET", path, "ana")["unreadMessageCount"] == "1"


def test_a_reset_may_be_repeated(live: Any) -> None:
    """B14: idempotent, while a conversation that never was is refused."""
    for _ in range(2):
        assert live.data("DELETE", "/users/bo/conversation", "ana")["success"] is True

    assert live.refused("DELETE", "/users/eve/conversation", "ana") == NOT_ACCESSIBLE


def test_a_reset_may_remove_the_messages(live: Any) -> None:
    """B9: with deleteMessagesPermanently they are gone for good."""
    body = {"deleteMessagesPermanently": True}
    live.data("DELETE", "/users/bo/conversation", "ana", json=body)

    assert live.refused("GET", "/messages/11", "ana") == (404, "ERR_MESSAGE_ID_NOT_FOUND")
    assert "lastMessage" not in live.data("GET", "/users/ana/conversation", "bo")


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("ana_user_bo", {"bo": "/users/ana/conversation"}),
        ("group_hikers", dict.fromkeys(("bo", "cleo"), "/groups/hikers/conversation")),
    ],
)
def test_the_deprecated_delete_is_for_everybody(
    live: Any, name: str, others: dict[str, str]
) -> None:
    """B10: all parties lose it; the next message brings it back to all."""
    live.data("DELETE", f"/conversations/{name}", "ana")

    for who, path in others.items():
        assert live.refused("GET", path, who) == NOT_ACCESSIBLE
        assert name not in live.ids(who)
    live.send(*("bo", "user", "ana") if "user" in name else ("cleo", "group", "hikers"))
    assert all(name in live.ids(who) for who in ("ana", *others))
