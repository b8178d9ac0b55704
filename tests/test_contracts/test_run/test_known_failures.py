"""Accepted deviations: which breaks are borne, which are not, and what is told of each."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from duologue.contracts.clause import REGISTRY
from duologue.contracts.cli import main
from duologue.contracts.errors import KnownFailuresUnreadable
from duologue.contracts.reports.json_report import schema
from duologue.contracts.run.known_failures import AcceptanceStatus, load
from support.fakes import session_on, without_generated
from support.independent.app import App
from support.independent.server import serving

TYPE = "properties.unread-message-count-is-an-integer"
HELD = "properties.conversation-id-is-a-string"
ENTRY = f"""
  - clause: {TYPE}
    reason: The count travels as text.
    evidence: a paste of 2021
"""


def conversation_with(**values):
    """Departures in which these properties of a conversation are something else."""

    def conversation(self, key, messages, **wants):
        shown = App.conversation(self, key, messages, **wants)
        return {**shown, **{name: change(shown[name]) for name, change in values.items()}}

    return {"conversation": conversation}


AS_TEXT = conversation_with(unreadMessageCount=str)
AS_FLOAT = conversation_with(unreadMessageCount=float)


@pytest.fixture
def written(tmp_path):
    """``written(entries)``: the path of a list with these entries."""

    def write(entries):
        path = tmp_path / "deviations.yaml"
        path.write_text(f"deviations:{entries}", encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def judged(make_app, clock):
    """Return ``judged(overrides, path)``: the run of two clauses on a server."""

    def judged(overrides, *sources, names=(TYPE, HELD), strict=False):
        app = make_app(overrides=overrides)
        session = session_on(app, clock, settle_s=0, strict_accept=strict)
        session.known_failures = load(sources)
        return session.run(without_generated(*names))

    return judged


def verdicts(outcome):
    return {result.clause.id: str(result.verdict) for result in outcome.results}


def statuses(outcome):
    return [entry["fate"] for entry in outcome.known_failures]


def day(days):
    return datetime.now(UTC).date() + timedelta(days=days)


# -- what becomes of a break ------------------------------------------------------------------


def test_a_listed_break_is_accepted_with_its_reason(judged, written):
    """The clause says why; its findings stay; the run is green."""
    outcome = judged(AS_TEXT, written(ENTRY))

    [result] = [each for each in outcome.results if each.clause.id == TYPE]
    assert verdicts(outcome) == {TYPE: "accepted", HELD: "held"}
    assert result.why == "The count travels as text. (a paste of 2021)"
    assert result.findings
    assert outcome.exit_code == 0
    assert statuses(outcome) == [AcceptanceStatus.ACCEPTED]


def test_a_break_that_is_not_listed_stays_one(judged, written):
    """Each entry is for its clause alone."""
    other = ENTRY.replace(TYPE, HELD)
    outcome = judged(AS_TEXT, written(other))

    assert verdicts(outcome) == {TYPE: "broken", HELD: "held"}
    assert outcome.exit_code == 1


def test_a_deviation_that_no_longer_occurs_is_told(judged, written):
    """Who listed it can take it off the list; the run stays green."""
    outcome = judged({}, written(ENTRY))

    assert verdicts(outcome) == {TYPE: "held", HELD: "held"}
    assert statuses(outcome) == [AcceptanceStatus.GONE]
    assert outcome.exit_code == 0


@pytest.mark.parametrize(("days", "verdict"), [(0, "accepted"), (-1, "broken")])
def test_a_deviation_is_accepted_through_its_last_day(judged, written, days, verdict):
    """After it, the break counts again, and says since when."""
    outcome = judged(AS_TEXT, written(f"{ENTRY}    expires: {day(days)}\n"))

    [result] = [each for each in outcome.results if each.clause.id == TYPE]
    assert result.verdict == verdict
    assert str(day(days)) in result.why
    assert statuses(outcome) == [
        AcceptanceStatus.ACCEPTED if days == 0 else AcceptanceStatus.EXPIRED
    ]


@pytest.mark.parametrize(("overrides", "verdict"), [(AS_TEXT, "accepted"), (AS_FLOAT, "broken")])
def test_a_clause_that_breaks_in_another_way_stays_broken(judged, written, overrides, verdict):
    """`got` is what every finding has to look like."""
    outcome = judged(overrides, written(f"{ENTRY}    got: ^\\d+$\n"))

    assert verdicts(outcome)[TYPE] == verdict
    assert statuses(outcome) == [
        AcceptanceStatus.ACCEPTED if verdict == "accepted" else AcceptanceStatus.OTHERWISE
    ]


def test_a_clause_that_was_not_judged_is_told(judged, written):
    """An entry whose clause is not in the run does nothing."""
    outcome = judged(AS_TEXT, written(ENTRY), names=(HELD,))

    assert verdicts(outcome) == {HELD: "held"}
    assert statuses(outcome) == [AcceptanceStatus.NOT_JUDGED]


def test_what_another_check_sees_of_a_borne_clause_is_borne(make_app, clock, written):
    """A finding that one clause's check makes of another, which is not judged in this run."""
    session = session_on(make_app(overrides=AS_TEXT), clock, settle_s=0)
    [seen] = session.run(without_generated(TYPE)).results
    [clause] = without_generated(HELD)

    def check(context):
        context.findings.add_elsewhere(TYPE, seen.findings[0])

    for sources, verdict in (((), "broken"), ((written(ENTRY),), "held")):
        session = session_on(make_app(overrides=AS_TEXT), clock, settle_s=0)
        session.known_failures = load(sources)
        (result,), _ = session.settled([session.play(replace(clause, check=check))])
        assert result.verdict == verdict


