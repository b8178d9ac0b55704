"""The drill: a fault for each clause, and what it takes for a drill to be passed."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from io import StringIO

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

import contracts.clauses  # noqa: F401 - importing registers the clauses
from contracts.clause import REGISTRY
from contracts.drill.command import choose
from contracts.drill.errors import UnknownFault
from contracts.drill.matrix import Matrix
from contracts.drill.mock import Fault, faults
from contracts.drill.rehearsal import Pool, Wish
from contracts.drill.worker import Outcome, clauses_for
from contracts.reports import matrix as report
from mockserver.faults import FAULTS

ONE, TWO, THREE = "errors.uid-not-found", "errors.guid-not-found", "errors.envelope"


def made(verdicts, *, healthy=None, whole=False, most_strays=0, of=(ONE, TWO)):
    """A matrix of two faults, ``first`` and ``second``, with these verdicts."""
    known = tuple(
        Fault(name, clause, f"{name} goes wrong.")
        for name, clause in zip(("first", "second"), of, strict=True)
    )
    return Matrix(
        started_at="2026-11-23T00:00:00+00:00",
        duration_s=1.5,
        workers=2,
        most_strays=most_strays,
        clauses=tuple(REGISTRY[each] for each in (ONE, TWO, THREE)),
        faults=known,
        outcomes={
            fault.name: Outcome(fault.name, verdicts.get(fault.name, {}), (), None, 0.5)
            for fault in known
        },
        healthy=(Outcome("", healthy or {}, (), None, 0.5),),
        is_whole=whole,
    )


def killed(**more):
    return made({"first": {ONE: "broken"}, "second": {TWO: "broken"}}, **more)


# -- the faults and the clauses --------------------------------------------------------------


def test_every_clause_has_a_fault():
    """What no fault breaks may be a check that cannot fail."""
    armed = {fault.clause for fault in FAULTS.values()}

    assert set(REGISTRY) - armed == set()


def test_every_fault_names_a_clause():
    assert {fault.clause for fault in FAULTS.values()} - set(REGISTRY) == set()


def test_the_faults_come_from_the_command_line():
    """The suite knows the mock by its command line alone."""
    assert [each.name for each in faults()] == list(FAULTS)


def test_a_clause_comes_first_under_its_own_fault():
    assert clauses_for("listing.page-size")[0].id == "listing.page-size"


def test_heavy_clauses_are_played_for_their_own_faults_alone():
    """Each of them takes as long as all the others together."""
    heavy = {name for name, clause in REGISTRY.items() if clause.heavy}
    played = {each.id for each in clauses_for("listing.default-page-size")}

    assert heavy & {each.id for each in clauses_for(ONE)} == set()
    assert heavy & played == {"listing.default-page-size"}


# -- the matrix ------------------------------------------------------------------------------


def test_all_killed():
    """A drill is passed where every fault breaks its clause and no other."""
    found = killed()

    assert found.survivors == ()
    assert found.exit_code == 0


@pytest.mark.parametrize("verdict", ["not_reached", "not_staged"])
def test_only_a_break_kills(verdict):
    """A clause that is not reached has shown nothing."""
    found = made({"first": {ONE: verdict}, "second": {TWO: "broken"}})

    assert [fault.name for fault in found.survivors] == ["first"]
    assert found.exit_code == 1


def test_a_fault_found_by_another_clause_survives():
    found = made({"first": {THREE: "broken"}, "second": {TWO: "broken"}}, most_strays=1)

    assert [fault.name for fault in found.survivors] == ["first"]
    assert found.exit_code == 1


@pytest.mark.parametrize(("borne", "code"), [(1, 1), (2, 0)])
def test_a_clause_may_stray_a_little(borne, code):
    """A clause that breaks under every fault tells nobody what is wrong."""
    found = made(
        {
            "first": {ONE: "broken", THREE: "broken"},
            "second": {TWO: "broken", THREE: "broken", ONE: "not_reached"},
        },
        most_strays=borne,
    )

    assert found.strays == {ONE: (), TWO: (), THREE: ("first", "second")}
    assert found.straying == ((THREE,) if code else ())
    assert found.exit_code == code


def test_a_clause_that_rings_without_a_fault():
    found = killed(healthy={THREE: "not_reached"})

    assert found.false_alarms == (THREE,)
    assert found.exit_code == 1


def test_a_clause_without_a_fault():
    """That is only known where all faults were played."""
    assert killed(whole=True).unarmed == (THREE,)
    assert killed(whole=True).exit_code == 1
    assert killed(whole=False).unarmed == ()


def test_a_fault_of_no_clause():
    found = made({"first": {}, "second": {TWO: "broken"}}, of=("errors.no-such", TWO))

    assert found.misnamed == ("first",)
    assert found.exit_code == 1


# -- what is told ----------------------------------------------------------------------------


class Outline(HTMLParser):
    """Which tags stand open, and what an HTML page asks for from elsewhere."""

    def __init__(self):
        super().__init__()
        self.open, self.elsewhere, self.signs = [], [], []

    def handle_starttag(self, tag, attrs):
        held = dict(attrs)
        self.elsewhere += [held[name] for name in ("src", "href") if name in held]
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        if tag == "i":
            self.signs.append(held["class"])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("verdicts", [{}, {"first": {ONE: "broken", THREE: "broken"}}])
def test_the_document_keeps_its_schema(verdicts):
    document = made(verdicts).as_dict()

    assert list(Draft202012Validator(report.schema()).iter_errors(document)) == []
    assert json.loads(json.dumps(document)) == document


def test_the_page_stands_by_itself():
    """One file, well nested, that asks for nothing from elsewhere."""
    page = report.page(made({"first": {ONE: "broken", THREE: "broken"}}).as_dict())
    outline = Outline()
    outline.feed(page)

    assert outline.open == []
    assert outline.elsewhere == []
    assert "@import" not in page
    assert "prefers-color-scheme: dark" in page
    key = 5
    assert sorted(outline.signs[key:]) == ["killed", "stray", "survived"]


def test_the_page_tells_a_name_as_it_is():
    """What came from a target is text, not markup."""
    matrix = made({})
    document = matrix.as_dict()
    document["faults"][0]["text"] = "<script>alert(1)</script>"

    assert "<script>" not in report.page(document)


def test_the_terminal_tells_what_is_wrong():
    out = StringIO()
    console = Console(file=out, width=120)
    report.summarize(
        made({"first": {THREE: "broken"}, "second": {TWO: "broken"}}).as_dict(), console
    )

    told = out.getvalue()
    assert "survives: first (first goes wrong.) is not found by errors.uid-not-found" in told
    assert "strays: errors.envelope breaks under faults of others: first" in told
    assert "1 of 2 faults killed by their own clause, 1 survived" in told


def test_progress_tells_each_fault():
    out = StringIO()
    known = (Fault("first", ONE, "…"), Fault("second", TWO, "…"))
    with report.Progress(Console(file=out, width=120), known) as progress:
        progress.tell(Outcome("", {}, (), None, 1.0))
        progress.tell(Outcome("first", {ONE: "broken"}, (), None, 1.0))
        progress.tell(Outcome("second", {}, (), None, 1.0))

    assert out.getvalue().splitlines() == [
        "killed   first by errors.uid-not-found",
        "survives second by errors.guid-not-found",
    ]


# -- people made once ------------------------------------------------------------------------


def test_a_pool_gives_each_once_to_the_scene_that_wished():
    pool = Pool([Wish("a", "user", "Ana", f"ana-{n}", print) for n in (1, 2)])
    pool.fill()

    given = [pool.take("a", "user", "Ana") for _ in range(3)]
    assert given == ["ana-1", "ana-2", None]
    assert pool.take("b", "user", "Ana") is None
    pool.fill()
    assert pool.take("a", "user", "Ana") == "ana-1"


# -- the command -----------------------------------------------------------------------------


def test_an_unknown_fault_is_told_with_a_hint():
    known = (Fault("read-is-for-all", ONE, "…"),)

    with pytest.raises(UnknownFault, match="did you mean read-is-for-all"):
        choose(known, ("read-is-for-al",))


def test_faults_are_chosen_by_name():
    known = tuple(Fault(name, ONE, "…") for name in ("a", "b", "c"))

    assert [each.name for each in choose(known, ("c", "a", "c"))] == ["c", "a"]
    assert choose(known, ()) == known


def drill(*words):
    return subprocess.run(
        [sys.executable, "-m", "contracts", "drill", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_two_faults_are_drilled(tmp_path):
    """The command plays faults on mocks of its own, and writes what came of it."""
    names = ("read-user-does-nothing", "created-at-is-now")
    told = drill("--fault", names[0], "--fault", names[1], "--output", str(tmp_path))

    assert told.returncode == 0, told.stdout + told.stderr
    assert "2 of 2 faults killed by their own clause, 0 survived" in told.stdout
    document = json.loads((tmp_path / "drill.json").read_text())
    assert list(Draft202012Validator(report.schema()).iter_errors(document)) == []
    assert [fault["name"] for fault in document["faults"]] == list(names)
    assert all(fault["finding"]["calls"] for fault in document["faults"])
    assert "read-user-does-nothing" in (tmp_path / "drill.html").read_text()


def test_an_unknown_fault_makes_no_drill():
    told = drill("--fault", "nothing-of-that-name")

    assert told.returncode == 2
    assert told.stderr.startswith("contracts: no fault is called 'nothing-of-that-name'")
