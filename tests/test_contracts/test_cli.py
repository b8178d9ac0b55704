"""The command line: exit codes, one clear sentence for what cannot be done, reports on request."""

import http.server
import json
import os
import threading
from dataclasses import replace

import pytest
from click.testing import CliRunner

from duologue.contracts import clause
from duologue.contracts.clause import REGISTRY
from duologue.contracts.cli import main
from duologue.openapi import readings
from support.independent.app import App
from support.independent.server import serving

QUICK = ("--only", "errors.guid-not-found")


@pytest.fixture
def contracts(monkeypatch):
    """``contracts("run", …)``: the result of that command, with a key in the environment."""
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    monkeypatch.setenv("CONTRACTS_AUTH_ONLY_KEY", "k2")
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


def error_line(result, code):
    """The one sentence of a command that could not be done."""
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit)
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("contracts: ")
    return line


@pytest.fixture
def page():
    """``page(status, content, kind)``: the address of a server that answers just that."""
    servers = []

    def start(status, content, kind):
        def answer(self):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        names = {"do_GET": answer, "do_POST": answer, "log_message": lambda *_: None}
        handler = type("Handler", (http.server.BaseHTTPRequestHandler,), names)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/v3"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_all_held_is_0(contracts, url):
    """A run of what holds."""
    result = contracts("run", "--target", url, *QUICK)

    assert result.exit_code == 0, result.output
    assert "1 held, 0 broken" in result.output
    assert result.stderr == ""


def test_broken_is_1(contracts):
    """The finding stands on the screen, with its calls."""
    app = App(overrides={"group": lambda self, guid: self.groups.setdefault(guid, {})})
    with serving(app) as url:
        result = contracts("run", "--target", url, "--settle", 0, *QUICK)

    assert result.exit_code == 1
    assert "expected: 4xx with an error code" in result.output
    assert '-H "apikey: $CONTRACTS_API_KEY"' in result.output


def test_a_defect_of_a_check_is_2(contracts, url, monkeypatch, tmp_path):
    """The traceback stands on the screen and in both reports; nothing is said to be broken."""
    name = "errors.guid-not-found"
    monkeypatch.setitem(REGISTRY, name, replace(REGISTRY[name], check=lambda context: 1 // 0))
    result = contracts("run", "--target", url, "--output", tmp_path, *QUICK)

    assert result.exit_code == 2, result.output
    assert "0 held, 0 broken, 0 not reached, 0 not staged, 0 accepted, 1 error" in result.output
    assert "ZeroDivisionError" in result.output and "Traceback" in result.output
    (clause,) = json.loads((tmp_path / "results.json").read_text())["clauses"]
    assert clause["traceback"].endswith("ZeroDivisionError: integer division or modulo by zero\n")
    assert 'errors="1"' in (tmp_path / "junit.xml").read_text()


def test_reports_are_written_where_they_are_asked_for(contracts, url, tmp_path):
    """The folder is made, and holds results.json and junit.xml."""
    folder = tmp_path / "deep" / "reports"
    result = contracts("run", "--target", url, "--output", folder, *QUICK)

    assert result.exit_code == 0, result.output
    document = json.loads((folder / "results.json").read_text())
    assert (document["target"], document["summary"]["held"]) == (url, 1)
    assert (folder / "junit.xml").exists()
    assert str(folder / "results.json") in result.output
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_cast_file_makes_nothing(contracts, tmp_path):
    """Users of the file are used, and none are made."""
    app = App()
    for uid in ("ana", "bo"):
        app.users[uid] = {"uid": uid, "name": uid}
    app.post("bo", "ana", kind="user", text="hello")
    cast = tmp_path / "cast.yaml"
    cast.write_text("conversations: [{caller: ana, user: bo}]")
    with serving(app) as url:
        only = ("--only", "operations.get-user-conversation", "--only", "access.members-only")
        result = contracts("run", "--target", url, "--cast", cast, *only)
        found = contracts("run", "--target", url, "--cast", "auto", *only)

    assert result.exit_code == found.exit_code == 0, result.output
    assert "1 held, 0 broken, 0 not reached, 1 not staged" in result.output
    assert set(app.users) == {"ana", "bo"}


def test_a_working_directory_that_was_removed_is_2(contracts, monkeypatch):
    """Reports could not be written, and `diff` ended with a traceback."""

    def gone() -> str:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "getcwd", gone)

    assert "the working directory was removed: change to" in error_line(contracts("list"), 2)


@pytest.mark.parametrize("args", [("list",), ("show", "errors.envelope"), ("run",)], ids=str)
def test_a_python_without_docstrings_is_told(contracts, monkeypatch, args):
    """With -OO the clauses have no statements, so that a report would say nothing of them."""
    monkeypatch.setattr(clause.choose, "__doc__", None)

    assert "without -OO, and without PYTHONOPTIMIZE=2" in error_line(contracts(*args), 2)


def test_nobody_there_is_2(contracts, closed_port):
    line = error_line(contracts("run", "--target", f"http://127.0.0.1:{closed_port}/v3"), 2)

    assert f"nothing answers at http://127.0.0.1:{closed_port}/v3" in line
    assert "Connection refused" in line


def test_a_name_that_nobody_has_is_2(contracts):
    line = error_line(contracts("run", "--target", "http://no-such-host.invalid/v3"), 2)

    assert "nothing answers at http://no-such-host.invalid/v3" in line


def test_no_answer_in_time_is_2(contracts):
    end = threading.Event()

    def hold(self, request):
        end.wait()
        raise ConnectionAbortedError

    with serving(App(overrides={"answer": hold})) as url:
        line = error_line(contracts("run", "--target", url, "--timeout", 0.2), 2)
        end.set()

    assert "timed out" in line


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (200, b"<html>Welcome</html>", "text/html"),
        (500, b"<html>Bad gateway</html>", "text/html"),
        (302, b"", "text/html"),
        (200, b'{"hello": "world"}', "application/json"),
        (200, b"[]", "application/json"),
        (404, b'{"error": {"code": "ERR_API_NOT_FOUND", "message": "no"}}', "application/json"),
        (404, b'{"status": 404, "error": "Not Found", "path": "/users"}', "application/json"),
    ],
)
def test_another_server_is_2(contracts, page, status, content, kind):
    """The sentence says what came, and how the address should be given."""
    line = error_line(contracts("run", "--target", page(status, content, kind)), 2)

    assert f"answered {status}" in line
    assert "version path included" in line


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "an empty body as application/json"), (b"{", "JSON that cannot be read as application")],
)
def test_what_is_wrong_with_a_body_is_told(contracts, page, content, told):
    """Not that JSON came in place of JSON."""
    line = error_line(contracts("run", "--target", page(200, content, "application/json")), 2)

    assert f"answered 200 with {told}" in line