# -- how lists are read -----------------------------------------------------------------------


def test_the_shipped_list_names_clauses_there_are():
    """`live` comes with the package; each entry has a pattern of its own."""
    shipped = load(["live"])

    assert {each.clause for each in shipped} <= set(REGISTRY)
    assert all(each.got and each.reason and each.evidence for each in shipped)


def test_lists_add_up(written):
    """Several may be given; a file stands beside the shipped one."""
    both = load(["live", written(ENTRY.replace(TYPE, HELD))])

    assert len(both) == len(load(["live"])) + 1


BAD = {
    "not a list": (" nothing", "expected 'deviations', a list"),
    "not an entry": ("\n  - text", "entry 1: expected clause, reason, evidence"),
    "no reason": (f"\n  - clause: {TYPE}\n    evidence: x", "entry 1: reason has to be there"),
    "empty evidence": (ENTRY.replace("a paste of 2021", "''"), "entry 1: evidence has to be there"),
    "unknown word": (f"{ENTRY}    until: 2027-01-31", "entry 1: expected clause, reason, evidence"),
    "unknown clause": (ENTRY.replace("is-an-integer", "is-integer"), f"did you mean {TYPE}?"),
    "no day": (f"{ENTRY}    expires: soon", "entry 1: expires has to be a day"),
    "a moment": (f"{ENTRY}    expires: 2027-01-31T12:00:00Z", "expires has to be a day"),
    "no pattern": (f"{ENTRY}    got: '('", "entry 1: got is no pattern"),
    "twice": (f"{ENTRY}{ENTRY}", "is listed twice"),
    "no YAML": ("\n  - {", "it cannot be read as YAML"),
    "a month 13": (f"{ENTRY}    expires: 2027-13-01", "it cannot be read as YAML (month must"),
    "depth": (f"\n  - {'[' * 5000}", "it cannot be read as YAML (it has more than 200 levels"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_list_that_is_none_is_refused_with_its_place(written, name):
    """One sentence with the file, the entry and what was expected."""
    entries, expected = BAD[name]
    path = written(entries)

    with pytest.raises(KnownFailuresUnreadable) as refused:
        load([path])

    assert expected in str(refused.value)
    assert refused.value.source == path


def test_a_missing_list_is_refused():
    """As is a folder, or a name that is no shipped list."""
    with pytest.raises(KnownFailuresUnreadable, match=r"it cannot be read \(No such file"):
        load(["lively"])


# -- the front-ends ---------------------------------------------------------------------------


@pytest.fixture
def departing():
    """The address of a server whose counts travel as text."""
    with serving(App(overrides=AS_TEXT)) as address:
        yield address


def test_the_command_line_takes_a_list(departing, written, monkeypatch, tmp_path):
    """`--accept`: exit code 0, the reason on the terminal, all of it in results.json."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    words = ["run", "--target", departing, "--only", TYPE, "--output", str(tmp_path)]
    strict = CliRunner().invoke(main, words)
    both = CliRunner().invoke(main, [*words, *["--accept", written(ENTRY)] * 2])

    assert strict.exit_code == 1
    assert both.exit_code == 2  # both lists name the clause
    assert "is listed twice" in both.output

    lenient = CliRunner().invoke(main, [*words, "--accept", "live"])
    document = json.loads((tmp_path / "results.json").read_text("utf-8"))
    Draft202012Validator(schema()).validate(document)
    assert document["clauses"][0]["verdict"] == "accepted"
    assert document["summary"]["accepted"] == 1
    assert {entry["clause"] for entry in document["deviations"]} == {
        each.clause for each in load(["live"])
    }
    assert f"accepted {TYPE}: The count travels as a string of digits." in lenient.output


def test_an_entry_of_a_file_takes_the_place_of_a_shipped_one(written):
    """A list that was written for a target knows better, wherever it stands."""
    for sources in ([written(ENTRY), "live"], ["live", written(ENTRY)]):
        known = {each.clause: each for each in load(sources)}

        assert known[TYPE].evidence == "a paste of 2021"
        assert len(known) == len(load(["live"]))


@pytest.mark.parametrize(
    ("overrides", "more", "strict", "exit_code"),
    [
        (AS_TEXT, "", True, 0),
        ({}, "", False, 0),
        ({}, "", True, 1),
        ({}, f"    expires: {day(-1)}\n", True, 1),
    ],
)
def test_a_strict_run_fails_for_an_entry_that_no_longer_occurs(
    judged, written, overrides, more, strict, exit_code
):
    outcome = judged(overrides, written(f"{ENTRY}{more}"), strict=strict)

    assert outcome.exit_code == exit_code
    assert outcome.as_dict()["strict_accept"] is strict


def test_an_entry_past_its_day_is_told_though_its_clause_was_not_judged(judged, written):
    """A strict run fails for it."""
    outcome = judged({}, written(f"{ENTRY}    expires: {day(-1)}\n"), names=(HELD,))

    assert statuses(outcome) == [AcceptanceStatus.EXPIRED]
    assert verdicts(outcome) == {HELD: "held"}


def test_a_run_of_accepted_breaks_alone_shows_nothing(judged, written):
    """Green needs something held: a list of everything proves nothing."""
    outcome = judged(AS_TEXT, written(ENTRY), names=(TYPE,))

    assert verdicts(outcome) == {TYPE: "accepted"}
    assert outcome.exit_code == 1


def test_dates_of_the_shipped_list_are_days():
    """An entry without one is borne until it is taken off."""
    assert all(each.expires is None or type(each.expires) is date for each in load(["live"]))


def test_pytest_takes_a_list_too(departing, tmp_path):
    """`--contract-accept`: an accepted break is an expected failure."""
    words = [
        sys.executable,
        "-m",
        "pytest",
        "--pyargs",
        "duologue.contracts",
        "-p",
        "no:cacheprovider",
    ]
    chosen = ["-p", "duologue.contracts.plugin", "-k", "count-is-an-integer or is-a-string"]
    result = subprocess.run(
        [*words, *chosen, "--contracts-target", departing, "--contracts-accept", "live", "-ra"],
        cwd=tmp_path,
        env={**os.environ, "CONTRACTS_API_KEY": "k", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout
    assert "1 xfailed" in result.stdout
    assert "accepted: The count travels as a string of digits." in result.stdout
