"""``mockserver serve`` as users run it: real processes, each of them ended by its id."""

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from duologue.fixtures import worlds
from duologue.mockserver.serving import start
from duologue.mockserver.settings import InvalidSetting, Settings, addresses
from support.servers.ports import held_port
from support.waiting import WITHIN_S, happens

KEY = "mock-api-key"
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
COMMAND = (sys.executable, "-m", "duologue.mockserver")
APP = """
from duologue.fixtures import worlds
from duologue.mockserver.app import create_app

app = create_app(world=worlds.make("empty", 1))
print("made", flush=True)
input()
"""
GETS = (
    "/v3/conversations",
    "/v3/conversations?perPage=1000&withTags=true",
    "/v3/conversations?conversationType=group",
    "/v3/users/bo/conversation",
    "/v3/users/mae/conversation",
    "/v3/groups/hikers/conversation",
    "/v3/groups/new-group/conversation",
    "/v3/users?perPage=1000",
    "/v3/groups",
    "/v3/messages?perPage=100",
)


class Mock:
    """One running mock."""

    def __init__(self, process: subprocess.Popen, line: str) -> None:
        self.process = process
        self.line = line

    @property
    def port(self) -> int:
        return int(json.loads(self.line)["url"].removesuffix("/v3").rpartition(":")[2])

    def ask(self, method: str, path: str, *, body=None, as_user="ana", key=KEY):
        """The status, the headers and the bytes of one answer."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WITHIN_S)
        headers = {"apikey": key, "onBehalfOf": as_user, "Content-Type": "application/json"}
        wanted = {name: value for name, value in headers.items() if value}
        text = None if body is None else json.dumps(body)
        try:
            client.request(method, path, body=text, headers=wanted)
            response = client.getresponse()
            return response.status, response.read()
        finally:
            client.close()

    def say(self, text: str) -> str:
        """The id of a message that bo has sent to ana."""
        data = {"receiver": "ana", "receiverType": "user", "category": "message", "type": "text"}
        status, answer = self.ask(
            "POST", "/v3/messages", body=data | {"data": {"text": text}}, as_user="bo"
        )
        assert status == 200, answer
        return json.loads(answer)["data"]["id"]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=WITHIN_S)


@contextmanager
def mock(*options: str, env: dict[str, str] | None = None, stderr=subprocess.PIPE):
    """``with mock("--world", "empty") as running``: a mock that ends with the block."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--print-url", "json", "--times", "fixed", *options],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env=os.environ | (env or {}),
    )
    try:
        line = process.stdout.readline()
        yield Mock(process, line)
    finally:
        process.terminate()
        process.communicate(timeout=WITHIN_S)


def refused(*arguments: str) -> str:
    """What a command that must not start says; it exits with 2 and says nothing on stdout."""
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=WITHIN_S, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="the system keeps what is in use")
def test_a_working_directory_that_was_removed_is_told(tmp_path):
    """As between two steps of a CI; Flask ended with a traceback."""
    gone = tmp_path / "gone"
    gone.mkdir()
    start = f"import os, sys; os.rmdir({str(gone)!r}); os.execv(sys.argv[1], sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", start, *COMMAND, "serve"],
        cwd=gone,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )

    said = "mockserver: The working directory was removed: change to one that is there.\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_one_line_says_where_the_mock_answers():
    """The line comes when the mock answers, and names the API, the control plane and the socket."""
    with mock() as running:
        start_line = json.loads(running.line)
        status, _ = running.ask("GET", "/v3/conversations")

    assert status == 200
    assert start_line.pop("socket").startswith("ws://127.0.0.1:")
    assert start_line == {
        "url": f"http://127.0.0.1:{running.port}/v3",
        "control": f"http://127.0.0.1:{running.port}/_mock",
    }


@pytest.mark.parametrize("options", [("--no-socket",), ("--workers", "2")])
def test_without_a_socket_the_line_says_so(options):
    """Of several processes none learns of what another one has changed, so they have none."""
    with mock(*options) as running:
        assert json.loads(running.line)["socket"] is None


def test_nothing_else_is_on_stdout():
    """Scripts read one line and no more; a request is no reason to write another."""
    with mock() as running:
        running.ask("GET", "/v3/conversations")
        running.end()
        rest = running.process.stdout.read()

    assert rest == ""


