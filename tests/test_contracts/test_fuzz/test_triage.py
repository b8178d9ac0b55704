"""Triage of check failures: the clause that each breaks, and one finding for each cause."""

import json

import pytest

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue import openapi
from duologue.contracts.clause import ALL_OPERATIONS, REGISTRY
from duologue.contracts.fuzz.suppressions import SUPPRESSIONS, suppressed
from duologue.contracts.fuzz.triage import (
    AUTH_CLAUSES,
    DOCUMENT_CLAUSE,
    FindingsByCause,
    clause_of,
    root_causes,
)
from duologue.contracts.fuzz.types import CheckFailure, GeneratedRequest
from duologue.contracts.http.response_schemas import SPEAK_OF_SHAPE, ResponseSchemas, shapes
from duologue.contracts.http.transport import read

REFUSAL = {"error": {"code": "ERR_BAD_REQUEST", "message": "no"}}
WITH_BO = {
    "conversationId": "user_bo",
    "conversationType": "user",
    "unreadMessageCount": 3,
    "conversationWith": {"uid": "bo", "name": "Bo"},
    "createdAt": 1,
    "updatedAt": 2,
}


def failure(
    kind,
    status=200,
    body=None,
    *,
    operation="getUserConversation",
    sent=None,
    query="",
    negative=False,
    declared=True,
    detail="",
    headers=(("content-type", "application/json"),),
    **facts,
):
    content = None if sent is None else json.dumps(sent).encode()
    url = "http://target/v3/x" + (f"?{query}" if query else "")
    request = GeneratedRequest(operation, "GET", url, {"apikey": "k"}, content, declared=declared)
    text = body if isinstance(body, bytes) else json.dumps(body or {"data": {}}).encode()
    return CheckFailure(
        kind, detail, negative, request, read(status, dict(headers), content=text), facts
    )


def tags(*some):
    return {"operation": "updateUserConversation", "sent": {"tags": list(some)}}


# For each entry of the table of what is tolerated, in its order: one complaint that it lets pass,
# and its neighbour, which is judged.
PAIRS = [
    (
        failure("JsonSchemaError", 429, {"error": "slow down"}),
        failure("JsonSchemaError", 400, {"error": "slow down"}),
    ),
    (
        failure("IgnoredAuth", detail="Expected 401 or 403, got `429 Too Many Requests`"),
        failure("IgnoredAuth", detail="Expected 401 or 403, got `200 OK`"),
    ),
    (
        failure("UndefinedContentType", 414, b"<html>"),
        failure("UndefinedContentType", 400, b"<html>"),
    ),
    (failure("UndefinedStatusCode", 502), failure("UndefinedStatusCode", 202)),
    (
        failure("AcceptedNegativeData", query="tags=", negative=True),
        failure("AcceptedNegativeData", **tags(*"abcdefghijklmnopqrstuvwxyz"), negative=True),
    ),
    (
        failure("JsonSchemaError", 200, {"data": {**WITH_BO, "tags": [1]}}, **tags(1)),
        failure("JsonSchemaError", 200, {"data": {**WITH_BO, "tags": [1]}}, **tags("1")),
    ),
    (
        failure("RejectedPositiveData", 400, REFUSAL, **tags("\u200b")),
        failure("RejectedPositiveData", 400, REFUSAL, **tags("\N{SEEDLING}")),
    ),
    (
        failure("UnsupportedMethodResponse", 405, REFUSAL, declared=False),
        failure("UnsupportedMethodResponse", 200, declared=False),
    ),
    (
        failure("UseAfterFree", 200, free="DELETE /users/{uid}/conversation"),
        failure("UseAfterFree", 200, free="POST /users/{uid}/conversation/read"),
    ),
    (
        failure("EnsureResourceAvailability", 404, REFUSAL),
        failure("EnsureResourceAvailability", 410, REFUSAL),
    ),
]


@pytest.mark.parametrize("number", range(len(SUPPRESSIONS)))
def test_each_tolerance_has_its_bounds(number):
    """An entry lets one cause pass, and not what is next to it."""
    passes, judged = PAIRS[number]

    assert suppressed(passes) is SUPPRESSIONS[number]
    assert suppressed(judged) is None


def test_every_tolerance_has_a_pair():
    """No cause is let pass that no test shows."""
    assert len(PAIRS) == len(SUPPRESSIONS)
    assert len({entry.reason for entry in SUPPRESSIONS}) == len(SUPPRESSIONS)


