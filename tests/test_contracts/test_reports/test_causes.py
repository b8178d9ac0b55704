"""What a reader has to act on, and the verdict in one sentence."""

import pytest

from duologue.contracts.reports.causes import causes_of, sentence_of
from duologue.contracts.run.results import without_run


@pytest.fixture
def summary(document):
    """Return a function that gives a document with these counts and nothing else wrong."""

    def summary(**counts):
        counts = {**dict.fromkeys(document["summary"], 0), **counts}
        return {**document, "summary": counts, "unreached_operations": [], "clauses": []}

    return summary


def test_defects_stand_first_then_broken_then_what_was_not_reached(document):
    causes = causes_of({**document, "defect": "Traceback"})

    assert [(each.verdict, each.title) for each in causes] == [
        ("error", "a defect of the suite ended the run"),
        ("error", "errors.error"),
        ("broken", "errors.broken"),
        ("not_reached", "errors.not-reached"),
        ("not_reached", "never answered 2xx: deleteConversation"),
    ]


def test_the_call_that_kept_most_clauses_from_their_point_stands_first(document):
    template = next(each for each in document["clauses"] if each["verdict"] == "not_reached")
    whys = ["a was answered 500", "b was answered 500", "b was answered 500"]
    document["clauses"] = [
        {**template, "id": f"errors.n{n}", "why": why} for n, why in enumerate(whys)
    ]
    root, single, _ = causes_of(document)

    assert root.title == "2 clauses: b was answered 500"
    assert root.hanging == ("errors.n1", "errors.n2")
    assert single.title == "errors.n0"


def test_a_long_reason_is_cut_in_the_title_and_whole_below(document):
    template = next(each for each in document["clauses"] if each["verdict"] == "not_reached")
    why = f"the whole list: expected {list(range(100))}"
    document["clauses"] = [{**template, "id": f"errors.n{n}", "why": why} for n in range(2)]

    root = causes_of(document)[0]

    assert root.title == f"2 clauses: {why[:100]} ..."
    assert root.why == why


def test_a_green_run_has_no_cause(summary):
    assert causes_of(summary(held=5)) == []


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({"held": 5}, "All 5 clauses held."),
        ({"held": 1}, "All 1 clause held."),
        ({"held": 3, "accepted": 1}, "3 of 4 clauses held, 1 accepted."),
        ({"held": 3, "not_staged": 2}, "3 of 5 clauses held, 2 not staged."),
        ({"held": 3, "broken": 2}, "2 of 5 clauses broken."),
        ({"broken": 1, "not_reached": 4}, "1 of 5 clauses broken, 4 not reached."),
        ({"error": 1}, "1 of 1 clause not judged because of a defect of the suite."),
        ({"not_staged": 2}, "Nothing was shown: no clause held."),
    ],
)
def test_the_verdict_is_one_sentence(summary, counts, sentence):
    assert sentence_of(summary(**counts)) == sentence


def test_an_unreached_operation_is_no_success(summary):
    document = {**summary(held=5), "unreached_operations": ["a", "b"]}

    assert sentence_of(document) == "Nothing is broken, but 2 operations never answered 2xx."


@pytest.mark.parametrize(
    ("what", "start"),
    [
        ({"interrupted": True}, "Interrupted after 5 clauses, so this report is not complete: "),
        ({"defect": "x"}, "A defect of the suite ended the run after 5 clauses: "),
        ({"ended_early": "after 9 s"}, "Ended after 9 s, so not every clause was judged: "),
    ],
)
def test_a_run_that_is_not_complete_says_so_first(summary, what, start):
    assert sentence_of({**summary(held=5), **what}) == f"{start}all 5 clauses held."


def test_a_run_that_was_not_made_says_why():
    document = without_run("no API key", started_at="2026-11-23T06:00:00+00:00")

    assert sentence_of(document) == "The run could not be made: no API key"
    assert [each.why for each in causes_of(document)] == ["no API key"]


def test_a_strict_run_names_what_is_accepted_and_gone(summary):
    gone = {"clause": "errors.x", "reason": "Old.", "evidence": "E1", "expires": None}
    deviations = [{**gone, "fate": "no_longer_occurs"}, {**gone, "fate": "accepted"}]
    document = {**summary(held=5), "deviations": deviations, "strict_accept": True}

    (cause,) = causes_of(document)
    assert (cause.word, cause.title) == ("out of date", "errors.x")
    assert sentence_of(document) == "Nothing is broken, but 1 known failure out of date."
    assert causes_of({**document, "strict_accept": False}) == []
