"""When a conversation is there in the live dialect, and who is refused it (readings B1 to B5)."""

from __future__ import annotations

from typing import Any

import pytest

from duologue.fixtures.builder import world

NOT_ACCESSIBLE = (403, "ERR_CONVERSATION_NOT_ACCESSIBLE")


# --- birth (readings B1, B2, B3) ----------------------------------------------------------------

VERBS = [
    ("GET", "", None),
    ("PUT", "", {"tags": ["a"]}),
    ("DELETE", "", None),
    ("POST", "/read", None),
    ("POST", "/delivered", None),
    ("DELETE", "/read", None),
]


@pytest.mark.parametrize(("method", "rest", "body"), VERBS)
def test_no_conversation_is_a_matter_of_access(
    live: Any, method: str, rest: str, body: dict[str, Any] | None
) -> None:
    """B1: 403 before the first message, for both sides, and in a group where nothing happened."""
    for path, who in (
        ("/users/eve/conversation", "ana"),
        ("/users/ana/conversation", "eve"),
        ("/groups/new-group/conversation", "ana"),
    ):
        assert live.refused(method, path + rest, who, json=body) == NOT_ACCESSIBLE


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "name",
    ["ana_user_eve", "bo_user_ana", "user_bo", "bo_user_cleo", "group_new-group", "group_x", "x"],
)
def test_an_id_that_names_nothing_of_the_callers_is_refused(
    live: Any, method: str, name: str
) -> None:
    """B1, B13: none yet, misspelt, as documented, of others, no such group, no such form."""
    assert live.refused(method, f"/conversations/{name}", "ana") == NOT_ACCESSIBLE


def test_an_id_fetches_its_conversation(live: Any) -> None:
    """C1: the id that is shown, in any case, of a user and of a group."""
    for name in live.ids("ana"):
        shown = live.data("GET", f"/conversations/{name.upper()}", "ana")
        assert shown["conversationId"] == name


def test_uids_that_hold_the_joint_are_told_apart(open_live: Any) -> None:
    """C1: a uid may hold _user_ itself, or begin with group_."""
    seeded = world().dm("a_user_b", "a").dm("a", "b").dm("group_a", "b").group("a", members=["b"])
    live = open_live(seeded.message("b", to="a").build())

    for who, name, peer in (
        ("a", "a_user_a_user_b", "a_user_b"),
        ("a_user_b", "a_user_a_user_b", "a"),
        ("a", "a_user_b", "b"),
        ("b", "b_user_group_a", "group_a"),
        ("b", "group_a", "a"),
    ):
        shown = live.data("GET", f"/conversations/{name}", who)
        assert (shown["conversationWith"].get("uid") or shown["conversationWith"]["guid"]) == peer


def test_a_group_begins_with_its_first_message(live: Any, clock: Any) -> None:
    """B2: before it nobody sees it, then everybody does, from that moment on."""
    assert "group_new-group" not in live.ids("ana")
    clock.now += 100
    live.send("bo", "group", "new-group")

    shown = live.data("GET", "/groups/new-group/conversation", "ana")
    assert "group_new-group" in live.ids("ana")
    assert shown["unreadMessageCount"] == "1"
    assert shown["createdAt"] == shown["updatedAt"] == clock.now


def test_a_group_begins_with_its_first_action(live: Any, clock: Any) -> None:
    """B2, B3: a member who is added is told of in the conversation."""
    clock.now += 100
    body = {"participants": ["cleo", "nobody", "ana"]}
    answer = live.data("POST", "/groups/new-group/members", "bo", json=body)["participants"]

    for who in ("ana", "cleo"):
        shown = live.data("GET", "/groups/new-group/conversation", who)
        assert shown["unreadMessageCount"] == "1"
        assert shown["lastMessage"] == answer["cleo"]["data"]
        assert shown["createdAt"] == clock.now
    assert answer["cleo"]["data"]["category"] == "action"
    assert answer["cleo"]["data"]["type"] == "groupMember"
    assert [answer[uid]["success"] for uid in ("cleo", "nobody", "ana")] == [True, False, False]


def test_an_action_says_who_did_what_to_whom(live: Any) -> None:
    """B3: by, on and for, each as it is at that moment."""
    members = "/groups/hikers/members"
    live.data("POST", members, "ana", json={"participants": ["dan"]})
    live.data("DELETE", f"{members}/dan", None)
    live.data("DELETE", f"{members}/cleo", "cleo")
    live.data("POST", members, "cleo", json={"participants": ["cleo"]})

    answer = [
        (data["action"], *(data["entities"][role]["entity"]["uid"] for role in ("by", "on")))
        for data in (row["data"] for row in live.data("GET", "/messages?perPage=100", "ana"))
        if "action" in data
    ]
    assert answer == [
        ("added", "ana", "dan"),
        ("kicked", "app_system", "dan"),
        ("left", "cleo", "cleo"),
        ("joined", "cleo", "cleo"),
    ]


def test_ones_own_action_does_not_count(live: Any) -> None:
    """B3, B4: as one's own message does not."""
    live.data("POST", "/groups/hikers/conversation/read", "ana")
    live.data("POST", "/groups/hikers/members", "ana", json={"participants": ["dan"]})

    assert live.data("GET", "/groups/hikers/conversation", "ana")["unreadMessageCount"] == "0"


def test_an_action_in_a_crowd_leaves_no_trace(open_live: Any) -> None:
    """B5 goes for actions too: the 300th member is told of, the 301st is not."""
    crowd = [f"u{number}" for number in range(299)]
    seeded = world().user("late").user("later").group("crowd", members=crowd)
    live = open_live(seeded.build())
    for uid in ("late", "later"):
        live.data("POST", "/groups/crowd/members", json={"participants": [uid]})

    shown = live.data("GET", "/groups/crowd/conversation", "u0")
    assert shown["unreadMessageCount"] == "1"
    assert shown["lastMessage"]["data"]["entities"]["on"]["entity"]["uid"] == "late"


def test_the_first_message_to_a_crowd_begins_nothing(open_live: Any) -> None:
    """B2, B5: a group that was crowded from its first day has no conversation."""
    crowd = [f"u{number}" for number in range(301)]
    live = open_live(world().group("crowd", members=crowd).build())
    live.send("u0", "group", "crowd")

    assert live.refused("GET", "/groups/crowd/conversation", "u1") == NOT_ACCESSIBLE
    assert live.ids("u1") == []
