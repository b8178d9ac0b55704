"""Write a list of known failures: what it holds, what stays, and what is refused."""

from datetime import date

import pytest
import yaml

from duologue.contracts.errors import (
    AcceptanceInvalid,
    KnownFailuresUnreadable,
    OutputNotWritable,
)
from duologue.contracts.run.acceptance_file import chosen, entries_of, extend
from duologue.contracts.run.known_failures import load
from duologue.contracts.run.loading import accepted_again
from support.independent.values import Refusal

GUID, UID = "errors.guid-not-found", "errors.uid-not-found"
COMMENTED = f"""# Of the team.
deviations:
  # Known since May.
  - clause: {UID}
    reason: A ticket.
    evidence: API-42
"""


@pytest.fixture
def broken(judge, make_app):
    """Return the document of a run in which unknown users and groups are known."""
    overrides = {
        "group": lambda self, guid: self.groups.setdefault(guid, {}),
        "user": lambda self, uid: self.users.setdefault(uid, {}),
    }
    return judge(make_app(overrides=overrides), GUID, UID, settle_s=0).as_dict()


def entries(document, *names, until=None):
    return entries_of(chosen(document, names), reason="A ticket.", evidence="run 1", until=until)


def test_a_new_list_is_read_as_it_was_written(broken, tmp_path):
    path = tmp_path / "lists" / "accepted.yaml"

    replaced = extend(path, entries(broken, until=date(2099, 1, 31)))

    assert replaced == []
    known = load([str(path)])
    assert {each.clause for each in known} == {
        each["id"] for each in broken["clauses"] if each["verdict"] == "broken"
    }
    assert {(each.reason, each.expires) for each in known} == {("A ticket.", date(2099, 1, 31))}
    assert "&id" not in path.read_text()


def test_a_list_is_extended_and_keeps_its_comments(broken, tmp_path):
    path = tmp_path / "accepted.yaml"
    path.write_text(COMMENTED)

    extend(path, entries(broken, GUID))

    assert path.read_text().startswith(COMMENTED)
    assert [each.clause for each in load([str(path)])] == [UID, GUID]


def test_a_list_in_another_layout_is_written_anew(broken, tmp_path):
    """Lines at its end would not be read as a part of it."""
    path = tmp_path / "accepted.yaml"
    path.write_text(f"deviations: [{{clause: {UID}, reason: A ticket., evidence: API-42}}]\n")

    extend(path, entries(broken, GUID))

    assert [each.clause for each in load([str(path)])] == [UID, GUID]


def test_an_entry_takes_the_place_of_an_older_one(broken, tmp_path):
    path = tmp_path / "accepted.yaml"
    path.write_text(COMMENTED.replace(UID, GUID))

    replaced = extend(path, entries(broken, GUID))

    assert replaced == [GUID]
    assert [each.evidence for each in load([str(path)])] == ["run 1"]


def test_an_empty_list_is_extended(broken, tmp_path):
    path = tmp_path / "accepted.yaml"
    path.write_text("deviations: []\n")

    extend(path, entries(broken, GUID))

    assert yaml.safe_load(path.read_text())["deviations"][0]["clause"] == GUID


def test_a_fingerprint_picks_one_finding(broken):
    (clause,) = [each for each in broken["clauses"] if each["id"] == GUID]
    first = clause["findings"][0]["fingerprint"]

    (result,) = chosen(broken, [first])

    assert result.clause.id == GUID
    assert [each.fingerprint(GUID) for each in result.findings] == [first]


@pytest.mark.parametrize("name", ["errors.nothing", "0" * 16, "marks.*"])
def test_a_name_of_nothing_broken_is_refused(broken, name):
    with pytest.raises(AcceptanceInvalid, match=r"give a clause, a glob or a fingerprint of"):
        chosen(broken, [name])


def test_a_file_that_is_no_list_is_left_alone(broken, tmp_path):
    path = tmp_path / "accepted.yaml"
    path.write_text("something: else\n")

    with pytest.raises(KnownFailuresUnreadable):
        extend(path, entries(broken, GUID))

    assert path.read_text() == "something: else\n"


def test_a_place_that_cannot_be_written_is_told(broken, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputNotWritable, match="choose another --to"):
        extend(tmp_path / "file" / "accepted.yaml", entries(broken, GUID))


def failing(self, *words, **more):
    raise Refusal(500, "ERR_INTERNAL")


def test_an_outage_is_one_entry_and_accepts_what_follows(judge, make_app, tmp_path):
    """The list fails: its own clause is the root, and the others are accepted with it."""
    path = tmp_path / "accepted.yaml"
    names = ("operations.*", "listing.tags-filter", "listing.newest-first")
    app = make_app(overrides={"list_conversations": failing})
    document = judge(app, *names, settle_s=0).as_dict()

    extend(path, entries(document))
    accepted = accepted_again(document, load([str(path)]), today=date(2026, 11, 26))

    assert [each.clause for each in load([str(path)])] == ["operations.list-conversations"]
    verdicts = {each["verdict"] for each in accepted["clauses"]}
    assert verdicts == {"held", "accepted"}
    assert "listConversations" in document["unreached_operations"]
    assert accepted["unreached_operations"] == []


def failing_with(status):
    def fail(self, *words, **more):
        raise Refusal(status, "ERR_INTERNAL")

    return {"list_conversations": fail}


@pytest.mark.parametrize("name", [(), ("listing.*",)], ids=["all", "by name"])
def test_what_was_not_reached_is_accepted_by_the_call_that_kept_it(judge, make_app, tmp_path, name):
    """No broken clause explains it here; the same call with another answer is another matter."""
    path = tmp_path / "accepted.yaml"
    app, other = (make_app(overrides=failing_with(status)) for status in (500, 501))
    document, elsewhere = (
        judge(each, "listing.tags-filter", settle_s=0).as_dict() for each in (app, other)
    )
    assert [each["verdict"] for each in document["clauses"]] == ["not_reached"]

    extend(path, entries(document, *name))

    (known,) = load([str(path)])
    assert known.got.pattern == "^not reached: GET /conversations: 500 ERR_INTERNAL$"
    for given, verdict in ((document, "accepted"), (elsewhere, "not_reached")):
        judged = accepted_again(given, (known,), today=date(2026, 11, 26))
        assert [each["verdict"] for each in judged["clauses"]] == [verdict]