@pytest.mark.parametrize("proxy", ["http://qa:sesame@[::1", "socks5://qa:sesame@proxy:1080"])
def test_a_proxy_that_cannot_be_asked_is_2(contracts, monkeypatch, proxy):
    """The variable is named, not the target, and its password is not told."""
    monkeypatch.setenv("HTTP_PROXY", proxy)
    line = error_line(contracts("run", "--target", "http://staging.example/v3"), 2)

    assert line.startswith("contracts: HTTP_PROXY: it holds no address of an http proxy: write")
    assert "sesame" not in line


@pytest.mark.parametrize("end", ["?key=sesame", "#sesame", "?", "/?x"])
def test_an_address_with_a_query_is_2(contracts, end):
    """The sentence does not call it no address, and does not repeat the query."""
    line = error_line(contracts("run", "--target", f"http://host/v3{end}"), 2)

    assert "give --target without that" in line
    assert "sesame" not in line


@pytest.mark.parametrize("key", ["wrong-key", "k2"])
def test_a_refused_key_is_2(contracts, url, monkeypatch, key):
    """The sentence names the variable and the target's code, not the key."""
    monkeypatch.setenv("STAGING_KEY", key)
    line = error_line(contracts("run", "--target", url, "--api-key-env", "STAGING_KEY"), 2)

    assert "refused the API key in STAGING_KEY (401 AUTH_ERR_" in line
    assert key not in line


def test_a_missing_key_is_2(contracts, url, monkeypatch):
    monkeypatch.delenv("CONTRACTS_API_KEY")

    assert "set the environment variable CONTRACTS_API_KEY" in error_line(
        contracts("run", "--target", url), 2
    )


def test_a_key_with_a_line_break_is_2(contracts, url, monkeypatch):
    monkeypatch.setenv("CONTRACTS_API_KEY", "se\ncret")

    assert "cret" not in error_line(contracts("run", "--target", url), 2)


def test_an_unknown_clause_is_2(contracts, url):
    """With the nearest names there are."""
    line = error_line(contracts("run", "--target", url, "--only", "errors.uid-not-fund"), 2)

    assert "'errors.uid-not-fund': did you mean errors.uid-not-found" in line


@pytest.mark.parametrize("text", [None, "", "conversations: [", "conversations: [{caller: ana}]"])
def test_an_unreadable_cast_is_2(contracts, url, tmp_path, text):
    path = tmp_path / "cast.yaml"
    if text is not None:
        path.write_text(text)

    assert f"no existing conversations from {path}" in error_line(
        contracts("run", "--target", url, "--cast", path), 2
    )


def test_a_target_without_a_cast_is_2(contracts):
    with serving(App()) as url:
        line = error_line(contracts("run", "--target", url, "--cast", "auto"), 2)

    assert "no user there has a conversation" in line


@pytest.fixture
def keeping():
    """Return a server that removes no user and answers otherwise, and its address."""
    app = App(overrides={"delete_user": lambda self, request: {"success": True}})
    with serving(app) as url:
        yield app, url