def test_a_watched_file_that_is_saved_while_the_mock_starts_is_loaded(tmp_path):
    """What the first reading has to tell of the file says when it was read."""
    path = tmp_path / "w.yaml"
    path.write_text("users: [ana]\ngroups: [{guid: nobody-in-it}]\n", encoding="utf-8")
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port=0", "--print-url=json", "--watch", f"--world={path}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert "nobody-in-it" in process.stderr.readline()
        path.write_text("users: [zoe]\n", encoding="utf-8")
        running = Mock(process, process.stdout.readline())
        assert happens(lambda: b'"zoe"' in running.ask("GET", "/v3/users", as_user=None)[1])
    finally:
        process.terminate()
        process.communicate(timeout=WITHIN_S)


def test_without_json_the_line_is_the_address():
    """People copy the address; what else there is to say is on stderr."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        process.terminate()
        rest, said = process.communicate(timeout=WITHIN_S)
    finally:
        process.kill()

    assert line.startswith("http://127.0.0.1:")
    assert line.endswith("/v3\n")
    assert rest == ""
    assert "World default, seed 42" in said
    assert line.replace("/v3\n", "/_mock/") in said
    assert "apikey: mock-api-key   onBehalfOf: ana" in said


def test_a_key_of_ones_own_is_not_printed(capsys):
    settings = Settings(api_keys=("secret",))
    start.print_text(addresses("127.0.0.1", 1), settings, "ana")

    assert "secret" not in "".join(capsys.readouterr())


def test_the_inspector_is_opened(monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    start.and_open(start.print_text)(addresses("127.0.0.1", 1), Settings(), "ana")

    assert opened == ["http://127.0.0.1:1/_mock/"]
    assert "No browser could be opened" in capsys.readouterr().err


def test_a_world_is_printed_as_utf_8_whatever_the_console_is():
    env = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = subprocess.run([*COMMAND, "world", "default"], capture_output=True, env=env, check=True)

    assert "Olú" in done.stdout.decode("utf-8")


def test_completion_for_a_shell_is_printed():
    env = os.environ | {"_MOCKSERVER_COMPLETE": "bash_source"}
    done = subprocess.run(COMMAND, capture_output=True, text=True, env=env, check=False)

    assert "complete -o nosort -F" in done.stdout


def test_a_star_is_any_address():
    with mock("--host", "*") as running:
        assert json.loads(running.line)["url"].startswith("http://127.0.0.1:")


def test_two_processes_with_one_seed_answer_alike():
    """Same seed, same bytes, whatever the process hashes strings to."""
    with mock(env={"PYTHONHASHSEED": "1"}) as one, mock(env={"PYTHONHASHSEED": "2"}) as other:
        ours, theirs = ([running.ask("GET", path) for path in GETS] for running in (one, other))

    assert [status for status, _ in ours] == [200] * len(GETS)
    assert ours == theirs


def test_another_seed_answers_otherwise():
    """The seed decides who lives there."""
    with mock("--seed", "42") as one, mock("--seed", "43") as other:
        ours, theirs = (running.ask("GET", "/v3/users?perPage=1000") for running in (one, other))

    assert ours != theirs


@pytest.mark.parametrize("name", worlds.WORLDS)
def test_every_named_world_can_be_served(name):
    """What ``mockserver worlds`` lists, ``--world`` takes."""
    with mock("--world", name) as running:
        status, body = running.ask("GET", "/v3/users", as_user="")
    users = len(list(worlds.make(name).users))

    assert status == 200
    assert json.loads(body)["meta"]["pagination"]["total"] == users


def test_a_world_of_any_size_can_be_served():
    """``users=50,messages=200`` is as good as a name."""
    with mock("--world", "users=50,messages=200,groups=3") as running:
        _, body = running.ask("GET", "/v3/users", as_user="")

    assert json.loads(body)["meta"]["pagination"]["total"] == 50


def test_keys_are_those_that_were_given():
    """``--api-key`` takes the place of the default key, and may come more than once."""
    with mock("--api-key", "one", "--api-key", "other") as running:
        statuses = [running.ask("GET", "/v3/users", key=key)[0] for key in ("one", "other", KEY)]

    assert statuses == [200, 200, 401]


def test_the_key_of_small_scope_is_known_but_let_in_nowhere():
    """auth-only answers 403 where an unknown key answers 401."""
    with mock() as running:
        statuses = [running.ask("GET", "/v3/users", key=key)[0] for key in ("auth-only", "nobody")]

    assert statuses == [403, 401]


def test_keys_are_not_in_what_is_printed():
    """Output ends up in the logs of CI."""
    with mock("--api-key", "s3cret") as running:
        running.ask("GET", "/v3/users", key="s3cret")
        running.ask("GET", "/v3/nowhere", key="s3cret-too")
        running.end()
        printed = running.line + running.process.stdout.read() + running.process.stderr.read()

    assert "s3cret" not in printed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_mock_in_good_order(number):
    """Exit code 0, though a client stays connected, and nothing is left of the state."""
    with mock() as running, socket.create_connection(("127.0.0.1", running.port)):
        before = private_states(running.process.pid)
        code = running.end(number)

    assert code == 0
    assert len(before) == 1
    assert private_states(running.process.pid) == []


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_end_of_standard_input_ends_the_mock_in_good_order(workers):
    """With ``--until-eof`` it ends with the program that started it."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--until-eof", "--workers", workers],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.readline()
    states = private_states(process.pid)
    still_runs = process.poll() is None
    process.communicate(timeout=WITHIN_S)  # closes its standard input

    assert still_runs
    assert len(states) == 1
    assert process.returncode == 0
    assert private_states(process.pid) == []


