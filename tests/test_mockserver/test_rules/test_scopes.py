"""Who may do what in a group, and who may write to whom (readings B22, B23)."""

from __future__ import annotations

from typing import Any

import pytest

UIDS = ["own", "adm", "adm2", "mod", "mod2", "par", "par2", "out"]
CLEARANCE = (403, "ERR_GROUP_NO_CLEARANCE")
SCOPE_CLEARANCE = (403, "ERR_GROUP_NO_SCOPE_CLEARANCE")
MODERATOR = (403, "ERR_GROUP_NO_MODERATOR_SCOPE")
ADMIN = (403, "ERR_GROUP_NO_ADMIN_SCOPE")
STRANGER = (401, "ERR_GROUP_NOT_JOINED")


@pytest.fixture
def club(api) -> Any:
    """The API, with the group `club`: an owner, and two members of each scope."""
    for uid in UIDS:
        api.post("/users", json={"uid": uid, "name": uid})
    members = {
        "admins": ["adm", "adm2"],
        "moderators": ["mod", "mod2"],
        "participants": ["par", "par2"],
    }
    body = {"guid": "club", "name": "Club", "type": "private", "owner": "own", "members": members}
    assert api.post("/groups", json=body).get_json()["data"]["membersCount"] == 7
    return api


def outcome(api, answer) -> Any:
    return 200 if answer.status_code == 200 else api.refusal(answer)


KICKS = [
    ("own", "adm", 200), ("own", "mod", 200), ("own", "par", 200),
    ("adm", "own", CLEARANCE), ("adm", "adm2", CLEARANCE), ("adm", "mod", 200), ("adm", "par", 200),
    ("mod", "own", CLEARANCE), ("mod", "adm", CLEARANCE), ("mod", "mod2", CLEARANCE),
    ("mod", "par", 200),
    ("par", "own", CLEARANCE), ("par", "mod", CLEARANCE), ("par", "par2", CLEARANCE),
    ("out", "par", STRANGER), (None, "own", 200),
]  # fmt: skip


@pytest.mark.parametrize(("caller", "member", "expected"), KICKS)
def test_one_kicks_and_bans_who_stands_below(club, caller, member, expected):
    assert outcome(club, club.delete(f"/groups/club/members/{member}", as_=caller)) == expected


@pytest.mark.parametrize(("caller", "member", "expected"), KICKS)
def test_a_ban_wants_what_a_kick_wants(club, caller, member, expected):
    assert outcome(club, club.post(f"/groups/club/bannedusers/{member}", as_=caller)) == expected


@pytest.mark.parametrize(
    ("caller", "member", "scope", "expected"),
    [
        ("own", "adm", "participant", 200),
        ("own", "par", "admin", 200),
        ("adm", "mod", "admin", 200),
        ("adm", "adm2", "participant", SCOPE_CLEARANCE),
        ("adm", "own", "participant", SCOPE_CLEARANCE),
        ("mod", "par", "moderator", 200),
        ("mod", "par", "admin", SCOPE_CLEARANCE),
        ("mod", "mod2", "participant", SCOPE_CLEARANCE),
        ("par", "par2", "participant", SCOPE_CLEARANCE),
        ("par", "par", "admin", SCOPE_CLEARANCE),
        ("out", "par", "moderator", STRANGER),
        (None, "own", "participant", 200),
    ],
)
def test_one_gives_scopes_up_to_the_own_to_who_stands_below(club, caller, member, scope, expected):
    answer = club.put(f"/groups/club/members/{member}", as_=caller, json={"scope": scope})

    assert outcome(club, answer) == expected


WANTED = {
    "change": (lambda api, as_: api.put("/groups/club", as_=as_, json={"name": "C"}), MODERATOR),
    "lift a ban": (lambda api, as_: api.delete("/groups/club/bannedusers/out", as_=as_), MODERATOR),
    "add": (
        lambda api, as_: api.post("/groups/club/members", as_=as_, json={"participants": ["ana"]}),
        MODERATOR,
    ),
    "add by put": (
        lambda api, as_: api.put("/groups/club/members", as_=as_, json={"participants": ["ana"]}),
        MODERATOR,
    ),
    "ban in the same call": (
        lambda api, as_: api.post("/groups/club/members", as_=as_, json={"usersToBan": ["ana"]}),
        MODERATOR,
    ),
    "delete": (lambda api, as_: api.delete("/groups/club", as_=as_), ADMIN),
}


@pytest.mark.parametrize("deed", list(WANTED))
def test_what_a_scope_lets_one_do(club, deed):
    do, refused = WANTED[deed]
    club.post("/groups/club/members", json={"usersToBan": ["out"]})

    below = [outcome(club, do(club, uid)) for uid in ("out", "par")]
    moderator = outcome(club, do(club, "mod")) if refused is ADMIN else None
    may = outcome(club, do(club, "adm" if refused is ADMIN else "mod"))

    assert (below, moderator, may) == ([STRANGER, refused], ADMIN if moderator else None, 200)


