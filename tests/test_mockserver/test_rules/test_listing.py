"""The list's parameters (List Conversations; readings B12)."""

from __future__ import annotations

import pytest

from duologue.fixtures.builder import world

GROUPS = ["group_new-group", "group_hikers"]
USERS = ["user_bo", "user_dan", "user_cleo"]


@pytest.fixture
def busy(open_api):
    """ana talks with 12 people and in 3 groups, each a minute apart."""
    seeded = world()
    for number in range(12):
        seeded.dm("ana", f"p{number:02}", unread=number % 3)
        if number % 4 == 0:
            seeded.group(f"g{number:02}", members=["ana", f"p{number:02}"], read=1)
    return open_api(seeded.build())


def test_newest_first(busy):
    """1-on-1s and groups mixed, the one updated last first."""
    data = busy.get("/conversations", as_="ana").get_json()["data"]

    times = [each["updatedAt"] for each in data]
    assert len(times) == 15
    assert times == sorted(times, reverse=True)


def test_a_message_moves_a_conversation_to_the_top(busy, clock):
    """Of a user as of a group."""
    clock.now += 60
    busy.send("p03", "users/ana")
    assert busy.names("ana")[0] == "user_p03"
    clock.now += 60
    busy.send("p04", "groups/g04")
    assert busy.names("ana")[:2] == ["group_g04", "user_p03"]


def test_within_a_second_the_later_message_stands_first(busy, clock):
    """Readings B17; users and groups alike, on one page as on several."""
    clock.now += 60
    for sender, where in (
        ("p05", "users/ana"), ("p04", "groups/g04"), ("p03", "users/ana"), ("p07", "users/ana"),
    ):  # fmt: skip
        busy.send(sender, where)

    expected = ["user_p07", "user_p03", "group_g04", "user_p05"]
    assert busy.names("ana")[:4] == expected
    assert busy.names("ana", perPage=2) + busy.names("ana", perPage=2, page=2) == expected


def test_a_deleted_message_keeps_its_place_within_the_second(busy, clock):
    """Readings B17: the order is that of the newest message, deleted or not."""
    clock.now += 60
    busy.send("p05", "users/ana")
    last = busy.send("p01", "users/ana")

    busy.delete(f"/messages/{last}", as_="p01")

    assert busy.names("ana")[:2] == ["user_p01", "user_p05"]


@pytest.mark.parametrize("per_page", [1, 2, 4, 7, 14, 15, 16])
def test_pages_follow_each_other(busy, per_page):
    """The pages together hold every conversation once, in the order of the whole."""
    whole = busy.names("ana")
    pages = -(-15 // per_page)

    behaviours = [
        busy.names("ana", perPage=per_page, page=number) for number in range(1, pages + 1)
    ]

    assert [name for part in behaviours for name in part] == whole
    assert {len(part) for part in behaviours[:-1]} <= {per_page}


@pytest.mark.parametrize(
    ("per_page", "page", "count", "pages"),
    [(4, 1, 4, 4), (4, 4, 3, 4), (15, 1, 15, 1), (4, 5, 0, 4)],
)
def test_pagination_adds_up(busy, per_page, page, count, pages):
    """`meta.pagination` says how many there are, here and in all."""
    query = {"perPage": per_page, "page": page}

    answer = busy.get("/conversations", as_="ana", query_string=query).get_json()

    assert len(answer["data"]) == count
    assert answer["meta"]["pagination"] == {
        "total": 15,
        "count": count,
        "per_page": per_page,
        "current_page": page,
        "total_pages": pages,
    }


def test_a_user_without_conversations(api):
    """An empty list is a success."""
    answer = api.get("/conversations", as_="eve")

    assert answer.status_code == 200
    assert answer.get_json()["data"] == []
    assert answer.get_json()["meta"]["pagination"]["total"] == 0


def test_100_a_page_unless_said(open_api):
    """The default page size."""
    seeded = world()
    for number in range(101):
        seeded.dm("ana", f"p{number:03}")
    api = open_api(seeded.build())

    assert len(api.names("ana")) == 100
    assert len(api.names("ana", page=2)) == 1
    assert len(api.names("ana", perPage=1000)) == 101


@pytest.mark.parametrize(
    "query",
    [
        {"perPage": 1},
        {"perPage": 1000},
        {"page": 1},
        {"page": 2_147_483_647, "perPage": 1000},
    ],
)
def test_bounds_that_are_kept(api, query):
    """The first and the last allowed value."""
    assert api.get("/conversations", as_="ana", query_string=query).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"perPage": 0},
        {"perPage": 1001},
        {"page": 0},
        {"page": -1},
        {"page": 2_147_483_648},
        {"page": 10**30},
        {"perPage": "ten"},
        {"perPage": "+5"},
        {"perPage": "\u0665"},
        {"perPage": "5.0"},
        {"conversationType": "channel"},
        {"unread": "1"},
        {"withTags": "yes"},
        {"tags": "a,,b"},
        {"searchKey": "x" * 101},
    ],
)
def test_values_that_are_refused(api, query):
    """The first values beyond, and anything of another form (readings T13)."""
    answer = api.get("/conversations", as_="ana", query_string=query)

    assert api.refusal(answer) == (400, "ERR_BAD_REQUEST")
    named = {name.split(".")[0] for name in answer.get_json()["error"]["details"]}
    assert named <= set(query)


