"""The journal: the last requests and their answers."""

from __future__ import annotations

import re

import pytest

from duologue.mockserver.control.journal import journal


def test_a_request_and_its_answer(control, clock):
    """Everything except the key."""
    answer = control.api.put("/users/bo/conversation", as_="ana", json={"tags": ["é"]})

    [entry] = control.get("journal")
    assert entry["id"] == answer.headers["X-Request-Id"]
    assert entry["at"] == clock.now
    assert (entry["method"], entry["path"], entry["query"]) == (
        "PUT",
        "/v3/users/bo/conversation",
        "",
    )
    assert (entry["operation"], entry["caller"]) == ("updateUserConversation", "ana")
    assert (entry["status"], entry["code"], entry["reason"], entry["clause"]) == (
        200,
        None,
        None,
        None,
    )
    assert (entry["dialect"], entry["faults"]) == ("documented", [])
    assert entry["duration_ms"] > 0
    assert entry["request"]["body"] == {"tags": ["é"]}
    assert entry["request"]["headers"]["Content-Type"] == "application/json"
    assert entry["response"]["body"] == answer.get_json()
    assert entry["response"]["headers"]["X-Request-Id"] == entry["id"]
    alone = control.get(f"journal/{entry['id']}")
    assert alone["request"].pop("sent") == '{"tags": ["\\u00e9"]}'
    assert alone == entry


@pytest.mark.parametrize(
    ("raw", "sent"),
    [(b'{"n": 12345678901234567890}', '{"n": 12345678901234567890}'), (b"\xff", None)],
)
def test_one_request_has_its_body_as_it_was_sent(control, raw, sent):
    """As JSON a number may lose digits on its way through a browser."""
    control.api.client.put("/v3/users/bo/conversation", data=raw)
    [entry] = control.get("journal")

    assert control.get(f"journal/{entry['id']}")["request"]["sent"] == sent


def test_a_path_is_shown_as_it_was_written(control):
    control.api.client.get("/v3/users/%C3%BCn%C3%AF")
    [entry] = control.get("journal")

    assert entry["path"] == "/v3/users/ünï"


@pytest.mark.parametrize("key", ["mock-api-key", "auth-only", "somebody-elses-real-key"])
def test_no_key_is_kept(control, key):
    """An unknown key may be a real one that was sent here by mistake."""
    control.api.get("/users", key=key)

    assert key not in control.ask("GET", "journal").get_data(as_text=True)
    assert "somebody-elses-real-key" not in repr(list(control.controls.journal))


REFUSALS = [
    ("GET", "/users/nobody/conversation", "ana", "errors.uid-not-found", "No user has this uid"),
    ("GET", "/users/bo/conversation", "nobody", "errors.caller-not-found", "No user has this uid"),
    ("GET", "/users/eve/conversation", "ana", "errors.conversation-not-found", "conversation"),
    (
        "GET",
        "/groups/nowhere/conversation",
        "ana",
        "errors.guid-not-found",
        "No group has this guid",
    ),
    ("GET", "/groups/hikers/conversation", "eve", "access.members-only", "member"),
    ("GET", "/users/bo/conversation", None, "access.caller-required", "onBehalfOf: "),
    ("GET", "/conversations?perPage=0", "ana", "listing.page-size-bounds", "perPage: 0 is less"),
    (
        "GET",
        "/conversations?unread=maybe",
        "ana",
        "errors.malformed-input",
        "unread: ",
    ),
    ("GET", "/nowhere", "ana", "access.unknown-path", "No operation has this path"),
    ("PATCH", "/conversations", "ana", "access.wrong-method", "The path exists"),
]


@pytest.mark.parametrize(("method", "path", "caller", "clause", "reason"), REFUSALS)
def test_a_refusal_has_its_reason(control, method, path, caller, clause, reason):
    """The rule and its clause, the same each time."""
    for _ in range(2):
        control.api.call(method, path, as_=caller)

    for entry in control.get("journal"):
        assert entry["code"] == entry["response"]["body"]["error"]["code"]
        assert entry["clause"] == clause
        assert reason in entry["reason"]
        assert not re.search(r"[a-z]+_[a-z]+|[a-z]\.[a-z]", entry["reason"])  # no name of our code


@pytest.mark.parametrize(
    ("tags", "clause"),
    [
        (["t"] * 26, "key-behaviors.at-most-25-tags"),
        (["t" * 101], "key-behaviors.tags-up-to-100-characters"),
        ([""], "errors.malformed-input"),
    ],
)
def test_limits_of_tags_have_clauses_of_their_own(control, tags, clause):
    """Each documented limit has its own clause."""
    control.api.put("/users/bo/conversation", as_="ana", json={"tags": tags})

    assert control.get("journal")[0]["clause"] == clause


