"""Users, groups, members and messages: what brings an app into a known state (readings, end)."""

from __future__ import annotations

import pytest

from duologue.mockserver.app import inside
from duologue.mockserver.store import canonical_dump


class TestUsers:
    """Users are made, found, listed, deactivated and erased."""

    def test_made_with_everything(self, api, clock):
        body = {
            "uid": "Gil",
            "name": "Gil Serra",
            "avatar": "https://a.example/g.png",
            "link": "https://a.example/g",
            "role": "moderator",
            "statusMessage": "away",
            "metadata": {"team": {"id": 7}, "é": [None, 1.5]},
            "tags": ["one", "two"],
        }

        made = api.post("/users", json=body).get_json()["data"]

        assert made == body | {"uid": "gil", "status": "offline", "createdAt": clock.now}
        assert api.get("/users/GIL").get_json()["data"] == made

    def test_made_twice(self, api):
        answer = api.post("/users", json={"uid": "BO", "name": "Other"})
        assert api.refusal(answer) == (400, "ERR_UID_ALREADY_EXISTS")

    def test_deactivated(self, api):
        """Nobody finds the user any more, neither do lists; the uid stays taken (readings B16)."""
        answer = api.delete("/users/bo", json={})

        assert answer.get_json()["data"] == {"deactivatedUids": ["bo"]}
        assert api.refusal(api.get("/users/bo")) == (404, "ERR_UID_NOT_FOUND")
        again = api.post("/users", json={"uid": "bo", "name": "Bo"})
        assert api.refusal(again) == (400, "ERR_UID_ALREADY_EXISTS")
        look = api.get("/users/bo/conversation", as_="ana")
        assert api.refusal(look) == (404, "ERR_UID_NOT_FOUND")
        assert "user_bo" not in api.names("ana")
        listed = [each["uid"] for each in api.get("/users").get_json()["data"]]
        assert listed == ["ana", "cleo", "dan", "eve"]

    def test_erased(self, api):
        """Nothing of the user is left on either side; the uid is free."""
        api.delete("/users/bo", json={"permanent": True})

        assert api.refusal(api.get("/users/bo")) == (404, "ERR_UID_NOT_FOUND")
        assert "user_bo" not in api.names("ana")
        members = api.get("/groups/hikers/members").get_json()["data"]
        assert [each["uid"] for each in members] == ["ana", "cleo"]
        assert "owner" not in api.get("/groups/new-group").get_json()["data"]
        said = api.get("/messages").get_json()["data"]
        assert "bo" not in {each["sender"] for each in said} | {each["receiver"] for each in said}
        assert api.post("/users", json={"uid": "bo", "name": "Bo"}).status_code == 200
        assert api.names("bo") == []

    def test_what_an_erased_user_said_in_a_group(self, api):
        """His messages count no more, those of others as before, and the last one is hidden."""
        assert api.unread("ana", "groups/hikers") == 2

        api.delete("/users/bo", json={"permanent": True})

        after = api.conversation("ana", "groups/hikers")
        assert after["unreadMessageCount"] == 1
        assert "lastMessage" not in after
        assert after["conversationWith"]["membersCount"] == 2
        api.send("cleo", "groups/hikers")
        assert api.unread("ana", "groups/hikers") == 2

    @pytest.mark.parametrize(
        ("key", "uids"), [("ch", ["bo"]), ("AN", ["ana", "dan"]), ("cleo", ["cleo"]), ("zz", [])]
    )
    def test_searched(self, api, key, uids):
        listed = api.get("/users", query_string={"searchKey": key}).get_json()["data"]
        assert [each["uid"] for each in listed] == uids

    def test_paged(self, api):
        answer = api.get("/users?perPage=2&page=3").get_json()
        assert [each["uid"] for each in answer["data"]] == ["eve"]
        assert answer["meta"]["pagination"]["total_pages"] == 3


