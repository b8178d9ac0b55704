"""Sessions: tokens issued, taken in place of key and caller, ended."""

from __future__ import annotations

import pytest

WITHOUT_KEY = {"key": None}


def logged_in(api, uid="ana"):
    """The headers of a session of the user's."""
    answer = api.post(f"/users/{uid}/auth_tokens", key="auth-only", json={})
    return {"authToken": answer.get_json()["data"]["authToken"]}


def test_a_token_stands_for_key_and_caller(api):
    headers = logged_in(api)

    answer = api.get("/users/bo/conversation", headers=headers, key=None)

    assert answer.get_json()["data"]["unreadMessageCount"] == 3


def test_a_token_is_the_same_in_each_run(open_api, api):
    assert logged_in(api)["authToken"].startswith("ana_")
    assert logged_in(api)["authToken"] != logged_in(api)["authToken"]


@pytest.mark.parametrize("how", ["log out", "revoke one", "revoke all", "erase"])
def test_a_token_ends(api, how):
    headers = logged_in(api)
    token = headers["authToken"]
    calls = {
        "log out": lambda: api.delete("/me", headers=headers, key=None),
        "revoke one": lambda: api.delete(f"/users/ana/auth_tokens/{token}"),
        "revoke all": lambda: api.delete("/users/ana/auth_tokens"),
        "erase": lambda: api.delete("/users/ana", json={"permanent": True}),
    }

    assert calls[how]().status_code == 200

    answer = api.get("/conversations", headers=headers, key=None)
    assert api.refusal(answer) == (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")


def test_of_one_user_100_are_active(api):
    """The oldest give way."""
    first = logged_in(api)
    for _ in range(99):
        logged_in(api)
    assert api.get("/me", headers=first, key=None).status_code == 200

    logged_in(api)

    assert api.get("/me", headers=first, key=None).status_code == 401
    listed = api.get("/users/ana/auth_tokens", query_string={"perPage": 1000}).get_json()
    assert listed["meta"]["pagination"]["total"] == 100


def test_a_token_makes_no_users(api):
    answer = api.post(
        "/users", headers=logged_in(api), key=None, json={"uid": "new", "name": "New"}
    )

    assert api.refusal(answer) == (403, "AUTH_ERR_NO_ACCESS")


def test_an_answer_kept_for_a_session_is_not_given_without_one(api):
    """The cache of answers tells a session from a caller without a key."""
    headers = logged_in(api)
    for _ in range(2):
        assert api.get("/users/bo/conversation", headers=headers, key=None).status_code == 200

    answer = api.get("/users/bo/conversation", as_="ana", key=None)

    assert api.refusal(answer) == (401, "AUTH_ERR_EMPTY_APIKEY")


def test_a_user_is_made_with_a_token(api):
    body = {"uid": "new", "name": "New", "withAuthToken": True}
    token = api.post("/users", json=body).get_json()["data"]["authToken"]

    me = api.get("/me", headers={"authToken": token}, key=None).get_json()["data"]

    assert (me["uid"], me["authToken"]) == ("new", token)


@pytest.mark.parametrize("members", [{}, {"participants": ["bo", "nobody"]}])
def test_a_session_gets_the_results_of_a_new_groups_members_as_the_sdk_reads_them(api, members):
    """E184: under `data`, with all four lists."""
    body = {"guid": "club", "name": "Club", "type": "public", "members": members}
    if not members:
        del body["members"]

    made = api.post("/groups", headers=logged_in(api), key=None, json=body).get_json()["data"]

    results = made["members"]["data"]
    assert set(results) == {"participants", "moderators", "admins", "usersToBan"}
    told = {uid: one["success"] for uid, one in results["participants"].items()}
    assert told == dict(zip(members.get("participants", ()), (True, False), strict=False))
