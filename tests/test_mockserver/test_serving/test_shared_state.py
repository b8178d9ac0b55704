"""One state behind several processes: workers over a file, mocks over one PostgreSQL.

No acknowledged write is lost or counted twice under concurrent writes; the full load test is
`benchmarks/load.py`.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack, closing, contextmanager

import pytest

from support.waiting import WITHIN_S

COMMAND = (
    sys.executable,
    "-m",
    "duologue.mockserver",
    "serve",
    "--times",
    "fixed",
    "--port",
    "0",
    "--print-url",
    "json",
)
STEPS = 100  # of each client
USERS = ("ana", "bo", "cleo")
PEERS = {"ana": ("bo", "cleo"), "bo": ("ana", "cleo"), "cleo": ("ana", "bo")}
GROUP = "hikers"


@contextmanager
def mock(*options: str, **env: str):
    """Run a mock with the world `examples` within the block; yield its port."""
    process = subprocess.Popen(
        [*COMMAND, "--world", "examples", *options],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | env,
    )
    try:
        line = process.stdout.readline()
        assert line, "the mock has ended"
        yield int(json.loads(line)["url"].removesuffix("/v3").rpartition(":")[2])
    finally:
        process.terminate()
        process.communicate(timeout=WITHIN_S)


class Client:
    """One user of one mock, with its own connection."""

    def __init__(self, port: int, uid: str) -> None:
        self.uid = uid
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)

    def ask(self, method: str, path: str, body=None):
        headers = {"apikey": "mock-api-key", "onBehalfOf": self.uid}
        headers["Content-Type"] = "application/json"
        text = None if body is None else json.dumps(body)
        self.http.request(method, path, body=text, headers=headers)
        response = self.http.getresponse()
        return response.status, json.loads(response.read())

    def do(self, method: str, path: str, body=None):
        status, answer = self.ask(method, f"/v3{path}", body)
        assert status == 200, (method, path, answer)
        return answer["data"]

    def send(self, kind: str, receiver: str) -> int:
        body = {"receiver": receiver, "receiverType": kind, "data": {"text": "Hello"}}
        return int(self.do("POST", "/messages", body)["id"])

    def unread(self, kind: str, peer: str) -> int:
        return self.do("GET", f"/{kind}s/{peer}/conversation")["unreadMessageCount"]


def place(kind: str, me: str, peer: str) -> tuple[str, ...]:
    return (peer,) if kind == "group" else tuple(sorted((me, peer)))


class Crowd:
    """Users who send, read and tag concurrently, and a record of what was acknowledged."""

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self.sent: dict[tuple[str, ...], list[tuple[int, str]]] = {}
        self.read: dict[tuple[str, str, str], int] = {}
        self.failures: list[BaseException] = []

    def run(self) -> None:
        threads = [
            threading.Thread(target=self.live, args=(uid, port, turn))
            for turn, port in enumerate(self.ports)
            for uid in USERS
        ]
        for uid in USERS:  # first read everything that the world leaves unread
            client = Client(self.ports[0], uid)
            client.do("POST", f"/groups/{GROUP}/conversation/read")
            for peer in PEERS[uid]:
                Client(self.ports[0], peer).send("user", uid)
            for peer in PEERS[uid]:
                client.do("POST", f"/users/{peer}/conversation/read")
        for uid in USERS:
            for peer in PEERS[uid]:
                Client(self.ports[0], uid).do("POST", f"/users/{peer}/conversation/read")
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def live(self, uid: str, port: int, turn: int) -> None:
        client, dice = Client(port, uid), random.Random(f"{uid}{turn}")
        try:
            for _ in range(STEPS):
                kind = dice.choice(("user", "group"))
                peer = GROUP if kind == "group" else dice.choice(PEERS[uid])
                self.act(client, dice.random(), kind=kind, peer=peer, turn=turn)
        except BaseException as failure:  # reported by the test's thread
            self.failures.append(failure)

    def act(self, client: Client, chance: float, *, kind: str, peer: str, turn: int) -> None:
        where = f"/{kind}s/{peer}/conversation"
        if chance < 0.5:
            number = client.send(kind, peer)
            self.sent.setdefault(place(kind, client.uid, peer), []).append((number, client.uid))
        elif chance < 0.6 and turn == 0:  # one reader per user, so that marks are sequential
            numbers = [n for n, _ in self.sent.get(place(kind, client.uid, peer), ())]
            mark = max(numbers, default=0)
            if mark > self.read.get((client.uid, kind, peer), 0):
                client.do("POST", f"{where}/read", {"messageId": str(mark)})
                self.read[client.uid, kind, peer] = mark
        elif chance < 0.75:
            client.do("PUT", where, {"tags": [f"by {client.uid}"]})
        elif chance < 0.85:
            client.do("POST", f"{where}/delivered")
        else:
            client.do("GET", "/conversations?perPage=5&withTags=true")

    def expected(self, me: str, kind: str, peer: str) -> int:
        read = self.read.get((me, kind, peer), 0)
        sent = self.sent.get(place(kind, me, peer), ())
        return sum(1 for number, sender in sent if sender != me and number > read)


def check(ports: list[int]) -> None:
    """Run the users against these mocks; compare each count with one computed from the record."""
    crowd = Crowd(ports)
    crowd.run()
    assert crowd.failures == []
    assert sum(map(len, crowd.sent.values())) > 20
    for port in ports:
        for me in USERS:
            client = Client(port, me)
            for kind, peer in [("group", GROUP), *(("user", peer) for peer in PEERS[me])]:
                assert client.unread(kind, peer) == crowd.expected(me, kind, peer), (me, peer)


def test_counts_under_load_with_two_workers(tmp_path):
    """SQLite, two processes on one port."""
    with mock("--state", str(tmp_path / "state.sqlite"), "--workers", "2") as port:
        check([port, port])


def test_a_read_is_answered_while_another_program_holds_the_file(tmp_path):
    """However many writers wait. They are let in, or refused if this machine is that slow."""
    state, done = tmp_path / "state.sqlite", []

    def tag():
        done.append(Client(port, "ana").ask("PUT", "/v3/users/bo/conversation", {"tags": ["t"]})[0])

    with (
        mock("--state", str(state)) as port,
        closing(sqlite3.connect(state, isolation_level=None)) as another,
    ):
        another.execute("BEGIN IMMEDIATE")
        writers = [threading.Thread(target=tag) for _ in range(12)]  # of 4 at once
        for writer in writers:
            writer.start()
        seen = [Client(port, "bo").ask("GET", "/v3/conversations")[0] for _ in range(3)]
        another.execute("ROLLBACK")
        for writer in writers:
            writer.join()

    assert seen == [200] * 3
    assert len(done) == 12
    assert set(done) <= {200, 503}


@pytest.fixture
def database(postgres) -> str:
    """Return the URL of an empty database in the form of the command line."""
    return postgres.empty(0).replace("postgresql://", "postgresql+psycopg://")


def test_counts_under_load_with_two_mocks_on_one_postgresql(database):
    """Two mocks that share only the database."""
    with ExitStack() as stack:
        starts = [mock("--state", database), mock(MOCKSERVER_STATE=database)]
        check([stack.enter_context(start) for start in starts])


def test_a_change_through_one_mock_is_seen_through_the_other(database):
    """A message sent through one is counted through the other; so is a reset."""
    with mock("--state", database) as one, mock("--state", database) as other:
        before = Client(other, "bo").unread("user", "ana")
        Client(one, "ana").send("user", "bo")
        counted = Client(other, "bo").unread("user", "ana")
        Client(other, "bo").ask("POST", "/_mock/reset")
        restored = Client(one, "bo").unread("user", "ana")

    assert (counted, restored) == (before + 1, before)


def test_a_mock_that_starts_again_finds_the_state(database):
    """The state is not created again."""
    with mock("--state", database) as port:
        number = Client(port, "ana").send("user", "bo")
    with mock("--state", database) as port:
        assert Client(port, "ana").send("user", "bo") == number + 1


def refused(*arguments: str, **env: str) -> str:
    """Return the message of a mock that cannot start: one line on stderr, exit code 2."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | env,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    return done.stderr


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://me:s3cr@t@127.0.0.1:1/x",
        "postgresql://me:s3cr@t@127.0.0.1:1/x?connect_timeout=2",
        "postgresql+psycopg://me@127.0.0.1:1/x?password=s3cr@t",
        "postgresql+psycopg://me:s3cr@t@127.0.0.1:nowhere/x",
        "postgrsql://me:s3cr@t@127.0.0.1/x",
    ],
)
@pytest.mark.parametrize("by_variable", [True, False])
def test_an_unusable_address_is_reported_without_its_password(url, by_variable):
    """From the option and from the environment, for any mistake in it."""
    message = refused(MOCKSERVER_STATE=url) if by_variable else refused("--state", url)

    assert message.startswith("mockserver: Cannot keep state in postgr")
    assert "127.0.0.1" in message
    assert "s3cr" not in message
    assert "@t" not in message


def test_a_database_with_other_tables_is_not_changed(database, postgres):
    """A mock neither uses tables that it did not make nor adds its own."""
    url = postgres.empty(1)
    postgres.run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public", url=url)
    postgres.run("CREATE TABLE users (id int)", "INSERT INTO users VALUES (1)", url=url)

    message = refused("--state", url)

    assert "something else" in message
    postgres.run("SELECT id FROM users", "DROP TABLE users", url=url)
    postgres.forget(url)


def test_without_the_extra(tmp_path, database):
    """The message names the extra to install."""
    (tmp_path / "psycopg.py").write_text("raise ImportError('No module named psycopg')")

    assert "duologue[postgres]" in refused("--state", database, PYTHONPATH=str(tmp_path))