@pytest.mark.parametrize(("caller", "expected"), [("mod", SCOPE_CLEARANCE), ("adm", 200)])
def test_nobody_adds_above_the_own_scope(club, caller, expected):
    answer = club.post("/groups/club/members", as_=caller, json={"admins": ["ana"]})

    assert outcome(club, answer) == expected


def test_a_ban_among_others_fails_alone(club):
    """One that fails stops no other."""
    body = {"usersToBan": ["adm"], "participants": ["ana"]}

    results = club.post("/groups/club/members", as_="mod", json=body).get_json()["data"]

    assert results["usersToBan"]["adm"]["error"]["code"] == "ERR_GROUP_NO_CLEARANCE"
    assert results["participants"]["ana"]["success"] is True


@pytest.mark.parametrize(
    ("caller", "expected"),
    [("own", 200), ("adm", SCOPE_CLEARANCE), ("par", SCOPE_CLEARANCE), (None, 200)],
)
def test_a_group_is_handed_over_by_its_owner(club, caller, expected):
    answer = club.call("PATCH", "/groups/club/owner", as_=caller, json={"owner": "par"})

    assert outcome(club, answer) == expected


@pytest.mark.parametrize(("caller", "expected"), [("own", 200), ("mod", SCOPE_CLEARANCE)])
def test_a_change_that_names_another_owner_hands_over(club, caller, expected):
    answer = club.put("/groups/club", as_=caller, json={"owner": "par", "name": "Club"})

    assert outcome(club, answer) == expected


def test_a_change_that_names_the_owner_as_it_is(club):
    """As the SDK sends it, with everything that it knows of the group."""
    answer = club.put("/groups/club", as_="mod", json={"owner": "own", "name": "Club"})

    assert answer.status_code == 200


def test_a_group_without_owner_is_handed_over_by_an_admin(club):
    club.delete("/users/own", json={"permanent": True})

    answer = club.call("PATCH", "/groups/club/owner", as_="adm", json={"owner": "par"})
    assert answer.status_code == 200


class TestJoining:
    """By a body that names nobody, or oneself alone."""

    @pytest.mark.parametrize("body", [{}, {"participants": ["out"]}])
    def test_a_private_group_is_joined_by_nobody(self, club, body):
        answer = club.post("/groups/club/members", as_="out", json=body)

        assert club.refusal(answer) == (403, "ERR_GROUP_JOIN_NOT_ALLOWED")

    @pytest.mark.parametrize("listed", ["moderators", "admins", "usersToBan"])
    def test_nobody_joins_in_a_scope_of_choice(self, club, listed):
        answer = club.post("/groups/club/members", as_="out", json={listed: ["out"]})

        assert club.refusal(answer) == STRANGER

    @pytest.mark.parametrize("body", [{}, {"participants": ["dan"]}])
    def test_a_public_group_is_joined(self, api, body):
        assert api.post("/groups/hikers/members", as_="dan", json=body).status_code == 200

        members = api.get("/groups/hikers/members").get_json()["data"]
        assert ("dan", "participant") in [(each["uid"], each["scope"]) for each in members]

    def test_a_group_with_a_password_is_joined_by_it(self, api):
        body = {"guid": "pass", "name": "P", "type": "password", "password": "la"}
        api.post("/groups", as_="ana", json=body)
        path, alone = "/groups/pass/members", {"participants": ["dan"]}

        refused = [api.post(path, as_="dan", json=body) for body in ({}, alone)]
        joined = api.post(path, as_="dan", json=alone | {"password": "la"})

        assert [api.refusal(one) for one in refused] == [(400, "ERR_WRONG_GROUP_PASS")] * 2
        assert joined.status_code == 200

    @pytest.mark.parametrize("body", [{}, {"participants": ["dan"]}])
    def test_who_is_banned_lifts_no_ban_by_joining(self, api, body):
        api.post("/groups/hikers/bannedusers/dan")

        answer = api.post("/groups/hikers/members", as_="dan", json=body)
        assert api.refusal(answer) == (403, "ERR_BANNED_GROUPMEMBER")

    def test_a_member_joins_no_second_time(self, api):
        answer = api.post("/groups/hikers/members", as_="bo", json={"guid": "hikers"})

        assert api.refusal(answer) == (417, "ERR_ALREADY_JOINED")


@pytest.mark.parametrize("path", ["/groups/club/members", "/groups/club/members/own"])
def test_the_owner_leaves_after_handing_over(club, path):
    answer = club.delete(path, as_="own")
    club.call("PATCH", "/groups/club/owner", as_="own", json={"owner": "adm"})

    assert club.refusal(answer) == (403, "ERR_OWNER_EXIT_FORBIDDEN")
    assert club.delete(path, as_="own").status_code == 200


