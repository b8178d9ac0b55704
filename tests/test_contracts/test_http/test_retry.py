"""What is tried again, and how long a 429 is waited for."""

from datetime import UTC, datetime

import pytest

from duologue.contracts.http.retry import Outages, RetryPolicy, may_repeat, wait_s

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("3", 3),
        ("0", 0.05),
        ("-5", 0.05),
        ("99999", 60),
        ("inf", 60),
        ("nan", 1),
        ("soon", 1),
        ("", 1),
        ("Wed, 25 Nov 2026 12:00:07 GMT", 7),
        ("Wed, 25 Nov 2026 11:00:00 GMT", 0.05),
        ("Thu, 26 Nov 2026 12:00:00 GMT", 60),
        ("Wed, 25 Nov 99999999999999999999 12:00:07 GMT", 1),
    ],
)
def test_how_long_a_429_is_waited_for(asked, seconds):
    assert wait_s({"retry-after": asked}, now=NOW) == seconds


def test_a_429_without_retry_after_is_waited_for_a_second():
    assert wait_s({}, now=NOW) == 1


def test_pauses_double_up_to_the_longest_and_end():
    pauses = list(RetryPolicy(first_s=0.5, longest_s=2, total_s=6).pauses())

    assert pauses == [0.5, 1, 2, 2, 2]


@pytest.mark.parametrize(
    ("method", "operation", "was_sent", "expected"),
    [
        ("GET", "getUser", True, True),
        ("PUT", "updateUserConversation", True, True),
        ("DELETE", "deleteUser", True, True),
        ("POST", "sendMessage", False, True),
        ("POST", "sendMessage", True, False),
        ("POST", "createUser", True, False),
        ("POST", "markUserConversationAsRead", True, True),
    ],
)
def test_only_a_post_that_may_have_been_carried_out_is_not_repeated(
    method, operation, was_sent, expected
):
    assert may_repeat(method, operation, was_sent=was_sent) is expected


def test_what_names_no_operation_may_be_repeated():
    """There is nothing behind it to be carried out twice."""
    assert may_repeat("POST", "POST /users/x/conversation", was_sent=True)


def test_an_operation_that_timed_out_three_times_hangs_until_it_answers():
    outages = Outages()
    for _ in range(3):
        outages.timed_out("getUser")

    assert outages.hangs("getUser")
    outages.ended("getUser")
    assert not outages.hangs("getUser")