@pytest.mark.parametrize(
    ("some", "judged"),
    [
        (failure("AcceptedNegativeData", **tags("a" * 101)), True),
        (failure("AcceptedNegativeData", **tags("a" * 100)), False),
        (failure("AcceptedNegativeData", **tags(*["a"] * 25)), False),
        (failure("AcceptedNegativeData", **tags(*["a"] * 25, 1)), False),  # wrong otherwise too
        (failure("AcceptedNegativeData", **tags("")), False),
        (failure("AcceptedNegativeData", sent={"tags": "x" * 101}), False),
        (failure("AcceptedNegativeData", query="perPage=0"), False),
        (failure("RejectedPositiveData", 400, REFUSAL), True),
        (failure("RejectedPositiveData", 400, REFUSAL, query="page=1&perPage=1000"), True),
        (failure("RejectedPositiveData", 400, REFUSAL, query="page=2147483647"), False),
        (failure("RejectedPositiveData", 400, REFUSAL, query="searchKey=%00"), False),
        (failure("RejectedPositiveData", 400, REFUSAL, query="tags=a,b"), True),
        (failure("RejectedPositiveData", 400, REFUSAL, query="tags=%20"), False),
        (failure("RejectedPositiveData", 400, REFUSAL, sent={"messageId": 3}), True),
        (failure("RejectedPositiveData", 400, REFUSAL, sent={"mood": "good"}), False),
        (failure("RejectedPositiveData", 400, REFUSAL, **tags(" ", "a")), False),
    ],
)
def test_what_is_decided_is_judged(some, judged):
    """Refusals and acceptance count where documents decide, and nowhere else."""
    assert (suppressed(some) is None) is judged


@pytest.mark.parametrize(
    ("some", "clause_id"),
    [
        (failure("ServerError", 500, REFUSAL), DOCUMENT_CLAUSE),
        (failure("ServerError", 500, REFUSAL, negative=True), "errors.malformed-input"),
        (failure("ContentTypeServerError", 500, negative=True), "errors.malformed-input"),
        (failure("ServerError", 501, declared=False), "access.wrong-method"),
        (failure("UndefinedStatusCode", 204), DOCUMENT_CLAUSE),
        (failure("UndefinedContentType", 200, b"<html>"), DOCUMENT_CLAUSE),
        (failure("UndefinedContentType", 404, b"<html>"), "errors.envelope"),
        (failure("MalformedJson", 400, b"{"), "errors.envelope"),
        (failure("JsonSchemaError", 404, {"error": {}}), "errors.envelope"),
        (failure("MissingHeaderNotRejected"), "access.caller-required"),
        (failure("IgnoredAuth", scenario="no_auth"), "access.key-required"),
        (failure("IgnoredAuth", scenario="invalid_auth"), "access.key-known"),
        (failure("UnsupportedMethodResponse", declared=False), "access.wrong-method"),
        (failure("AcceptedNegativeData", **tags(*["a"] * 26)), "key-behaviors.at-most-25-tags"),
        (
            failure("AcceptedNegativeData", **tags("a" * 101)),
            "key-behaviors.tags-up-to-100-characters",
        ),
        (failure("RejectedPositiveData", 400, REFUSAL), DOCUMENT_CLAUSE),
        (failure("ANewKind", 200), DOCUMENT_CLAUSE),
    ],
)
def test_a_complaint_breaks_the_clause_that_speaks_of_it(some, clause_id):
    """What no clause speaks of is the whole document's."""
    assert clause_of(some) == clause_id
    assert clause_id in REGISTRY


PAGE = {"pagination": dict.fromkeys(("total", "count", "per_page", "current_page"), 1)}
SECTION = "properties."


@pytest.mark.parametrize("wrap", ["single", "list", "unread"])
@pytest.mark.parametrize(
    ("change", "place", "clause_id"),
    [
        ({"unreadMessageCount": "3"}, "unreadMessageCount", "unread-message-count-is-an-integer"),
        ({"unreadMessageCount": -1}, "unreadMessageCount", "unread-message-count-is-an-integer"),
        ({"conversationId": 7}, "conversationId", "conversation-id-is-a-string"),
        ({"conversationId": "bo"}, "conversationId", "conversation-id-format"),
        ({"conversationId": "group_bo"}, "conversationId", "conversation-id-format"),
        ({"conversationType": "crowd"}, "conversationType", "conversation-type"),
        ({"lastMessage": None}, "lastMessage", "last-message-is-an-object"),
        ({"lastMessage": {"id": "7"}}, "lastMessage.sentAt", "last-message-is-an-object"),
        ({"conversationWith": "bo"}, "conversationWith", "conversation-with-is-an-object"),
        ({"conversationWith": {"uid": "bo"}}, "conversationWith.name", None),
        ({"createdAt": 1.5}, "createdAt", "created-at-is-unix-seconds"),
        ({"createdAt": ...}, "createdAt", "created-at-is-unix-seconds"),
        ({"updatedAt": 10**14}, "updatedAt", "updated-at-is-unix-seconds"),
        ({"tags": ["a"] * 26}, "tags", "key-behaviors.at-most-25-tags"),
        ({"tags": ["a" * 101]}, "tags", "key-behaviors.tags-up-to-100-characters"),
        ({"tags": [1]}, "tags", DOCUMENT_CLAUSE),
    ],
)
def test_a_wrong_shape_is_of_the_nearest_clause(wrap, change, place, clause_id):
    """The same property is the same place and the same clause, wherever it is shown."""
    shown = {n: v for n, v in {**WITH_BO, **change}.items() if v is not ...}
    pagination = {**PAGE["pagination"], "total_pages": 1}
    operation, body = {
        "single": ("getUserConversation", {"data": shown}),
        "list": (
            "listConversations",
            {"data": [WITH_BO, shown], "meta": {"pagination": pagination}},
        ),
        "unread": ("markUserConversationAsUnread", {"data": {"conversation": shown}}),
    }[wrap]
    found = {
        (each.clause_id, each.subject)
        for each, _, _ in root_causes(failure("JsonSchemaError", 200, body, operation=operation))
    }
    wanted = clause_id or "conversation-with-is-an-object"

    assert (wanted if "." in wanted else SECTION + wanted, place) in found
    assert len({clause for clause, _ in found}) == 1