@pytest.mark.parametrize("caller", ["own", None])
@pytest.mark.parametrize("method", ["DELETE", "PUT"])
def test_who_is_banned_is_no_member_to_kick(club, method, caller):
    """E138."""
    club.post("/groups/club/bannedusers/par")

    answer = club.call(method, "/groups/club/members/par", as_=caller, json={"scope": "moderator"})
    assert club.refusal(answer) == (403, "ERR_BANNED_GROUPMEMBER")


def test_a_put_that_names_nobody_adds_nobody(club):
    """As the SDK's addMembersToGroup sends it with empty lists; it joins with POST (E178)."""
    results = club.put("/groups/club/members", as_="own", json={}).get_json()["data"]

    assert results == {"participants": {}, "moderators": {}, "admins": {}, "usersToBan": {}}


class TestMessages:
    """In a group, moderators and admins edit and delete what others have sent."""

    @pytest.mark.parametrize("method", ["PUT", "DELETE"])
    @pytest.mark.parametrize(
        ("caller", "status"),
        [("own", 200), ("adm", 200), ("mod", 200), ("par", 200), ("par2", 403), ("out", 403)],
    )
    def test_of_a_participant(self, club, caller, status, method):
        number = club.send("par", "groups/club")

        answer = club.call(
            method, f"/messages/{number}", as_=caller, json={"data": {"text": "Better"}}
        )
        assert answer.status_code == status
        if status == 403:
            assert club.refusal(answer) == (403, "ERR_MESSAGE_NO_ACCESS")

    def test_who_did_it_is_told(self, club):
        number = club.send("par", "groups/club")
        club.delete(f"/messages/{number}", as_="mod")

        assert club.get(f"/messages/{number}").get_json()["data"]["deletedBy"] == "mod"

    def test_a_deleted_one_is_edited_by_nobody(self, club):
        number = club.send("par", "groups/club")
        club.delete(f"/messages/{number}", as_="par")

        for caller in ("par", "own"):
            answer = club.put(f"/messages/{number}", as_=caller, json={"data": {"text": "Back"}})
            assert club.refusal(answer) == (403, "ERR_MESSAGE_NO_ACCESS")


TO_BO = {"receiver": "bo", "receiverType": "user", "data": {"text": "Hello"}}


class TestBlocked:
    """Who has blocked somebody does not write to them."""

    def test_who_has_blocked(self, api):
        api.post("/users/ana/blockedusers", json={"blockedUids": ["bo"]})

        answer = api.post("/messages", as_="ana", json=TO_BO)
        assert api.refusal(answer) == (403, "ERR_BLOCKED_RECEIVER")

    def test_in_a_thread(self, api):
        number = api.send("bo", "users/ana")
        api.post("/users/ana/blockedusers", json={"blockedUids": ["bo"]})

        answer = api.post(f"/messages/{number}/thread", as_="ana", json=TO_BO)
        assert api.refusal(answer) == (403, "ERR_BLOCKED_RECEIVER")

    def test_who_is_blocked(self, api):
        api.post("/users/bo/blockedusers", json={"blockedUids": ["ana"]})

        assert api.post("/messages", as_="ana", json=TO_BO).status_code == 200

    def test_once_unblocked(self, api):
        api.post("/users/ana/blockedusers", json={"blockedUids": ["bo"]})
        api.delete("/users/ana/blockedusers", json={"blockedUids": ["bo"]})

        assert api.post("/messages", as_="ana", json=TO_BO).status_code == 200

    def test_nobody_blocks_themselves(self, api):
        body = {"blockedUids": ["ana"]}

        results = api.post("/users/ana/blockedusers", json=body).get_json()["data"]

        assert results["ana"]["success"] is False
        assert api.send("ana", "users/ana")

    def test_a_group_of_the_same_id(self, api):
        """A user and a group of one id have nothing to do with each other (B20)."""
        api.post("/groups", as_="ana", json={"guid": "bo", "name": "Bo", "type": "public"})
        api.post("/users/ana/blockedusers", json={"blockedUids": ["bo"]})

        answer = api.post("/messages", as_="ana", json=TO_BO | {"receiverType": "group"})
        assert answer.status_code == 200


@pytest.mark.parametrize("operation", ["POST", "PUT"])
def test_an_app_makes_and_changes_users_with_its_auth_key(api, operation):
    """E156: the SDK's createUser and updateUser are given that key."""
    path = "/users" if operation == "POST" else "/users/bo"

    answer = api.call(operation, path, key="auth-only", json={"uid": "new", "name": "New"})

    assert answer.get_json()["data"]["name"] == "New"