@pytest.mark.parametrize("delay_s", [0.1, 0.2, 0.3, 0.4])
def test_a_signal_while_starting_leaves_nothing_either(delay_s):
    """Whoever is too impatient for the URL leaves no state behind."""
    process = subprocess.Popen([*COMMAND, "serve", "--port", "0"], **QUIET)
    time.sleep(delay_s)
    process.terminate()

    assert process.wait(timeout=WITHIN_S) in (0, -signal.SIGTERM)
    assert private_states(process.pid) == []


SIGNAL_WHERE_AN_OBJECT_ENDS = """
import os, signal, sys

class Ended:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        list(range(9))  # the handler runs before this method ends

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "duologue.mockserver.serving.run":
            Ended()

sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_whose_exception_python_ignores_is_obeyed(tmp_path, workers):
    """Imports end many objects, and what a handler raises there is ignored."""
    (tmp_path / "sitecustomize.py").write_text(SIGNAL_WHERE_AN_OBJECT_ENDS)
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    serving = [*COMMAND, "serve", "--port", "0", "--workers", workers]
    process = subprocess.Popen(
        serving, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )

    said, errors = process.communicate(timeout=WITHIN_S)

    assert "Exception ignored" in errors
    assert said == ""
    assert process.returncode == 0
    assert private_states(process.pid) == []


def test_a_state_file_survives_a_restart(tmp_path):
    """``--state FILE``: what was written is there again."""
    state = str(tmp_path / "state.sqlite")
    with mock("--state", state) as running:
        number = running.say("see you tomorrow")
        running.end()
    with mock("--state", state) as again:
        _, body = again.ask("GET", "/v3/users/bo/conversation")

    conversation = json.loads(body)["data"]

    assert conversation["lastMessage"]["id"] == number
    assert conversation["unreadMessageCount"] == 4


def test_acknowledged_writes_survive_kill(tmp_path):
    """Killed in the middle: what was answered with 200 is in the file."""
    state = str(tmp_path / "state.sqlite")
    with mock("--state", state, "--world", "examples") as running:
        sent = [running.say(f"number {count}") for count in range(20)]
        running.process.kill()
        running.process.wait(timeout=WITHIN_S)
    with mock("--state", state, "--world", "examples") as again:
        found = [again.ask("GET", f"/v3/messages/{number}")[0] for number in sent]

    assert found == [200] * 20


def test_killing_the_mock_frees_its_port():
    """One process, so that nobody is left who answers."""
    with held_port() as port, mock("--port", str(port)) as running:
        running.process.kill()
        running.process.wait(timeout=WITHIN_S)

        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S)


def test_what_a_killed_mock_leaves_in_memory_is_cleared_away_by_the_next():
    """A state nobody can reach any more takes up memory; that of a running mock is left alone."""
    with mock() as running, mock() as killed:
        made = private_states(killed.process.pid)  # once killed, any other mock may clear it
        killed.process.kill()
        killed.process.wait(timeout=WITHIN_S)
        with mock():  # or one of another test that is just about to remove it
            assert happens(lambda: not private_states(killed.process.pid))
            left = private_states(running.process.pid)

    assert (len(made), len(left)) == (1, 1)


def test_what_a_killed_app_leaves_in_memory_is_cleared_away_too():
    """A test run that is killed takes its apps with it, but not their states."""
    app = subprocess.Popen(
        [sys.executable, "-c", APP], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    app.stdout.readline()
    before = private_states(app.pid)
    app.kill()
    app.communicate()
    with mock():
        assert happens(lambda: not private_states(app.pid))

    assert len(before) == 1


def test_workers_share_one_state():
    """A message sent through one process is counted by the other."""
    with mock("--workers", "2") as running:
        workers = _children(running.process.pid)
        for _ in range(10):
            running.say("hello")
        counts = {_unread(running) for _ in range(20)}
        code = running.end()

    assert code == 0
    assert len(workers) == 2
    assert counts == {13}
    assert private_states(running.process.pid) == []
    assert not any(map(_runs, workers))


def test_workers_end_with_the_process_that_started_them():
    """Killed or not: nobody is left who answers."""
    with held_port() as port, mock("--workers", "2", "--port", str(port)) as running:
        workers = _children(running.process.pid)
        running.process.kill()
        running.process.wait(timeout=WITHIN_S)
        assert happens(lambda: not any(map(_runs, workers)))

        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S)


def test_a_lost_worker_ends_the_mock():
    """Half a mock would hide what has happened."""
    with mock("--workers", "2") as running:
        lost, other = _children(running.process.pid)
        os.kill(lost, signal.SIGKILL)
        code = running.process.wait(timeout=WITHIN_S)
        said = running.process.stderr.read()

    assert code == 1
    assert said == f"mockserver: The worker with process id {lost} ended with exit code -9\n"
    assert not _runs(other)


def test_a_taken_port_is_said_to_be_taken():
    """A second mock on one port would answer every other request."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        assert f"127.0.0.1:{port}: the port is in use" in refused("serve", "--port", port)