def test_a_target_that_removes_nothing_is_2(contracts, keeping, tmp_path):
    """Told by the first user; who only looks at the reports is told there, too."""
    app, url = keeping
    words = ("--settle", 0, "--output", tmp_path, *QUICK)
    line = error_line(contracts("run", "--target", url, *words), 2)

    (uid,) = app.users
    assert f"deleteUser leaves user {uid} (answered 200, and still there)" in line
    assert "--allow-leftovers" in line
    assert uid in (tmp_path / "junit.xml").read_text()


WAYS_TO_ALLOW = {
    "option": ("", {}, ["--allow-leftovers"]),
    "environment": ("", {"CONTRACTS_ALLOW_LEFTOVERS": "true"}, []),
    "file": ("allow-leftovers = true", {}, []),
}


@pytest.mark.parametrize("way", [*WAYS_TO_ALLOW])
def test_it_is_judged_where_that_is_allowed(contracts, keeping, monkeypatch, tmp_path, way):
    """By an option as any other, and every report says what stays."""
    (app, url), (line, environment, words) = keeping, WAYS_TO_ALLOW[way]
    (tmp_path / "contracts.toml").write_text(f'[targets.staging]\ntarget = "{url}"\n{line}\n')
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    result = contracts("run", "staging", "--settle", 0, "--output", "report", *QUICK, *words)

    assert result.exit_code == 0, result.output
    note = f"(--allow-leftovers): deleteUser leaves user {next(iter(app.users))}"
    document = json.loads((tmp_path / "report" / "results.json").read_text())
    assert note in document["notes"][0] and note in result.output
    assert note in (tmp_path / "report" / "junit.xml").read_text()


def test_an_output_that_cannot_be_written_is_2(contracts, url, tmp_path):
    """Told before the run, not after it."""
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "reports"

    assert f"cannot write reports to {folder}" in error_line(
        contracts("run", "--target", url, "--output", folder), 2
    )


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--settle", "-1"), "--settle"),
        (("--settle", "soon"), "--settle"),
        (("--workers", "0"), "--workers"),
        (("--timeout", "0"), "--timeout"),
        (("--timeout", "nan"), "--timeout"),
        (("--timeout", "inf"), "--timeout"),
        (("--settle", "nan"), "--settle"),
        (("--max-time", "nan"), "--max-time"),
        (("--max-time", "inf"), "--max-time"),
        (("--seed", "x"), "--seed"),
        (("--seed", "-1"), "--seed"),
        (("--seed", "9223372036854775808"), "--seed"),
        (("--target", "localhost:8080/v3"), "--target"),
        (("--target", ""), "--target"),
        (("--tarrget", "x"), "--tarrget"),
        (("extra",), "extra"),
    ],
)
def test_a_bad_option_is_2(contracts, words, hint):
    """The command says which option, and what it takes."""
    result = contracts("run", *words)

    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert hint in result.stderr.splitlines()[-1]


def test_every_clause_is_listed(contracts):
    """One line each: id, basis, statement."""
    lines = contracts("list").output.splitlines()

    assert len(lines) >= 84
    assert any(
        line.startswith("errors.uid-not-found ") and " documented " in line for line in lines
    )


def test_a_clause_is_shown_with_its_check(contracts):
    """Statement, source, operations as calls, and the code that judges."""
    shown = contracts("show", "key-behaviors.at-most-25-tags").output

    assert "26 are refused." in shown
    assert "source:  Key behaviors" in shown
    assert "PUT /users/{uid}/conversation" in shown
    assert "def at_most_25_tags(context: CheckContext)" in shown


def test_the_source_of_a_clause_is_told_in_sentences(contracts):
    """What the cited reading decides, on what evidence, and where both stand."""
    shown = contracts("show", "marks.read-up-to-a-message").output

    assert "openapi/READINGS.md#b6" in shown
    assert readings.reading("B6").documented in shown
    assert readings.evidence("E106").statement in shown


def test_a_heading_of_the_page_is_told_with_its_content(contracts):
    """The page itself is not in the repository."""
    shown = contracts("show", "key-behaviors.at-most-25-tags").output

    assert '"Key behaviors" (when a conversation begins' in shown


@pytest.mark.parametrize("name", ["nothing", "getConversation"])
def test_what_is_no_clause_is_not_shown(contracts, name):
    assert name in error_line(contracts("show", name), 2)


@pytest.mark.one_python
def test_a_target_that_goes_away_is_1(contracts):
    """Clauses are not reached, what is left behind is told, and the run ends."""

    def vanish(self, request):
        if request.route.endswith("/conversation"):
            self.gone = True
        if getattr(self, "gone", False):
            raise ConnectionAbortedError
        return App.answer(self, request)

    with serving(App(overrides={"answer": vanish})) as url:
        result = contracts(
            "run", "--target", url, "--settle", 0, "--only", "operations.get-user-conversation"
        )

    assert result.exit_code == 1, result.output
    assert "left behind" in result.output
    assert "Traceback" not in result.output