class TestGroups:
    """Groups are made, found, listed and deleted; members join and leave."""

    def test_made_for_the_caller(self, api):
        """The owner is the caller unless another is named, and is the first member."""
        body = {"guid": "Choir", "name": "Choir", "type": "public"}

        made = api.post("/groups", as_="ana", json=body).get_json()["data"]

        assert (made["guid"], made["owner"], made["membersCount"]) == ("choir", "ana", 1)
        member = api.get("/groups/choir/members").get_json()["data"][0]
        assert (member["uid"], member["scope"]) == ("ana", "admin")

    def test_made_by_the_app(self, api):
        """Without owner and caller it has no member yet."""
        body = {"guid": "choir", "name": "Choir", "type": "password", "password": "la"}

        made = api.post("/groups", json=body).get_json()["data"]

        assert made["membersCount"] == 0
        assert "owner" not in made
        assert "password" not in made

    def test_made_without_a_password(self, api):
        answer = api.post("/groups", json={"guid": "c", "name": "C", "type": "password"})
        assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")

    def test_deleted(self, api):
        """Its conversation, its members' copies and its messages go with it."""
        api.delete("/groups/hikers")

        assert api.refusal(api.get("/groups/hikers")) == (404, "ERR_GUID_NOT_FOUND")
        assert "group_hikers" not in api.names("ana")
        assert api.get("/messages/3").status_code == 404
        body = {"guid": "hikers", "name": "New", "type": "public", "owner": "ana"}
        assert api.post("/groups", json=body).status_code == 200
        assert api.unread("ana", "groups/hikers") == 0

    def test_a_new_member_has_nothing_to_read_of_before(self, api):
        """What was said before is not unread, and is shown as the last all the same (B15)."""
        api.post("/groups/hikers/members", json={"participants": ["dan"]})

        conversation = api.conversation("dan", "groups/hikers")

        assert conversation["unreadMessageCount"] == 0
        assert conversation["lastMessage"]["id"] == "8"

    def test_what_comes_after_joining_is_unread(self, api):
        api.post("/groups/hikers/members", json={"participants": ["dan"]})
        api.send("ana", "groups/hikers")

        assert api.unread("dan", "groups/hikers") == 1

    def test_a_deactivated_member_does_not_count(self, api):
        """Neither in the list nor in the number (readings B16)."""
        api.delete("/users/bo", json={})

        members = api.get("/groups/hikers/members").get_json()["data"]
        assert [each["uid"] for each in members] == ["ana", "cleo"]
        assert api.get("/groups/hikers").get_json()["data"]["membersCount"] == 2

    def test_each_uid_has_its_own_result(self, api):
        body = {"admins": ["DAN"], "moderators": ["nobody"], "participants": ["bo", "eve", "eve"]}

        results = api.post("/groups/hikers/members", json=body).get_json()["data"]

        assert results["admins"] == {"dan": {"success": True}}
        assert results["moderators"]["nobody"]["error"]["code"] == "ERR_UID_NOT_FOUND"
        assert results["participants"]["bo"]["error"]["code"] == "ERR_ALREADY_JOINED"
        assert results["participants"]["eve"] == {"success": True}
        members = {
            each["uid"]: each["scope"]
            for each in api.get("/groups/hikers/members").get_json()["data"]
        }
        assert members["dan"] == "admin"
        assert members["eve"] == "participant"

    @pytest.mark.parametrize(("count", "status"), [(25, 200), (26, 400)])
    def test_at_most_25_in_a_call(self, api, count, status):
        uids = [f"p{number}" for number in range(count)]
        answer = api.post("/groups/hikers/members", json={"participants": uids})
        assert answer.status_code == status

    def test_kicked_twice(self, api):
        assert api.delete("/groups/hikers/members/bo").status_code == 200
        again = api.delete("/groups/hikers/members/bo")
        assert api.refusal(again) == (404, "ERR_NOT_A_MEMBER")

    def test_joining_again_starts_afresh(self, api):
        """A membership that ended has left nothing behind."""
        api.put("/groups/hikers/conversation", as_="ana", json={"tags": ["t"]})
        api.delete("/groups/hikers/members/ana")
        api.post("/groups/hikers/members", json={"participants": ["ana"]})

        conversation = api.conversation("ana", "groups/hikers")

        assert conversation["tags"] == []
        assert conversation["unreadMessageCount"] == 0  # all was said before (readings B15)