@pytest.mark.parametrize(("kind", "names"), [("user", USERS), ("group", GROUPS)])
def test_conversation_type(api, kind, names):
    """Only conversations of that type."""
    assert api.names("ana", conversationType=kind) == names


def test_unread(api):
    """Only those with something unread; `false` keeps all."""
    assert api.names("ana", unread="true") == ["user_bo", "group_hikers"]
    assert len(api.names("ana", unread="false")) == 5


def test_unread_looks_past_deleted_messages(api):
    """A conversation whose only unread message was deleted has nothing unread."""
    number = api.send("dan", "users/ana")
    api.delete(f"/messages/{number}", as_="dan")

    assert "user_dan" not in api.names("ana", unread="true")


def test_tags_on_request_only(api):
    """The caller's tags show with `withTags=true` and not else (readings C6)."""
    plain = api.get("/conversations?withTags=false", as_="ana").get_json()["data"]
    shown = api.get("/conversations?withTags=true", as_="ana").get_json()["data"]

    assert not any("tags" in each for each in plain)
    assert shown[-1]["tags"] == ["family", "\U0001f382 birthday"]
    assert all(each["tags"] == [] for each in shown[:-1])


def test_tags_filter(api):
    """Only those with any of the tags, letter for letter; the other party's do not matter."""
    api.put("/groups/hikers/conversation", as_="ana", json={"tags": ["outside", "Fami,ly"]})
    api.put("/users/ana/conversation", as_="bo", json={"tags": ["family"]})

    assert api.names("ana", tags="family") == ["user_cleo"]
    assert api.names("ana", tags="family,outside") == ["group_hikers", "user_cleo"]
    for none in ("Family", "famil", "amily", "fam%", "fami_y", "birthday"):
        assert api.names("ana", tags=none) == []


def test_a_tag_with_a_comma(api):
    """A comma is encoded where it is part of a tag, and as it is where it parts two."""
    api.put("/users/bo/conversation", as_="ana", json={"tags": ["a,b"]})
    api.put("/users/dan/conversation", as_="ana", json={"tags": ["a"]})

    assert api.get("/conversations?tags=a%2Cb,x", as_="ana").get_json()["data"][0][
        "conversationId"
    ] == ("user_bo")
    assert api.names("ana", tags="a,b") == ["user_dan"]


def test_user_and_group_tags(api):
    """Those of the users and groups themselves: shown on request, and to filter by."""
    plain = api.get("/conversations", as_="ana").get_json()["data"]
    query = {"withUserAndGroupTags": "true"}
    shown = api.get("/conversations", as_="ana", query_string=query).get_json()["data"]

    assert not any("tags" in each["conversationWith"] for each in plain)
    found = {each["conversationId"]: each["conversationWith"]["tags"] for each in shown}
    assert found["user_bo"] == ["trail-crew"]
    assert found["group_hikers"] == ["outdoors"]
    assert api.names("ana", userTags="trail-crew,x") == ["user_bo"]
    assert api.names("ana", groupTags="outdoors") == ["group_hikers"]
    assert api.names("ana", userTags="outdoors") == []
    assert api.names("ana", groupTags="trail-crew") == []


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("sunday", ["group_hikers"]),
        ("SUNDAY HIK", ["group_hikers"]),
        ("an", ["user_dan"]),
        ("o", ["user_bo", "user_dan", "user_cleo"]),
        ("%", []),
        ("_", []),
        ("hikers'); --", []),
    ],
)
def test_search_key(api, key, names):
    """Only those with the key in the name of user or group, upper and lower case alike."""
    assert api.names("ana", searchKey=key) == names


def test_filters_hold_together(api):
    """All given filters must hold, and the total is of what is left."""
    query = {"unread": "true", "conversationType": "user", "searchKey": "bo", "perPage": 1}

    answer = api.get("/conversations", as_="ana", query_string=query).get_json()

    assert [each["conversationId"] for each in answer["data"]] == ["user_bo"]
    assert answer["meta"]["pagination"]["total"] == 1


def test_whole_app(api):
    """Without a caller every copy in the app, by its owner first."""
    whole = api.get("/conversations").get_json()

    assert whole["meta"]["pagination"]["total"] == 11
    owners = [each["uid"] for each in whole["data"]]
    assert owners == sorted(owners)
    for caller in ("ana", "bo"):
        mine = [each["conversationId"] for each in whole["data"] if each["uid"] == caller]
        assert mine == api.names(caller)


def test_nobody_elses(api):
    """A caller sees only the own conversations."""
    assert api.names("dan") == ["user_ana"]
