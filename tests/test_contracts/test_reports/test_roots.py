"""One cause is one entry of a report: the root, with what follows from it."""

import io
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from duologue.contracts.failed_call import Because, FailedCall
from duologue.contracts.reports.causes import causes_of
from duologue.contracts.reports.junit import junit
from duologue.contracts.reports.roots import followers, told_at, unreached_by_call
from duologue.contracts.reports.terminal import summarize

LAST = "listing.n1"
CALL = FailedCall("getConversation", "GET", "/conversations/{conversationId}", 500, "ERR_X")


def clause(template, name, *, root):
    is_root_broken = root == "errors.broken"
    because = Because(CALL, f"curl {name}", root, is_root_broken=is_root_broken).as_dict()
    return {**template, "id": name, "because": because, "why": "getConversation was answered 500"}


@pytest.fixture
def with_roots(document):
    """Three clauses that were not reached and follow from a broken one, two from a call alone.

    Of the two, the second is the one that tells it.
    """
    by_verdict = {each["verdict"]: each for each in document["clauses"]}
    template = by_verdict["not_reached"]
    rooted = [clause(template, f"marks.n{n}", root="errors.broken") for n in range(3)]
    told, first = (
        clause(template, f"listing.n{n}", root=root) for n, root in enumerate((LAST, ""))
    )
    document["clauses"] = [by_verdict["broken"], *rooted, told, first]
    return document


def test_followers_are_named_at_their_root(with_roots):
    assert followers(with_roots) == {"errors.broken": ["marks.n0", "marks.n1", "marks.n2"]}
    assert [*unreached_by_call(with_roots)] == [str(CALL)]


def test_the_terminal_shows_the_root_once(with_roots):
    stream = io.StringIO()
    summarize(with_roots, Console(file=stream, width=80))
    shown = stream.getvalue()

    assert "follows from it (3): marks.n0, marks.n1, marks.n2" in shown
    assert "why: GET /conversations/{conversationId}: 500 ERR_X" in shown
    assert "curl listing.n1" in shown
    assert "listing.n1, listing.n0" in shown
    assert "curl listing.n0" not in shown
    assert "curl marks.n0" not in shown


def test_one_root_is_one_failure_in_junit(with_roots):
    """What follows is skipped, with a reference to the case that fails."""
    root = ET.fromstring(junit(with_roots))
    cases = {each.get("classname") + "." + each.get("name"): each for each in root.iter("testcase")}
    skipped = {
        name.removeprefix("contracts."): each.find("skipped").get("message")
        for name, each in cases.items()
        if each.find("skipped") is not None
    }

    assert cases["contracts.errors.broken"].find("failure") is not None
    assert (
        cases["contracts.errors.broken"]
        .find("failure")
        .text.endswith("follows from it (3): marks.n0, marks.n1, marks.n2")
    )
    assert cases["contracts.listing.n1"].find("error").text == (
        f"{CALL}\ncurl listing.n1\nfollows from it (1): listing.n0"
    )
    assert skipped == {
        "marks.n0": "not reached: see errors.broken",
        "marks.n1": "not reached: see errors.broken",
        "marks.n2": "not reached: see errors.broken",
        "listing.n0": "not reached: see listing.n1",
    }


def test_an_operation_that_its_own_clause_tells_is_no_second_failure(document):
    broken = next(each for each in document["clauses"] if each["verdict"] == "broken")
    own = {**broken, "id": "operations.delete-conversation", "operations": ["deleteConversation"]}
    document["clauses"] = [own]
    stream = io.StringIO()
    summarize(document, Console(file=stream, width=120))
    cases = ET.fromstring(junit(document)).iter("testcase")

    assert told_at(document) == {"deleteConversation": own["id"]}
    assert f"never answered 2xx deleteConversation (see {own['id']})" in stream.getvalue()
    assert [each.get("name") for each in cases] == ["delete-conversation"]
    assert [cause.title for cause in causes_of(document)] == [own["id"]]


def test_an_operation_whose_own_clause_held_is_told_by_itself(document):
    assert told_at(document) == {"deleteConversation": ""}
