"""What one request and its answer show of the clauses."""

import pytest

from duologue.contracts.clause import REGISTRY
from duologue.contracts.http.response import read
from duologue.contracts.proxy.clauses import REQUESTS, observations, speaking
from duologue.contracts.proxy.requests import bundled

ROW = {
    "conversationId": "user_bo",
    "conversationType": "user",
    "unreadMessageCount": 0,
    "createdAt": 1_700_000_000,
    "updatedAt": 1_700_000_100,
    "conversationWith": {"uid": "bo", "name": "Bo"},
}
PAGE = {"total": 1, "count": 1, "per_page": 100, "current_page": 1, "total_pages": 1}
META = {"pagination": PAGE}
LIST = "listConversations"
REQUEST_SCHEMAS = bundled()


def broken(exchange):
    seen = observations(exchange, REQUEST_SCHEMAS)
    return {each.clause_id: each.title for each in seen if each.actual is not None}


def held(exchange):
    return {each.clause_id for each in observations(exchange, REQUEST_SCHEMAS) if not each.actual}


def listed(exchange, *changes, query="", **how):
    rows = [{**ROW, "conversationId": f"user_u{n}", **each} for n, each in enumerate(changes)]
    return exchange(LIST, query=query, answer={"data": rows, "meta": META}, **how)


def test_every_clause_that_speaks_is_one_of_the_suite_or_of_the_requests():
    assert {*speaking()} - {*REGISTRY} == {REQUESTS}
    assert len(speaking()) > 20


def test_a_right_answer_holds_what_it_shows_and_nothing_else(exchange):
    seen = exchange("getUserConversation", answer={"data": ROW})

    assert broken(seen) == {}
    assert held(seen) == {
        REQUESTS,
        "document.answers-follow-it",
        "properties.conversation-id-is-a-string",
        "properties.conversation-id-format",
        "properties.conversation-type",
        "properties.unread-message-count-is-an-integer",
        "properties.conversation-with-is-an-object",
        "properties.created-at-is-unix-seconds",
        "properties.updated-at-is-unix-seconds",
    }


@pytest.mark.parametrize(
    ("change", "clause_id"),
    [
        ({"unreadMessageCount": "0"}, "properties.unread-message-count-is-an-integer"),
        ({"createdAt": "now"}, "properties.created-at-is-unix-seconds"),
        ({"conversationType": "room"}, "properties.conversation-type"),
        ({"tags": [f"t{n}" for n in range(26)]}, "key-behaviors.at-most-25-tags"),
    ],
)
def test_a_wrong_shape_breaks_the_clause_on_it(exchange, change, clause_id):
    seen = exchange("getUserConversation", answer={"data": {**ROW, **change}})

    assert clause_id in broken(seen)
    assert clause_id not in held(seen)


def test_tags_beyond_the_limit_must_be_refused(exchange):
    body = {"tags": [f"t{n}" for n in range(26)]}
    taken = exchange("updateUserConversation", body=body, answer={"data": ROW})
    refused = exchange(
        "updateUserConversation",
        body=body,
        status=400,
        answer={"error": {"code": "ERR_BAD_REQUEST", "message": "Too many."}},
    )

    assert "key-behaviors.at-most-25-tags" in broken(taken)
    assert broken(refused) == {}


def test_what_is_done_must_be_described(exchange):
    unknown = exchange("getUserConversation", query="?colour=red", answer={"data": ROW})
    body = exchange("updateUserConversation", body={"tags": "a"}, answer={"data": ROW})

    assert broken(unknown) == {REQUESTS: "getUserConversation: query parameter colour"}
    assert broken(body) == {REQUESTS: "updateUserConversation: tags"}


@pytest.mark.parametrize(
    "answer", [b"<html>", {"error": "no"}, {"error": {"code": "", "message": "x"}}, b""]
)
def test_a_refusal_without_the_envelope_is_broken(exchange, answer):
    assert "errors.envelope" in broken(exchange("getConversation", status=404, answer=answer))


def test_an_undocumented_status_is_broken(exchange):
    seen = exchange("getConversation", status=500, answer={"error": {"code": "E", "message": "x"}})

    assert broken(seen) == {"document.answers-follow-it": "getConversation: status 500"}


def test_a_done_answer_that_is_no_json_is_broken(exchange):
    assert "document.answers-follow-it" in broken(exchange("getConversation", answer=b"ok"))


