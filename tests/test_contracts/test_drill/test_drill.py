"""The drill: a fault for each clause, and what it takes for a drill to be passed."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from html.parser import HTMLParser
from io import StringIO

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

import duologue.contracts.clauses  # noqa: F401 - importing registers the clauses
from duologue.contracts.clause import REGISTRY
from duologue.contracts.context.target_data import IdGenerator
from duologue.contracts.drill.command import choose
from duologue.contracts.drill.driven_mock import DrivenMock, FaultInfo, faults
from duologue.contracts.drill.errors import FaultNotFound
from duologue.contracts.drill.matrix import Matrix
from duologue.contracts.drill.raw_http_transport import RawHttpTransport
from duologue.contracts.drill.recorded_provisioning import (
    RecordedPool,
    RecordedProvisioning,
    RecordedRequest,
)
from duologue.contracts.drill.worker import Outcome, clauses_for
from duologue.contracts.errors import NotReached
from duologue.contracts.http.target import Target
from duologue.contracts.reports import matrix as report
from duologue.mockserver.faults import FAULTS

ONE, TWO, THREE = "errors.uid-not-found", "errors.guid-not-found", "errors.envelope"


def made(verdicts, *, healthy=None, whole=False, max_collateral=0, of=(ONE, TWO)):
    """A matrix of two faults, ``first`` and ``second``, with these verdicts."""
    known = tuple(
        FaultInfo(name, clause, f"{name} goes wrong.")
        for name, clause in zip(("first", "second"), of, strict=True)
    )
    return Matrix(
        started_at="2026-11-23T00:00:00+00:00",
        duration_s=1.5,
        workers=2,
        max_collateral=max_collateral,
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
    found = made({"first": {THREE: "broken"}, "second": {TWO: "broken"}}, max_collateral=1)

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
        max_collateral=borne,
    )

    assert found.collateral == {ONE: (), TWO: (), THREE: ("first", "second")}
    assert found.collateral_over_limit == ((THREE,) if code else ())
    assert found.exit_code == code


def test_a_clause_that_rings_without_a_fault():
    found = killed(healthy={THREE: "not_reached"})

    assert found.false_alarms == (THREE,)
    assert found.exit_code == 1


def test_a_clause_without_a_fault():
    """That is only known where all faults were played."""
    assert killed(whole=True).clauses_without_fault == (THREE,)
    assert killed(whole=True).exit_code == 1
    assert killed(whole=False).clauses_without_fault == ()


def test_a_fault_of_no_clause():
    found = made({"first": {}, "second": {TWO: "broken"}}, of=("errors.no-such", TWO))

    assert found.faults_without_clause == ("first",)
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
    known = (FaultInfo("first", ONE, "…"), FaultInfo("second", TWO, "…"))
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
    pool = RecordedPool([RecordedRequest("a", "user", "Ana", f"ana-{n}", print) for n in (1, 2)])
    pool.fill()

    given = [pool.take("a", "user", "Ana") for _ in range(3)]
    assert given == ["ana-1", "ana-2", None]
    assert pool.take("b", "user", "Ana") is None
    pool.fill()
    assert pool.take("a", "user", "Ana") == "ana-1"


class Stand:
    """A stage that only writes down what it makes."""

    def __init__(self, token):
        self.names, self.made = IdGenerator(token), []

    def user(self, name, *, uid, **fields):
        self.made.append(("user", uid, name, fields))

    def group(self, owner, members, *, guid, **fields):
        self.made.append(("group", guid, owner, members, fields))


def pooled(pool, *, is_rehearsal, token="t"):
    return RecordedProvisioning(Stand(token), pool, "a scene", IdGenerator("ids"), is_rehearsal)


def test_what_a_rehearsal_made_is_not_made_again():
    """The second time the same people are there already, in whatever order they are asked for."""
    pool = RecordedPool()
    first = pooled(pool, is_rehearsal=True)
    ana, bo = first.user("Ana"), first.user("Bo", tags=["x"])
    club = first.group(ana, [bo], name="Club")
    pool.fill()
    again = pooled(pool, is_rehearsal=False)

    assert again.user("Bo", tags=["x"]) == bo
    assert again.user("Ana") == ana
    assert again.group(ana, [bo], name="Club") == club
    assert again.records.made == []


def test_who_was_not_rehearsed_is_made():
    """Under a fault a clause may go another way; it is given new people, whom nobody knows."""
    pool = RecordedPool()
    uid = pooled(pool, is_rehearsal=True).user("Ana")
    pool.fill()
    cast = pooled(pool, is_rehearsal=False, token="more")
    given = [cast.user("Ana"), cast.user("Ana"), cast.user("Ana", tags=["x"])]

    assert given[0] == uid
    assert len(set(given)) == 3
    assert [name for _, *name in cast.records.made] == [
        [given[1], "Ana", {}],
        [given[2], "Ana", {"tags": ["x"]}],
    ]


def test_a_rehearsed_wish_can_be_made_anew():
    """What was wished is made once more on the stage that all faults begin with."""
    pool = RecordedPool()
    uid = pooled(pool, is_rehearsal=True).user("Ana")
    stand = Stand("t")
    for request in pool.wishes:
        request.make(stand)

    assert stand.made == [("user", uid, "Ana", {})]


class Advances(DrivenMock):
    """A mock whose control plane is only written down."""

    def _ask(self, method, path, body=None):
        self.told = [*getattr(self, "told", ()), (path, body)]


def test_time_passes_in_whole_seconds():
    """Fractions are owed, so that many short waits make a second as well."""
    mock = Advances(Target("http://mock/v3", "k"), None)
    for seconds in (0.4, 0.4, 0.4, 2.1):
        mock.sleep(seconds)

    assert [body["seconds"] for _, body in mock.told] == [1, 2]


def test_a_fault_begins_with_the_stage():
    """The state comes back first, and then the faults are switched on."""
    mock = Advances(Target("http://mock/v3", "k"), None)
    mock.begin(["a-fault"])

    assert mock.told == [("/snapshots/stage/restore", None), ("/faults", {"faults": ["a-fault"]})]


# -- the wire --------------------------------------------------------------------------------


@pytest.fixture
def echo():
    """``echo(*answers)``: the address of a server that gives these bytes, one a request."""
    threads = []

    def echo(*answers):
        listener = socket.create_server(("127.0.0.1", 0))

        def serve():
            connection, _ = listener.accept()
            for answer in answers:
                connection.recv(65536)
                for piece in answer:
                    connection.sendall(piece)
                    time.sleep(0.01)
            connection.close()
            listener.close()

        thread = threading.Thread(target=serve)
        thread.start()
        threads.append(thread)
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v3/conversations"

    yield echo
    for thread in threads:
        thread.join(5)


def asked(wire, url):
    return wire.send("listConversations", method="GET", url=url, headers={"apikey": "k"})


def test_an_answer_may_come_in_pieces(echo):
    """Head and body are read to their ends, wherever they are cut."""
    body = '{"data": "ü"}'.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nX: y\r\n\r\n".encode()
    url = echo((head[:9], head[9:] + body[:3], body[3:]), (head + body,))
    wire = RawHttpTransport(timeout_s=2)

    answers = [asked(wire, url) for _ in range(2)]
    wire.close()
    assert [answer.body for answer in answers] == [{"data": "ü"}] * 2
    assert answers[0].headers["x"] == "y"
    assert wire.counts() == {"listConversations": {200: 2}}


def test_an_answer_without_a_body(echo):
    wire = RawHttpTransport(timeout_s=2)
    answer = asked(wire, echo((b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",)))
    wire.close()

    assert (answer.status, answer.body) == (404, None)


def test_a_mock_that_hangs_up_is_not_reached(echo):
    wire = RawHttpTransport(timeout_s=2)

    with pytest.raises(NotReached, match="closed the connection"):
        asked(wire, echo((b"HTTP/1.1 200 OK\r\n",)))
    wire.close()


# -- the command -----------------------------------------------------------------------------


def test_an_unknown_fault_is_told_with_a_hint():
    known = (FaultInfo("read-is-for-all", ONE, "…"),)

    with pytest.raises(FaultNotFound, match="did you mean read-is-for-all"):
        choose(known, ("read-is-for-al",))


def test_faults_are_chosen_by_name():
    known = tuple(FaultInfo(name, ONE, "…") for name in ("a", "b", "c"))

    assert [each.name for each in choose(known, ("c", "a", "c"))] == ["c", "a"]
    assert choose(known, ()) == known


def drill(*words):
    return subprocess.run(
        [sys.executable, "-m", "duologue.contracts", "drill", *words],
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
