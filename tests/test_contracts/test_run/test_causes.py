"""What follows from what: the root of each result, and what accepting a root bears."""

import re
from dataclasses import replace
from datetime import date

from duologue.contracts.clause import Basis, Clause
from duologue.contracts.context.findings import Finding
from duologue.contracts.failed_call import Because, FailedCall
from duologue.contracts.run.causes import rooted
from duologue.contracts.run.known_failures import KnownFailure, accept
from duologue.contracts.run.loading import because_of
from duologue.contracts.run.results import Result, Verdict
from duologue.contracts.run.runner import unreached

OUTAGE = FailedCall("listConversations", "GET", "/conversations", 500, "ERR_X")
REFUSAL = FailedCall("getConversation", "GET", "/conversations/{conversationId}", 404, "ERR_Y")
LIST, PEER, ID = "operations.list-conversations", "properties.conversation-type", "marks.a"


def clause(name, *operations):
    return Clause(name, "A statement.", "Nowhere", Basis.OBSERVED, operations, print)


def broken(name, call, *operations):
    finding = Finding("a title", "200", str(call.status), last_call=Because(call, "curl ..."))
    return Result(clause(name, *operations), Verdict.BROKEN, (finding,))


def not_reached(name, call):
    because = Because(call, "curl ...")
    return Result(clause(name), Verdict.NOT_REACHED, why="not answered", because=because)


def roots(results):
    return {each.clause.id: each.because and each.because.root for each in rooted(results)}


def test_what_one_outage_did_follows_from_the_operations_own_clause():
    results = [broken(PEER, OUTAGE), not_reached(ID, OUTAGE), broken(LIST, OUTAGE)]

    assert roots(results) == {PEER: LIST, ID: LIST, LIST: None}


def test_a_refusal_breaks_each_clause_by_itself():
    """That two clauses met the same 404 does not say that they have one cause."""
    results = [broken(LIST, REFUSAL), broken(PEER, REFUSAL), not_reached(ID, REFUSAL)]

    assert roots(results) == {LIST: None, PEER: None, ID: LIST}


def test_what_a_missing_operation_breaks_follows_from_its_own_clause():
    """Its own clause asks what has to succeed: the same answer elsewhere has the same cause."""
    results = [broken(LIST, REFUSAL, "getConversation"), broken(PEER, REFUSAL)]

    assert roots(results) == {LIST: None, PEER: LIST}


def test_what_two_missing_operations_break_follows_from_the_first():
    """The other one is a cause of its own, by its own clause."""
    gone = FailedCall("readAll", "POST", "/read", 404, "ERR_Y")
    joined = broken(PEER, REFUSAL)
    finding = replace(joined.findings[0], more_calls=(gone,))
    results = [
        broken(LIST, REFUSAL, "getConversation"),
        broken("operations.read-all", gone, "readAll"),
        replace(joined, findings=(finding,)),
    ]

    assert roots(results) == {LIST: None, "operations.read-all": None, PEER: LIST}


def test_what_also_broke_by_another_call_has_no_root():
    """Findings with the same expectation are joined: each of their calls counts."""
    joined = broken(PEER, OUTAGE)
    finding = replace(joined.findings[0], more_calls=(REFUSAL,))
    results = [broken(LIST, OUTAGE), replace(joined, findings=(finding,))]

    assert roots(results) == {LIST: None, PEER: None}


def test_without_a_broken_clause_the_call_is_the_root():
    (result,) = rooted([not_reached(ID, REFUSAL)])

    assert result.because.root == ""
    assert result.because.cause == "GET /conversations/{conversationId}: 404 ERR_Y"


def test_without_a_broken_clause_the_first_that_met_the_call_is_the_root():
    """One of them tells the call; what hangs on it refers to that one."""
    results = rooted([not_reached(PEER, REFUSAL), not_reached(ID, REFUSAL)])

    assert roots(results) == {PEER: "", ID: PEER}
    assert {each.because.cause for each in results} == {str(REFUSAL)}


def test_the_own_clause_of_the_operation_that_failed_is_the_root():
    own = not_reached("operations.get-conversation", REFUSAL)
    own = replace(own, clause=clause(own.clause.id, "getConversation"))
    results = [not_reached(PEER, REFUSAL), own]

    assert roots(results) == {PEER: own.clause.id, own.clause.id: ""}


def test_where_no_call_failed_the_reason_is_the_root():
    """The last call was answered as done, so it tells nothing of the cause."""
    done = replace(REFUSAL, status=200, code="")
    other = replace(not_reached("marks.c", done), why="another reason")
    results = [not_reached(PEER, done), not_reached(ID, done), other]

    assert roots(results) == {PEER: "", ID: PEER, "marks.c": ""}


def test_accepting_the_first_bears_those_that_met_the_same_call():
    results = rooted([not_reached(PEER, REFUSAL), not_reached(ID, REFUSAL)])
    entry = KnownFailure(PEER, "a reason", "evidence", re.compile("404 ERR_Y$"), None)
    judged, _ = accept(results, [entry], today=date(2026, 11, 26))

    assert [each.verdict for each in judged] == [Verdict.ACCEPTED] * 2


def test_a_root_that_was_read_from_results_is_judged_anew():
    first, second = rooted([not_reached(PEER, REFUSAL), not_reached(ID, REFUSAL)])
    read = because_of(second.because.as_dict())

    assert read == second.because
    assert roots([broken(LIST, REFUSAL), first, replace(second, because=read)]) == {
        LIST: None,
        PEER: LIST,
        ID: LIST,
    }


def test_another_code_of_the_same_operation_is_another_cause():
    other = FailedCall("listConversations", "GET", "/conversations", 500, "ERR_Z")

    assert roots([broken(LIST, OUTAGE), not_reached(ID, other)]) == {LIST: None, ID: ""}


def test_no_answer_is_named_as_such():
    assert str(FailedCall("", "GET", "/odd", 0)) == "GET /odd: no answer"


def test_accepting_the_root_bears_what_follows_from_it():
    results = rooted(
        [
            broken(LIST, OUTAGE, "listConversations"),
            not_reached(ID, OUTAGE),
            broken(PEER, OUTAGE),
            not_reached("marks.b", REFUSAL),
        ]
    )
    entry = KnownFailure(LIST, "a reason", "evidence", None, None)
    judged, _ = accept(results, [entry], today=date(2026, 11, 26))
    verdicts = {each.clause.id: each.verdict for each in judged}

    assert verdicts == {
        LIST: Verdict.ACCEPTED,
        ID: Verdict.ACCEPTED,
        PEER: Verdict.ACCEPTED,
        "marks.b": Verdict.NOT_REACHED,
    }
    assert unreached(judged, {"listConversations": {500: 3}}) == ()
