"""The formats of a comparison."""

import json

import jsonschema
import pytest

from duologue.contracts.compare.comparison import compare_results
from duologue.contracts.compare.formats import WRITERS, write
from duologue.contracts.compare.formats.json_text import schema

ODD = "\x1b[2J\u202e | `x` <b>\r\n::error::no"


@pytest.fixture
def comparison(results):
    """Return a comparison with one clause of each change."""
    base = {
        "errors.a": "held",
        "errors.b": "held",
        "errors.c": ["one"],
        "errors.d": "not_reached",
        "errors.e": "held",
        "errors.f": "held",
        "errors.g": ["one"],
        "errors.h": "held",
    }
    head = {
        "errors.a": ["one", "two"],
        "errors.b": "not_reached",
        "errors.c": ["one"],
        "errors.d": "not_reached",
        "errors.e": "accepted",
        "errors.f": "not_staged",
        "errors.g": "held",
        "errors.i": "held",
    }
    return compare_results(results(base), results(head, unreached_operations=("getConversation",)))


def test_json_keeps_its_schema(comparison):
    document = json.loads(write(comparison, "json"))

    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(document)
    assert set(document["summary"].values()) == {1}
    assert document["base"]["commit"] == "abcdef0123456789"


def test_text_tells_what_is_new_in_full_and_the_rest_in_a_line(comparison):
    lines = write(comparison, "text").splitlines()

    assert lines[0] == "NEWLY BROKEN errors.a (was held)"
    assert "    got:      got by two" in lines
    assert "NEWLY NOT REACHED errors.b" in lines
    assert "repaired (1): errors.g" in lines
    assert "clauses gone (1): errors.h" in lines
    assert "no longer answered 2xx: getConversation" in lines
    assert lines[-1].startswith("BASE (abcdef012345) -> HEAD (abcdef012345): 1 newly broken, 1 ")


def test_nothing_changed_is_one_line(results):
    document = results({"errors.a": "held"})

    written = write(compare_results(document, document, names=("a", "b")), "text")

    assert written == "a (abcdef012345) -> b (abcdef012345): nothing changed\n"


def test_github_shows_ten_errors_and_how_many_more(results):
    names = [f"errors.n{n}" for n in range(14)]
    base, head = results(dict.fromkeys(names, "held")), results({key: ["one"] for key in names})

    lines = write(compare_results(base, head), "github").splitlines()

    assert [line.startswith("::error ") for line in lines] == [True] * 10 + [False]
    assert lines[-1].endswith("14 newly broken (4 more are not shown)")


def test_clauses_kept_from_their_point_by_one_cause_are_told_together(results):
    names = ["errors.a", "errors.b"]
    base, head = results(dict.fromkeys(names, "held")), results(dict.fromkeys(names, "not_reached"))

    comparison = compare_results(base, head)

    assert "NEWLY NOT REACHED errors.a, errors.b\n" in write(comparison, "text")
    assert write(comparison, "github").count("::error ") == 1
    lines = write(comparison, "markdown").splitlines()
    (row,) = [line for line in lines if "newly not reached |" in line]
    assert "| errors.a<br>errors.b |" in row


@pytest.mark.parametrize("form", WRITERS)
def test_what_a_target_says_steers_nothing(results, form):
    """Neither a terminal, nor a table, nor a workflow command."""
    base, head = results({"errors.a": "held"}), results({"errors.a": [ODD]})

    written = write(compare_results(base, head), form)

    assert not {"\x1b", "\u202e", "\r"} & set(written)
    assert not any(line.startswith("::error::") for line in written.splitlines())
    if form == "markdown":
        assert "<b>" not in written
        (row,) = [line for line in written.splitlines() if "newly broken |" in line]
        assert row.count("|") == 6


def follower(document, clause, root):
    """Let a clause of a document follow from another one."""
    call = {"operation": "", "method": "GET", "path": "/a", "status": 500, "code": "", "curl": "c"}
    (entry,) = [each for each in document["clauses"] if each["id"] == clause]
    entry["because"] = {**call, "root": root, "cause": root or "GET /a: 500"}


def test_what_follows_from_a_break_is_told_at_its_root(results):
    """Broken or not reached: it says nothing that the root does not."""
    names = ["errors.a", "errors.b", "errors.c"]
    base = results(dict.fromkeys(names, "held"))
    head = results({"errors.a": ["one"], "errors.b": ["two"], "errors.c": "not_reached"})
    follower(head, "errors.b", "errors.a")
    follower(head, "errors.c", "errors.a")

    comparison = compare_results(base, head)
    text = write(comparison, "text")

    assert text.count("NEWLY") == 1
    assert "  what follows (2): errors.b, errors.c" in text
    assert text.splitlines()[-1].endswith("2 newly broken, 1 newly not reached")
    assert write(comparison, "github").count("::error ") == 1
    assert "2 clauses follow from it" in write(comparison, "github")
    assert "and 2 that follow from it" in write(comparison, "markdown")
    assert json.loads(write(comparison, "json"))["changes"][1]["root"] == "errors.a"


def test_what_one_call_kept_from_its_point_is_told_by_the_call(results):
    names = ["errors.a", "errors.b"]
    base, head = results(dict.fromkeys(names, "held")), results(dict.fromkeys(names, "not_reached"))
    for name in names:
        follower(head, name, "")

    written = write(compare_results(base, head), "text")

    assert (
        "NEWLY NOT REACHED errors.a, errors.b\n  why: GET /a: 500\n  why of not_reached" in written
    )
