"""What a replay picks, and what it tells of each finding."""

import pytest

from duologue.contracts.compare.replay import chosen, clauses_of, replayed
from duologue.contracts.errors import ReplayInvalid, UnknownClause

GUID, UID = "errors.guid-not-found", "errors.uid-not-found"


@pytest.fixture
def document(results):
    return results({GUID: ["one", "two"], UID: "not_reached"})


def prints(document):
    """Return the fingerprints of all findings."""
    return [each["fingerprint"] for clause in document["clauses"] for each in clause["findings"]]


def verdicts(document, outcome, *names):
    return [each.verdict for each in replayed(chosen(document, names), outcome)]


def test_without_a_name_each_finding_is_picked(document):
    assert [each.fingerprint for each in chosen(document, ())] == prints(document)


def test_a_fingerprint_picks_one_finding(document):
    (one,) = chosen(document, prints(document)[1:])

    assert (one.clause, one.title) == (GUID, "two")


def test_a_clause_without_findings_is_picked_by_its_name(document):
    (one,) = chosen(document, [UID])

    assert (one.clause, one.fingerprint) == (UID, "")


@pytest.mark.parametrize("name", ["0" * 16, "errors.nothing"])
def test_a_name_of_nothing_is_refused(document, name):
    with pytest.raises(ReplayInvalid, match="16 hexadecimal digits"):
        chosen(document, [name])


def test_a_result_without_findings_is_refused(results):
    with pytest.raises(ReplayInvalid, match="name a clause"):
        chosen(results({GUID: "held"}), ())


def test_the_check_that_found_it_is_played_too(document):
    """What breaks one clause may be seen by the check of another one alone."""
    document["clauses"][0]["findings"][0]["found_by"] = UID

    assert {each.id for each in clauses_of(chosen(document, ()))} == {GUID, UID}


def test_a_clause_that_this_version_does_not_know_is_told(results):
    with pytest.raises(UnknownClause):
        clauses_of(chosen(results({"errors.of-old": ["one"]}), ()))


def test_a_finding_is_broken_where_the_same_occurs_again(document, results):
    """Another one of its clause is no proof of it."""
    again = results({GUID: ["two", "three"], UID: "held"})

    assert verdicts(document, again) == ["broken_otherwise", "broken"]
    assert verdicts(document, again, UID) == ["held"]
    assert verdicts(document, results({GUID: "held", UID: "held"})) == ["held", "held"]


def test_what_was_found_instead_is_shown(document, results):
    (one, two) = replayed(chosen(document, ()), results({GUID: ["two", "three"], UID: "held"}))

    assert [each["title"] for each in one.findings] == ["two", "three"]
    assert [each["title"] for each in two.findings] == ["two"]