class TestMessages:
    """Messages are sent, found, listed and deleted."""

    def test_metadata_is_kept(self, api):
        data = {"text": "Hello", "metadata": {"a": [1, {"b": None}]}}
        body = {"receiver": "bo", "receiverType": "user", "data": data}

        sent = api.post("/messages", as_="ana", json=body).get_json()["data"]

        assert {name: sent["data"][name] for name in data} == data

    def test_each_side_names_the_conversation_its_own_way(self, api):
        number = api.send("ana", "users/bo")

        for viewer, name in (("ana", "user_bo"), ("bo", "user_ana"), (None, "user_bo")):
            seen = api.get(f"/messages/{number}", as_=viewer).get_json()["data"]
            assert seen["conversationId"] == name

    @pytest.mark.parametrize(
        ("receiver", "kind", "code"),
        [("nobody", "user", "ERR_UID_NOT_FOUND"), ("nowhere", "group", "ERR_GUID_NOT_FOUND")],
    )
    def test_to_nobody(self, api, receiver, kind, code):
        body = {"receiver": receiver, "receiverType": kind, "data": {"text": "x"}}
        assert api.refusal(api.post("/messages", as_="ana", json=body)) == (404, code)

    def test_by_a_stranger_to_the_group(self, api):
        body = {"receiver": "hikers", "receiverType": "group", "data": {"text": "x"}}
        answer = api.post("/messages", as_="dan", json=body)
        assert api.refusal(answer) == (401, "ERR_GROUP_NOT_JOINED")

    @pytest.mark.parametrize(("viewer", "status"), [("ana", 200), ("bo", 200), ("cleo", 403)])
    def test_seen_by_its_parties(self, api, viewer, status):
        number = api.send("ana", "users/bo")
        assert api.get(f"/messages/{number}", as_=viewer).status_code == status

    @pytest.mark.parametrize(("viewer", "status"), [("cleo", 200), ("dan", 403)])
    def test_seen_by_members(self, api, viewer, status):
        number = api.send("ana", "groups/hikers")
        assert api.get(f"/messages/{number}", as_=viewer).status_code == status

    def test_deleted_by_its_sender_alone(self, api):
        number = api.send("ana", "users/bo")
        answer = api.delete(f"/messages/{number}", as_="bo")
        assert api.refusal(answer) == (403, "ERR_MESSAGE_NO_ACCESS")

    def test_a_deleted_message_loses_its_content(self, api, clock):
        number = api.send("ana", "users/bo", "secret")
        api.delete(f"/messages/{number}", as_="ana")

        seen = api.get(f"/messages/{number}", as_="bo").get_json()["data"]

        assert set(seen["data"]) == {"entities"}
        assert (seen["deletedAt"], seen["deletedBy"]) == (clock.now, "ana")

    def test_one_deleted_for_good_is_found_no_more(self, api):
        number = api.send("ana", "users/bo")
        api.delete(f"/messages/{number}", as_="ana", json={"permanent": True})

        assert api.refusal(api.get(f"/messages/{number}")) == (404, "ERR_MESSAGE_ID_NOT_FOUND")

    def test_listed_for_a_caller(self, api):
        """A caller lists the messages of the own conversations, oldest first."""
        answer = api.get("/messages", as_="dan").get_json()
        assert [each["id"] for each in answer["data"]] == ["5", "6"]
        assert answer["meta"]["pagination"]["total"] == 2

    def test_to_oneself(self, api):
        """A note to oneself is a conversation with one party, and never unread."""
        api.send("eve", "users/eve")
        api.send("eve", "users/eve")

        assert api.names("eve") == ["user_eve"]
        assert api.unread("eve", "users/eve") == 0


def test_what_a_run_makes_and_removes_leaves_no_trace(api):
    """Users and groups made, used and erased: the state is what it was."""
    run = inside(api.app).store.reading()
    before = canonical_dump.take(run)
    for uid in ("t1", "t2"):
        api.post("/users", json={"uid": uid, "name": uid})
    body = {"guid": "tg", "name": "T", "type": "public", "owner": "t1"}
    api.post("/groups", json=body)
    api.post("/groups/tg/members", json={"participants": ["t2", "ana"]})
    api.send("t1", "users/ana")
    api.send("t2", "groups/tg")
    api.delete(f"/messages/{api.send('t1', 'users/t2')}", as_="t1")
    api.put("/users/t1/conversation", as_="ana", json={"tags": ["x"]})
    assert canonical_dump.differences(before, canonical_dump.take(run)) != []

    api.delete("/groups/tg")
    for uid in ("t1", "t2"):
        api.delete(f"/users/{uid}", json={"permanent": True})

    assert canonical_dump.differences(before, canonical_dump.take(run)) == []
