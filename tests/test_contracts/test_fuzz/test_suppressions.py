"""Suppressions: which check failures are not judged."""

import pytest

from duologue.contracts.fuzz.suppressions import SUPPRESSIONS, suppressed
from support.check_failures import REFUSAL, WITH_BO, check_failure, tags

# For each suppression, in order: a check failure that it covers, and a similar one that is judged.
PAIRS = [
    (
        check_failure("JsonSchemaError", 429, {"error": "slow down"}),
        check_failure("JsonSchemaError", 400, {"error": "slow down"}),
    ),
    (
        check_failure("IgnoredAuth", detail="Expected 401 or 403, got `429 Too Many Requests`"),
        check_failure("IgnoredAuth", detail="Expected 401 or 403, got `200 OK`"),
    ),
    (
        check_failure("UndefinedContentType", 414, b"<html>"),
        check_failure("UndefinedContentType", 400, b"<html>"),
    ),
    (
        check_failure("UndefinedContentType", 404, b"404 page not found", peer="%0A"),
        check_failure("UndefinedContentType", 404, b"404 page not found", peer="a%20b"),
    ),
    (check_failure("UndefinedStatusCode", 502), check_failure("UndefinedStatusCode", 202)),
    (
        check_failure("AcceptedNegativeData", query="tags=", negative=True),
        check_failure("AcceptedNegativeData", **tags(*"abcdefghijklmnopqrstuvwxyz"), negative=True),
    ),
    (
        check_failure("JsonSchemaError", 200, {"data": {**WITH_BO, "tags": [1]}}, **tags(1)),
        check_failure("JsonSchemaError", 200, {"data": {**WITH_BO, "tags": [1]}}, **tags("1")),
    ),
    (
        check_failure("RejectedPositiveData", 400, REFUSAL, **tags("\u200b")),
        check_failure("RejectedPositiveData", 400, REFUSAL, **tags("\N{SEEDLING}")),
    ),
    (
        check_failure("UnsupportedMethodResponse", 405, REFUSAL, declared=False),
        check_failure("UnsupportedMethodResponse", 200, declared=False),
    ),
    (
        check_failure("UseAfterFree", 200, free="DELETE /users/{uid}/conversation"),
        check_failure("UseAfterFree", 200, free="POST /users/{uid}/conversation/read"),
    ),
    (
        check_failure("EnsureResourceAvailability", 404, REFUSAL),
        check_failure("EnsureResourceAvailability", 410, REFUSAL),
    ),
]


@pytest.mark.parametrize("number", range(len(SUPPRESSIONS)))
def test_a_suppression_covers_one_cause_alone(number):
    covered, judged = PAIRS[number]

    assert suppressed(covered) is SUPPRESSIONS[number]
    assert suppressed(judged) is None


def test_every_suppression_has_a_pair():
    assert len(PAIRS) == len(SUPPRESSIONS)
    assert len({entry.reason for entry in SUPPRESSIONS}) == len(SUPPRESSIONS)


@pytest.mark.parametrize(
    ("failure", "judged"),
    [
        (check_failure("AcceptedNegativeData", **tags("a" * 101)), True),
        (check_failure("AcceptedNegativeData", **tags("a" * 100)), False),
        (check_failure("AcceptedNegativeData", **tags(*["a"] * 25)), False),
        (
            check_failure("AcceptedNegativeData", **tags(*["a"] * 25, 1)),
            False,
        ),  # malformed in another way too
        (check_failure("AcceptedNegativeData", **tags("")), False),
        (check_failure("AcceptedNegativeData", sent={"tags": "x" * 101}), False),
        (check_failure("AcceptedNegativeData", query="perPage=0"), False),
        (check_failure("RejectedPositiveData", 400, REFUSAL), True),
        (check_failure("RejectedPositiveData", 400, REFUSAL, query="page=1&perPage=1000"), True),
        (check_failure("RejectedPositiveData", 400, REFUSAL, query="page=2147483647"), False),
        (check_failure("RejectedPositiveData", 400, REFUSAL, query="searchKey=%00"), False),
        (check_failure("RejectedPositiveData", 400, REFUSAL, query="tags=a,b"), True),
        (check_failure("RejectedPositiveData", 400, REFUSAL, query="tags=%20"), False),
        (check_failure("RejectedPositiveData", 400, REFUSAL, sent={"messageId": 3}), True),
        (check_failure("RejectedPositiveData", 400, REFUSAL, sent={"mood": "good"}), False),
        (check_failure("RejectedPositiveData", 400, REFUSAL, **tags(" ", "a")), False),
    ],
)
def test_a_refusal_is_judged_where_documents_decide(failure, judged):
    """Refusals and acceptance are judged only where documents decide."""
    assert (suppressed(failure) is None) is judged


@pytest.mark.parametrize("peer", ["%0A", "a%2Fb", "..", ".", "%5C", "x%00"])
def test_a_server_in_front_may_refuse_an_odd_path(peer):
    assert suppressed(check_failure("MissingContentType", 400, b"no", peer=peer))


@pytest.mark.parametrize("status", [200, 500])
def test_an_odd_path_that_is_not_refused_is_judged(status):
    assert not suppressed(check_failure("MissingContentType", status, b"no", peer="%0A"))


def test_a_refusal_of_an_odd_path_as_json_is_judged():
    assert not suppressed(check_failure("JsonSchemaError", 404, {"error": "no"}, peer="%0A"))