@pytest.mark.parametrize(
    ("operation", "body", "place", "clause_id"),
    [
        ("listConversations", {"data": []}, "meta", None),
        ("listConversations", {"data": {}, "meta": {}}, "data", None),
        (
            "listConversations",
            {"data": [], "meta": {}},
            "meta.pagination",
            "listing.pagination-adds-up",
        ),
        ("deleteConversation", {"data": {"success": "yes"}}, "success", None),
        ("getConversation", [], "the body", None),
    ],
)
def test_a_wrong_frame_is_of_no_property(operation, body, place, clause_id):
    """What stands around conversations has clauses of its own, or none."""
    found = {(each.place, each.clause_id) for each in shapes().violations(operation, body)}

    assert (place, clause_id) in found


@pytest.mark.parametrize("operation", ALL_OPERATIONS)
def test_every_example_has_the_right_shape(operation):
    """The document's own examples of success are without a violation."""
    document = openapi.load()
    (described,) = (
        each
        for item in document["paths"].values()
        for each in item.values()
        if isinstance(each, dict) and each.get("operationId") == operation
    )
    examples = described["responses"]["200"]["content"]["application/json"]["examples"]
    for reference in examples.values():
        example = document["components"]["examples"][reference["$ref"].rpartition("/")[2]]

        assert shapes().violations(operation, example["value"]) == ()


def test_clauses_of_shape_stand_in_the_document():
    """Each that a violation may break is a clause, and a place of the document names it."""
    text = json.dumps(openapi.load())

    assert {*SPEAK_OF_SHAPE, *AUTH_CLAUSES.values()} <= set(REGISTRY)
    assert all(f'"{name}"' in text for name in SPEAK_OF_SHAPE)


def test_properties_may_be_added_anywhere():
    """A conversation with more in it than described is as described."""
    more = {**WITH_BO, "pinned": True, "conversationWith": {**WITH_BO["conversationWith"], "x": 1}}

    assert shapes().violations("getConversation", {"data": more, "trace": "abc"}) == ()


def test_one_cause_is_told_by_its_shortest_request():
    """Many answers with the same fault are one finding, with a request that is easy to read."""
    findings = FindingsByCause("KEY")
    for query in ("searchKey=abcdef&unread=true", "page=1", "tags=a,b,c"):
        body = {"data": {**WITH_BO, "unreadMessageCount": "3"}}
        findings.add(failure("JsonSchemaError", 200, body, query=query))
    ((clause_id, finding),) = findings.by_clause()

    assert clause_id == "properties.unread-message-count-is-an-integer"
    assert finding.title == "unreadMessageCount: getUserConversation"
    assert (finding.expected, finding.actual) == ("type: integer", "'3' (in 3 answers)")
    assert "page=1" in finding.calls[0]
    assert '"apikey: $KEY"' in finding.calls[0]


def test_what_is_suppressed_counts_is_counted_by_its_reason():
    """A tolerated complaint leaves a trace, and no finding."""
    findings = FindingsByCause("KEY")
    findings.add(PAIRS[0][0])

    assert list(findings.by_clause()) == []
    assert list(findings.suppressed_counts.values()) == [1]


def test_a_header_of_the_wrong_shape_is_the_documents():
    """A complaint of a shape that the body does not explain is about a header."""
    said = failure("JsonSchemaError", 200, {"data": WITH_BO}, detail="X-Rate-Limit: 'many'")
    ((cause, _, actual),) = root_causes(said)

    assert (cause.clause_id, cause.subject) == (DOCUMENT_CLAUSE, "a header of the answer")
    assert actual == "X-Rate-Limit: 'many'"


def test_a_document_of_another_makes_shapes_of_its_own():
    """Shapes are compiled from what they are given, not from what is installed."""
    document = openapi.load()
    document["components"]["schemas"]["Conversation"]["required"].append("mood")
    (violation,) = ResponseSchemas(document).violations("getConversation", {"data": WITH_BO})

    assert violation.place == "mood"