def test_no_key_and_no_caller_must_be_refused(exchange):
    bare = exchange("getUserConversation", headers={}, answer={"data": ROW})
    refused = exchange(
        "getUserConversation",
        headers={},
        status=401,
        answer={"error": {"code": "AUTH_ERR_NO_KEY", "message": "x"}},
    )

    assert {"access.key-required", "access.caller-required"} <= {*broken(bare)}
    assert {"access.key-required", "access.caller-required"} <= held(refused)


def test_a_token_stands_for_key_and_caller(exchange):
    seen = exchange("getUserConversation", headers={"authtoken": "t"}, answer={"data": ROW})

    assert broken(seen) == {}


@pytest.mark.parametrize(
    ("query", "changes", "clause_id"),
    [
        ("?perPage=1", [{}, {}], "listing.page-size"),
        ("", [{}] * 101, "listing.default-page-size"),
        ("?conversationType=group", [{}], "listing.conversation-type-filter"),
        ("?unread=true", [{}], "listing.unread-filter"),
        ("", [{"tags": ["a"]}], "listing.tags-only-on-request"),
        ("", [{}, {"updatedAt": 1_700_000_200}], "listing.newest-first"),
        ("", [{"conversationId": "user_x"}] * 2, "properties.conversation-id-is-unique"),
    ],
)
def test_a_list_against_what_was_asked(exchange, query, changes, clause_id):
    assert clause_id in broken(listed(exchange, *changes, query=query))


@pytest.mark.parametrize(
    ("query", "changes", "clause_id"),
    [
        ("?perPage=2", [{}, {}], "listing.page-size"),
        ("", [{}] * 100, "listing.default-page-size"),
        ("?conversationType=user", [{}], "listing.conversation-type-filter"),
        ("?unread=true", [{"unreadMessageCount": 1}], "listing.unread-filter"),
        ("", [{}, {}], "listing.tags-only-on-request"),
        ("", [{}, {}], "listing.newest-first"),
        ("", [{}, {}], "properties.conversation-id-is-unique"),
    ],
)
def test_a_list_as_it_was_asked(exchange, query, changes, clause_id):
    seen = listed(exchange, *changes, query=query)

    assert clause_id in held(seen)
    assert clause_id not in broken(seen)


def test_what_cannot_be_decoded_is_not_judged(exchange):
    headers = {"content-encoding": "br", "content-type": "application/json"}
    seen = exchange("getConversation", answer=b"\x8b\x01", answer_headers=headers)

    assert broken(seen) == {}
    assert held(seen) == {REQUESTS}


@pytest.mark.parametrize("status", [401, 403, 405, 502, 503, 504])
@pytest.mark.parametrize(
    ("kind", "body"),
    [("text/html", b"<html>no</html>"), ("text/plain", b"blocked"), ("text/plain", b"")],
    ids=["page", "text", "nothing"],
)
def test_what_a_gateway_answers_itself_shows_nothing_of_the_api(exchange, kind, body, status):
    headers = {"content-type": kind}
    seen = exchange("getConversation", status=status, answer=body, answer_headers=headers)

    assert (broken(seen), held(seen)) == ({}, set())


@pytest.mark.parametrize(("status", "body"), [(403, b'{"message": "Forbidden"}'), (400, b"no")])
def test_a_refusal_without_the_header_of_the_api_is_a_gateways(exchange, status, body):
    """Beside the first answer of the API, which has that header; without it, it is the API's."""
    first = read(200, {"x-request-id": "7"}, content=b'{"data": []}')
    seen = exchange("getConversation", status=status, answer=body, answer_headers={})

    assert not [*observations(seen, REQUEST_SCHEMAS, first)]
    assert [*observations(seen, REQUEST_SCHEMAS)]


@pytest.mark.parametrize("page", ["--5", "-", "٣", "9" * 5000])
def test_a_page_that_is_no_number_is_undescribed_and_no_defect(exchange, page):
    assert REQUESTS in broken(listed(exchange, {}, query=f"?page={page}"))


def test_half_of_a_surrogate_pair_is_judged_as_a_character(exchange):
    """JSON may write it as an escape; the validator takes none."""
    answer = read(200, {}, content=b'{"data": {"conversationId": "\\ud800"}}').body

    assert "properties.conversation-id-format" in broken(
        exchange("getUserConversation", answer=answer)
    )
    tagged = exchange("updateUserConversation", body={"tags": ["\ud800"]}, answer={"data": ROW})
    assert REQUESTS in held(tagged)