@pytest.mark.parametrize(
    ("key", "clause"),
    [
        (None, "access.key-required"),
        ("x", "access.key-known"),
        ("auth-only", "access.key-scope"),
    ],
)
def test_keys_that_open_nothing(control, key, clause):
    """By the reason of the refusal."""
    control.api.get("/users", key=key)

    assert control.get("journal")[0]["clause"] == clause


def test_it_is_filtered(control):
    """By operation, caller and status; `limit` keeps the newest."""
    control.api.get("/users/bo/conversation", as_="ana")
    control.api.get("/users/ana/conversation", as_="bo")
    control.api.get("/users/zoe/conversation", as_="bo")
    control.api.get("/conversations", as_="bo")

    def paths(query):
        return [entry["path"].removeprefix("/v3") for entry in control.get(f"journal?{query}")]

    assert paths("caller=ana") == ["/users/bo/conversation"]
    assert paths("operation=listConversations") == ["/conversations"]
    assert paths("status=404") == paths("status=4xx") == ["/users/zoe/conversation"]
    assert paths("status=2xx&caller=bo") == ["/users/ana/conversation", "/conversations"]
    assert paths("limit=1") == ["/conversations"]
    assert paths("limit=1&status=2xx&caller=bo") == ["/conversations"]
    assert len(paths("limit=500")) == 4


def test_entries_after_a_request(control):
    """After a request, or everything if it is no longer kept."""
    first = control.api.get("/users").headers["X-Request-Id"]
    control.api.get("/groups")

    assert [entry["path"] for entry in control.get(f"journal?since={first}")] == ["/v3/groups"]
    assert len(control.get("journal?since=long-gone")) == 2


def test_bodies_may_be_left_out(control):
    """To keep the list short."""
    control.api.get("/users")

    [entry] = control.get("journal?bodies=false")
    assert "body" not in entry["request"] | entry["response"]


def test_it_keeps_the_last(control):
    """A limited number of entries, and fewer large answers."""
    for _ in range(journal.KEPT + 1):
        control.api.client.options("/v3/users")
    first, *_, last = control.get("journal")
    assert len(control.get("journal")) == journal.KEPT
    assert int(last["id"].partition("-")[2]) - int(first["id"].partition("-")[2]) == 499


def test_large_answers_go_before_their_entries(control, monkeypatch):
    """Their bodies and explanations are no longer available."""
    monkeypatch.setattr(journal, "LARGE_BYTES", 100)
    size = len(control.api.get("/users").data)
    control.delete("journal")
    monkeypatch.setattr(journal, "JOURNAL_BYTES", 2 * size)
    ids = [control.api.get("/users").headers["X-Request-Id"] for _ in range(3)]

    gone, *kept = control.get("journal")
    assert "text" in gone["response"]["body"]
    assert all("data" in entry["response"]["body"] for entry in kept)
    assert control.refused("GET", f"why/{ids[0]}")[0] == 409
    assert control.get(f"why/{ids[1]}")["exact"]


def test_it_is_cleared(control):
    """By a call and by a reset."""
    for path, how in (("journal", control.delete), ("reset", control.post)):
        control.api.get("/users")
        how(path)
        assert control.get("journal") == []


def test_calls_of_the_control_plane_are_no_part_of_it(control):
    """It holds only calls of the API."""
    control.get("clock")

    assert control.get("journal") == []


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"", None),
        (b'{"a": 1}', {"a": 1}),
        (b"plain", {"text": "plain"}),
        (b"\xff\xfe", {"bytes": 2}),
    ],
)
def test_bodies_that_are_no_json(control, body, shown):
    """As text, or as a number of bytes."""
    control.api.post("/messages", as_="ana", data=body, content_type="application/json")

    assert control.get("journal")[0]["request"]["body"] == shown


def test_a_refusal_keeps_no_traceback(control):
    """A kept problem has no traceback, which would keep the request in memory."""
    control.api.get("/users/nobody")

    [entry] = control.controls.journal
    assert entry.problem.__traceback__ is None
    assert entry.raised_in.co_name == "user"


def test_a_failed_request_is_listed(control):
    """With its operation, like any other."""
    control.put("faults", {"faults": ["get-user-fails"]})
    control.api.get("/users/bo/conversation", as_="ana")

    [entry] = control.get("journal")
    assert (entry["status"], entry["operation"]) == (500, "getUserConversation")
    assert entry["faults"] == ["get-user-fails"]