def test_a_mock_does_not_share_its_port_with_another_one():
    """Taken is taken, also between mocks."""
    with mock() as running:
        assert "the port is in use" in refused("serve", "--port", str(running.port))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--world", "atlantis"), "no world is called 'atlantis'; choose one of: default"),
        (("--world", "users=1,messages=5"), "they need at least 2 users"),
        (("--host", "192.0.2.1"), "not an address of this machine"),
        (("--host", "nowhere.invalid"), "the host has no address"),
        (("--host", "nowhere..invalid"), "the host has no address"),
        (("--host", "übel..invalid"), "the host has no address"),
        (("--host", ""), "name an address"),
        (("--port", "65536"), "--port 65536 cannot be used"),
        (("--port", "http"), "'http' is not a valid integer"),
        (("--seed", "-1"), "--seed -1 cannot be used"),
        (("--seed", str(2**63)), f"seeds are whole numbers from 0 to {2**63 - 1}"),
        (("--world", "\udcff"), "no world is called '\\udcff'"),
        (("--world", f"users={10**20},messages=2"), "a number is above 10000000"),
        (("--state", "\udcff"), "the path is not UTF-8; choose another place"),
        (("--workers", "0"), "--workers 0 cannot be used"),
        (("--api-key", ""), "--api-key"),
        (("--api-key", "two words"), "--api-key"),
        (("--print-url", "xml"), "'xml' is not one of"),
        (("--colour", "red"), "No such option"),
        (("--state", "/nowhere/state.sqlite"), "there is no directory /nowhere"),
        (("--state", "/"), "it is a directory"),
        (("--state", ""), "it is a directory"),
        (("--state", "mysql://localhost/x"), "no state is kept in mysql; name an SQLite file"),
        (("--state", "file:///x"), "no state is kept in file; name an SQLite file"),
        (("--state", "x" * 300), "File name too long; choose another place"),
    ],
)
def test_what_cannot_be_served_is_refused_in_one_sentence(options, sentence):
    """Exit code 2, and a sentence that says what to do instead."""
    assert sentence in refused("serve", "--port", "0", *options)


def test_a_file_that_is_no_state_is_left_alone(tmp_path):
    """A mistyped path must not cost anybody a file."""
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Ana, ...")

    assert "is no state of a mock" in refused("serve", "--port", "0", "--state", str(letter))
    assert letter.read_text() == "Dear Ana, ..."


def test_a_state_that_another_process_holds_is_not_called_another_kind(tmp_path):
    """Whether it is a state cannot be seen then; the start says what it is that holds it."""
    path = tmp_path / "state.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE users (uid)")
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")

        Settings(state=str(path))


