"""Triage of check failures: the clause that each breaks, and one finding for each cause."""

import pytest

from duologue.contracts.clause import REGISTRY
from duologue.contracts.failed_call import FailedCall
from duologue.contracts.fuzz.triage import (
    DOCUMENT_CLAUSE,
    FindingsByCause,
    clause_of,
    root_causes,
)
from support.check_failures import REFUSAL, WITH_BO, check_failure, tags


@pytest.mark.parametrize(
    ("failure", "clause_id"),
    [
        (check_failure("ServerError", 500, REFUSAL), DOCUMENT_CLAUSE),
        (check_failure("ServerError", 500, REFUSAL, negative=True), "errors.malformed-input"),
        (check_failure("ContentTypeServerError", 500, negative=True), "errors.malformed-input"),
        (check_failure("ServerError", 501, declared=False), "access.wrong-method"),
        (check_failure("UndefinedStatusCode", 204), DOCUMENT_CLAUSE),
        (check_failure("UndefinedContentType", 200, b"<html>"), DOCUMENT_CLAUSE),
        (check_failure("UndefinedContentType", 404, b"<html>"), "errors.envelope"),
        (check_failure("MalformedJson", 400, b"{"), "errors.envelope"),
        (check_failure("JsonSchemaError", 404, {"error": {}}), "errors.envelope"),
        (check_failure("MissingHeaderNotRejected"), "access.caller-required"),
        (check_failure("IgnoredAuth", scenario="no_auth"), "access.key-required"),
        (check_failure("IgnoredAuth", scenario="invalid_auth"), "access.key-known"),
        (check_failure("UnsupportedMethodResponse", declared=False), "access.wrong-method"),
        (
            check_failure("AcceptedNegativeData", **tags(*["a"] * 26)),
            "key-behaviors.at-most-25-tags",
        ),
        (
            check_failure("AcceptedNegativeData", **tags("a" * 101)),
            "key-behaviors.tags-up-to-100-characters",
        ),
        (check_failure("RejectedPositiveData", 400, REFUSAL), DOCUMENT_CLAUSE),
        (check_failure("ANewKind", 200), DOCUMENT_CLAUSE),
    ],
)
def test_a_check_failure_breaks_its_clause(failure, clause_id):
    """A check failure without a clause of its own breaks that of the whole document."""
    assert clause_of(failure) == clause_id
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
def test_a_malformed_property_breaks_the_nearest_clause(wrap, change, place, clause_id):
    """A property has the same place and clause in each operation."""
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
        for each, _, _ in root_causes(
            check_failure("JsonSchemaError", 200, body, operation=operation)
        )
    }
    wanted = clause_id or "conversation-with-is-an-object"

    assert (wanted if "." in wanted else SECTION + wanted, place) in found
    assert len({clause for clause, _ in found}) == 1


def test_one_cause_is_one_finding_with_its_shortest_request():
    """Answers with the same fault are one finding."""
    findings = FindingsByCause("KEY")
    for query in ("searchKey=abcdef&unread=true", "page=1", "tags=a,b,c"):
        body = {"data": {**WITH_BO, "unreadMessageCount": "3"}}
        findings.add(check_failure("JsonSchemaError", 200, body, query=query))
    ((clause_id, finding),) = findings.by_clause()

    assert clause_id == "properties.unread-message-count-is-an-integer"
    assert finding.title == "unreadMessageCount: getUserConversation"
    assert (finding.expected, finding.actual) == ("type: integer", '"3" (in 3 answers)')
    assert "page=1" in finding.calls[0]
    assert '"apikey: $KEY"' in finding.calls[0]


def test_suppressed_failures_are_counted_by_reason():
    findings = FindingsByCause("KEY")
    findings.add(check_failure("JsonSchemaError", 429, {"error": "slow down"}))

    assert list(findings.by_clause()) == []
    assert list(findings.suppressed_counts.values()) == [1]


def test_a_malformed_header_breaks_the_documents_clause():
    """A schema failure that the body does not explain is about a header."""
    failure = check_failure(
        "JsonSchemaError", 200, {"data": WITH_BO}, detail="X-Rate-Limit: 'many'"
    )
    ((cause, _, actual),) = root_causes(failure)

    assert (cause.clause_id, cause.subject) == (DOCUMENT_CLAUSE, "a header of the answer")
    assert actual == "X-Rate-Limit: 'many'"


def test_an_outage_names_each_call_that_failed():
    """So it follows from the operations' own clauses, where they met the same."""
    findings = FindingsByCause("KEY")
    for operation in ("getUserConversation", "listConversations"):
        findings.add(check_failure("ServerError", 500, REFUSAL, operation=operation))
    ((_, finding),) = findings.by_clause()

    assert finding.last_calls == (
        FailedCall(
            "getUserConversation", "GET", "/users/{uid}/conversation", 500, "ERR_BAD_REQUEST"
        ),
        FailedCall("listConversations", "GET", "/conversations", 500, "ERR_BAD_REQUEST"),
    )


def test_what_is_no_outage_names_no_call():
    """That two clauses met one refusal does not say that they have one cause."""
    findings = FindingsByCause("KEY")
    findings.add(check_failure("JsonSchemaError", 404, {"error": {}}))
    ((_, finding),) = findings.by_clause()

    assert finding.last_calls == ()


def test_what_two_campaigns_find_is_counted_together():
    first, second = FindingsByCause("KEY"), FindingsByCause("KEY")
    first.add(check_failure("ServerError", 500, REFUSAL))
    second.add(check_failure("ServerError", 500, REFUSAL))
    second.add(check_failure("ServerError", 501, declared=False))

    first.take_in(second)

    (shown, other) = first.by_clause()
    assert (shown[0], "(in 2 answers)" in shown[1].actual) == (DOCUMENT_CLAUSE, True)
    assert other[0] == "access.wrong-method"
    assert len(list(second.by_clause())) == 2