def test_a_state_in_a_folder_that_cannot_be_written_is_called_a_state(tmp_path, monkeypatch):
    """SQLite writes files beside it; root, as in CI, may write anywhere."""
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"")
    (tmp_path / "link").mkdir()
    link = tmp_path / "link" / "state.sqlite"
    link.symlink_to(path)
    monkeypatch.setattr("os.access", lambda place, _: Path(place) != tmp_path)

    for one in (path, link):
        with pytest.raises(InvalidSetting, match=f"the directory {tmp_path} cannot be written"):
            Settings(state=str(one))


def test_a_database_of_somebody_else_is_left_alone(tmp_path):
    """An SQLite file with other tables is no state either."""
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as shop:
        shop.execute("create table orders (id integer)")
    shop.close()
    before = path.read_bytes()

    assert str(path) in refused("serve", "--port", "0", "--state", str(path))
    assert path.read_bytes() == before


def test_worlds_are_listed_with_what_they_are_for():
    """``mockserver worlds`` names each world once."""
    done = subprocess.run([*COMMAND, "worlds"], capture_output=True, text=True, check=True)

    listed = [line.split()[0] for line in done.stdout.splitlines()]
    assert listed[: len(worlds.WORLDS)] == list(worlds.WORLDS)


def test_starting_imports_nothing_that_is_only_for_later():
    """Starting is part of every test run, so what is slow to import waits until it is needed."""
    with mock(env={"PYTHONPROFILEIMPORTTIME": "1"}) as running:
        running.ask("GET", "/v3/conversations")
        running.end()
        imported = {line.rpartition("|")[2].strip() for line in running.process.stderr}

    assert "flask" in imported
    assert imported.isdisjoint({"faker", "openapi_core", "rich", "schemathesis", "waitress"})


def private_states(pid: int) -> list[Path]:
    """The directories of a process, wherever private ones are made."""
    places = (Path("/dev/shm"), Path(tempfile.gettempdir()))
    return [path for place in places for path in place.glob(f"mockserver-{pid}-*")]


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie that waits for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _unread(running: Mock) -> int:
    _, body = running.ask("GET", "/v3/users/bo/conversation")
    return json.loads(body)["data"]["unreadMessageCount"]


def test_what_clients_of_all_workers_used_is_written_at_the_end(tmp_path):
    """A file of an earlier mock is replaced."""
    path = tmp_path / "web.json"
    path.write_text("{}")

    with mock("--usage", str(path), "--workers", "2") as running:
        for _ in range(6):
            running.ask("GET", "/v3/conversations?perPage=2")
        running.end()

    usage = json.loads(path.read_text())
    assert usage["consumer"] == "web"
    assert usage["operations"]["GET /conversations"]["count"] == 6


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("none/web.json", "there is no directory"),
        (".", "is a directory"),
        ("", "is a directory"),
        ("x" * 300, "File name too long"),
        ("loop", "Too many levels of symbolic links"),
        ("dangling", "there is no directory"),
    ],
)
def test_a_usage_file_that_cannot_be_written_is_refused(tmp_path, path, sentence):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere/web.json")

    assert sentence in refused("serve", "--port", "0", "--usage", str(tmp_path / path))


def test_a_pipe_stays_where_usage_or_state_is_to_go_there(tmp_path):
    """Else /dev/null would become a file, where the mock is run by root."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(pipe.read_text)
        with mock("--usage", str(pipe)):
            pass
        assert json.loads(read.result(WITHIN_S))["consumer"] == "pipe"

    assert pipe.is_fifo()
    assert "a device, a pipe or a socket" in refused("serve", "--port", "0", "--state", str(pipe))
    workers = refused("serve", "--port", "0", "--usage", str(pipe), "--workers", "2")
    assert "several workers need a file" in workers


def test_a_socket_takes_no_usage(tmp_path):
    with closing(socket.socket(socket.AF_UNIX)) as bound:
        bound.bind(str(tmp_path / "s"))

        said = refused("serve", "--port", "0", "--usage", str(tmp_path / "s"))

    assert "it is a socket; name a file" in said


def test_usage_goes_where_a_link_leads(tmp_path):
    """The file that was there is emptied, not removed: it may be mounted alone."""
    file, link = tmp_path / "web.json", tmp_path / "link"
    file.write_text("of an earlier mock")
    link.symlink_to(file)
    with mock("--usage", str(link)):
        pass

    assert link.is_symlink()
    assert json.loads(file.read_text())["consumer"] == "link"
