"""The database fails: a sentence and 503 or 507, nothing lost, and no restart once it is back."""

from __future__ import annotations

import errno
import re
import shutil
import sqlite3
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.mockserver.errors import StateUnusable
from duologue.mockserver.store import backends, schema
from duologue.mockserver.store.availability import diagnosed
from duologue.mockserver.store.backends import make_engine
from duologue.mockserver.store.store import Store

LIST = "/conversations"
MESSAGE = {"receiver": "bo", "receiverType": "user", "data": {"text": "Hello"}}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state.sqlite"


@pytest.fixture
def kept(open_api, file):
    """The API over a state in a file."""
    return open_api(examples(42), state_url=f"sqlite:///{file}", is_kept=True)


def tag(api, name: str):
    return api.put("/users/bo/conversation", as_="ana", json={"tags": [name]})


def unavailable(answer) -> tuple[int, str]:
    error = answer.get_json()["error"]
    assert error["code"] in {"ERR_SERVICE_UNAVAILABLE", "ERR_CONTROL_STATE"}
    return answer.status_code, error["message"]


@pytest.mark.parametrize("is_replaced", [False, True])
def test_the_file_is_removed_or_replaced(kept, file, is_replaced):
    """Nothing is written where nobody finds it; what was there can still be read and saved."""
    before = kept.get(LIST, as_="ana").get_json()
    file.unlink()
    if is_replaced:
        file.write_bytes(b"")

    for _ in range(2):
        status, message = unavailable(tag(kept, "lost"))
        assert status == 503
        assert ("replaced" if is_replaced else "removed") in message
    assert unavailable(kept.client.get("/_mock/health"))[0] == 503
    assert unavailable(kept.client.post("/_mock/reset"))[0] == 503
    assert kept.get(LIST, as_="ana").get_json() == before
    assert kept.client.get("/_mock/world").status_code == 200
    assert file.exists() is is_replaced


@pytest.mark.parametrize("end", ["-wal", "-shm"])
def test_a_file_beside_it_is_removed(kept, open_api, file, end):
    """What was written last is there: it was lost, and "the disk fails" was said of it."""
    tag(kept, "before")
    file.with_name(file.name + end).unlink()
    seen: list[int] = []

    def read():  # by a connection that is not there yet
        seen.append(kept.get(LIST, as_="ana").status_code)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()

    for answer in (tag(kept, "lost"), kept.client.get("/_mock/health")):
        status, message = unavailable(answer)
        assert (status, f"{file.name}{end} was removed" in message) == (503, True)
    assert seen == [200]
    assert kept.client.get("/_mock/world").status_code == 200
    inside(kept.app).close()
    again = open_api(examples(42), state_url=f"sqlite:///{file}", is_kept=True)
    assert again.conversation("ana", "users/bo")["tags"] == ["before"]


@pytest.mark.parametrize("path", [f"/v3{LIST}", "/_mock/world"])
def test_a_thread_that_has_not_asked_yet_reads_what_is_gone(kept, file, path):
    """No request has had its connection when the file was removed."""
    answers: list[int] = []
    headers = {"apikey": "mock-api-key", "onBehalfOf": "ana"}

    def ask():
        answers.append(kept.client.get(path, headers=headers).status_code)

    file.unlink()
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

    assert answers == [200]
    assert tag(kept, "lost").status_code == 503


def test_a_state_that_ends_with_the_process_is_written_on_without_its_file(open_api, file):
    """Nobody could find it afterwards anyway; that the file is gone is told by the health."""
    private = open_api(examples(42), state_url=f"sqlite:///{file}")
    tag(private, "before")
    file.unlink()

    assert tag(private, "after").get_json()["data"]["tags"] == ["after"]
    assert private.get("/users/bo/conversation", as_="ana").get_json()["data"]["tags"] == ["after"]
    assert unavailable(private.client.get("/_mock/health"))[0] == 503


def test_the_file_is_put_back(kept, file):
    tag(kept, "before")
    file.rename(file.with_suffix(".away"))
    assert tag(kept, "lost").status_code == 503

    file.with_suffix(".away").rename(file)

    assert kept.client.get("/_mock/health").status_code == 200
    assert tag(kept, "after").get_json()["data"]["tags"] == ["after"]


def test_the_disk_is_full(kept):
    """507, reads go on, and it works again as soon as there is space."""
    store = inside(kept.app).store
    with store.writing() as conn:
        used = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {used}")

    answers = [
        kept.post(
            "/users", json={"uid": f"u{n}", "name": "x" * 90, "avatar": f"http://a/{'y' * 900}"}
        )
        for n in range(200)
    ]

    full = [one for one in answers if one.status_code != 200]
    assert full
    assert {unavailable(one)[0] for one in full} == {507}
    assert "disk is full" in unavailable(full[0])[1]
    assert kept.get(LIST, as_="ana").status_code == 200
    assert kept.post("/users", json={"uid": "later", "name": "Later"}).status_code == 200


def test_connections_are_lost(open_api, postgres):
    """A database that restarts is met again without a restart of the mock."""
    url = postgres.empty(90)
    api = open_api(examples(42), state_url=url)
    assert tag(api, "before").status_code == 200
    name = "state_90"

    postgres.end_connections(90)
    assert tag(api, "between").status_code == 200
    postgres.end_connections(90)
    assert api.get(LIST, as_="ana").status_code == 200
    postgres.run(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
    postgres.end_connections(90)
    away = [unavailable(one)[0] for one in (api.get(LIST, as_="ana"), tag(api, "lost"))]
    health = unavailable(api.client.get("/_mock/health"))
    postgres.run(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")

    assert away == [503, 503]
    assert health[0] == 503
    assert "connects again" in health[1]
    assert api.client.get("/_mock/health").status_code == 200
    assert api.conversation("ana", "users/bo")["tags"] == ["between"]
    assert tag(api, "after").get_json()["data"]["tags"] == ["after"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v3/conversations", None),
        ("GET", "/_mock/health", None),
        ("GET", "/_mock/world", None),
        ("GET", "/_mock/", None),
        ("POST", "/_mock/reset", None),
        ("POST", "/v3/users", {"uid": "new", "name": "New"}),
        ("DELETE", "/v3/conversations/user_bo", None),
    ],
)
def test_a_connection_that_was_ended_meanwhile(open_api, postgres, method, path, body):
    """By `idle_session_timeout`, or by a server that has started again: nobody gets to know."""
    api = open_api(examples(42), state_url=postgres.empty(90))
    headers = {"apikey": "mock-api-key", "onBehalfOf": "ana"}

    def ask() -> int:
        return api.client.open(path, method=method, json=body, headers=headers).status_code

    if method != "DELETE" and body is None:
        assert ask() == 200
    postgres.end_connections(90)

    assert ask() == 200


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("table", sorted(schema.metadata.tables))
def test_health_misses_a_table(open_api, tmp_path, request, kind, table):
    """Each of them: a table that no probe's own question needs is missed by other requests."""
    file = tmp_path / "state.sqlite"
    postgres = request.getfixturevalue("postgres") if kind == "postgresql" else None
    url = postgres.empty(90) if postgres else f"sqlite:///{file}"
    api = open_api(examples(42), state_url=url)

    def rename(old: str, new: str) -> None:
        statement = f"ALTER TABLE {old} RENAME TO {new}"
        if postgres:
            postgres.run(statement, url=url)
            return
        with closing(sqlite3.connect(file)) as run:
            run.execute(statement)

    rename(table, "elsewhere")
    away = api.client.get("/_mock/health")
    rename("elsewhere", table)

    assert unavailable(away)[0] == 503
    assert api.client.get("/_mock/health").status_code == 200


def test_a_database_that_takes_no_more_connections(postgres):
    """Who gets none does not take those of the others away; nobody had one in the end."""
    postgres.run("DROP DATABASE IF EXISTS few", "DROP ROLE IF EXISTS few")
    postgres.run("CREATE ROLE few LOGIN CONNECTION LIMIT 1", "CREATE DATABASE few OWNER few")
    url = re.sub(r"//.*@/postgres", "//few@/few", postgres.url)
    said = []

    with closing(Store(url)) as store:

        def ask() -> None:
            try:
                store.reading()
            except SQLAlchemyError as error:
                said.append(str(store.unavailable(error)))

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        store.check()

    assert "takes no more connections" in said[0]


def test_a_database_that_lets_nobody_in(postgres):
    """What it says itself is told, not that it does not answer."""
    with closing(Store(postgres.empty(90))) as store:
        store.engine = make_engine(postgres.url.replace("/postgres?", "/nowhere?"))
        store.renew()
        with pytest.raises(SQLAlchemyError) as caught:
            store.reading()

        assert 'database "nowhere" does not exist' in str(store.unavailable(caught.value))


def test_a_database_that_takes_no_changes(open_api, postgres):
    """As after a failover to a standby, or where a provider's disk is full: no bug of the mock."""
    api = open_api(examples(42), state_url=postgres.empty(96))
    assert tag(api, "before").status_code == 200
    made = "ALTER DATABASE state_96 {} default_transaction_read_only"

    postgres.run(f"{made.format('SET')} = on")
    postgres.end_connections(96)
    listed = api.get(LIST, as_="ana")
    during = [
        tag(api, "lost"),
        api.client.post("/_mock/reset"),
        api.client.get("/_mock/health"),
    ]
    postgres.run(made.format("RESET"))

    assert listed.status_code == 200
    assert [unavailable(one)[0] for one in during] == [503] * 3
    assert {"read-only" in unavailable(one)[1] for one in during} == {True}
    assert tag(api, "after").get_json()["data"]["tags"] == ["after"]
    assert api.client.get("/_mock/health").status_code == 200


@pytest.mark.parametrize("first", ["a list", "health", "a reset"])
def test_the_server_of_the_database_stops_and_starts(open_api, postgres, first):
    """503 in the envelope meanwhile, as health says, too; then all is as before, and goes on.

    After health had met the lost connection first, each request was answered 500 from then on.
    """
    api = open_api(examples(42), state_url=postgres.empty(92))
    assert tag(api, "before").status_code == 200
    listed = api.get(LIST, as_="ana").get_json()

    postgres.stop()
    asked = {
        "a list": lambda: api.get(LIST, as_="ana"),
        "a change": lambda: tag(api, "lost"),
        "a message": lambda: api.post("/messages", as_="ana", json=MESSAGE),
        "health": lambda: api.client.get("/_mock/health"),
        "a reset": lambda: api.client.post("/_mock/reset"),
        "the world": lambda: api.client.get("/_mock/world"),
        "a page": lambda: api.client.get("/_mock/"),
    }
    during = [ask() for ask in (asked[first], *asked.values())]
    postgres.start()

    assert [unavailable(one)[0] for one in during] == [503] * len(during)
    assert api.client.get("/_mock/health").status_code == 200
    assert api.get(LIST, as_="ana").get_json() == listed
    assert tag(api, "after").get_json()["data"]["tags"] == ["after"]
    assert api.client.post("/_mock/reset").status_code == 200


def closed_file(file) -> bytes:
    """Return the bytes of a state that was closed, with nothing left beside it."""
    inside(create_app(world=examples(42), state_url=f"sqlite:///{file}")).close()
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.read_bytes()


def damaged(raw: bytes, how: str) -> bytes:
    page = 4096
    return {
        "cut in half": raw[: len(raw) // 2],
        "cut within a page": raw[: page + 100],
        "its first page scrambled": bytes(page) + raw[page:],
        "every page but the first scrambled": raw[:page] + b"\xdf" * (len(raw) - page),
        "its schema scrambled": raw[:200].ljust(page, b"\xdf") + raw[page:],
    }[how]


@pytest.mark.parametrize(
    "how",
    [
        "cut in half", "cut within a page", "its first page scrambled",
        "every page but the first scrambled", "its schema scrambled",
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_at_the_start_or_answered_503(file, how):
    """One sentence either way, and the file is left as it is."""
    raw = damaged(closed_file(file), how)
    file.write_bytes(raw)

    try:
        app = create_app(world=examples(42), state_url=f"sqlite:///{file}")
    except StateUnusable as error:
        told = [str(error)]
    else:
        client = app.test_client()
        paths = ("/v3/conversations?perPage=1000", "/_mock/world", "/_mock/", "/v3/messages")
        answers = [client.get(path, headers={"apikey": "mock-api-key"}) for path in paths]
        inside(app).close()
        told = [one.get_json()["error"]["message"] for one in answers if one.status_code == 503]
        assert {one.status_code for one in answers} <= {200, 503}

    assert told
    assert all(
        re.search(r"damaged|overwritten|malformed|not a database|decode", one) for one in told
    )
    assert file.read_bytes()[: len(raw)] == raw


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (sqlite3.OperationalError("database or disk is full"), 507),
        (sqlite3.OperationalError("unable to open database file"), 503),
        (sqlite3.OperationalError("attempt to write a readonly database"), 503),
        (sqlite3.DatabaseError("database disk image is malformed"), 503),
        (sqlite3.DatabaseError("file is not a database"), 503),
        (OSError(errno.EMFILE, "Too many open files"), 503),
        (OSError(errno.ENOSPC, "No space left on device"), 507),
    ],
    ids=str,
)
def test_what_is_named(error, status):
    assert diagnosed(error).status == status


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SQLITE_IOERR_SHMMAP", "cannot share memory between connections"),
        ("SQLITE_IOERR_RDLOCK", "refuses locks"),
        ("SQLITE_IOERR_FSYNC", "the disk fails or is full (disk I/O error (SQLITE_IOERR_FSYNC))"),
    ],
)
def test_a_file_system_that_lacks_something(name, said):
    """SQLite says the same of all of them; seen on FUSE with direct_io, or without fsync."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name

    assert said in str(diagnosed(error))


def test_a_start_on_a_file_that_is_held(file, monkeypatch):
    """A file system without locks, as of some network mounts, looks the same to SQLite."""
    monkeypatch.setattr(backends, "WITHIN_S", 0)
    Store(f"sqlite:///{file}").close()

    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StateUnusable, match="holds the file, or its file system has no locks"):
            Store(f"sqlite:///{file}")


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("DiskFull", 507, "disk of the database is full"),
        ("TooManyConnections", 503, "no more connections"),
        ("UndefinedTable", 503, "removed or renamed"),
        ("ReadOnlySqlTransaction", 503, "read-only"),
        ("InsufficientPrivilege", 503, "denies the mock's role a permission"),
        ("AdminShutdown", 503, "connects again"),
        ("ConnectionFailure", 503, "connects again"),
        ("DeadlockDetected", 503, "gave a statement up (as it says); send this again"),
        ("OutOfMemory", 503, "gave a statement up (as it says); send this again"),
    ],
)
def test_what_is_named_of_postgresql(name, status, said):
    errors = pytest.importorskip("psycopg").errors

    found = diagnosed(getattr(errors, name)("as it says"))

    assert (found.status, said in str(found)) == (status, True)
    assert found.is_lost == (
        name not in {"DiskFull", "InsufficientPrivilege"} and "gave" not in said
    )


OWNERS = {
    "default_transaction_isolation": ("serializable", "read committed"),
    "statement_timeout": ("50ms", "0"),
    "lock_timeout": ("1ms", "0"),
    "idle_in_transaction_session_timeout": ("1s", "0"),
}


def test_what_the_owner_of_a_database_has_set_for_others_breaks_no_request(postgres):
    """Eight writers to one row: a third of them were 503, `the database does not answer`."""
    url = postgres.empty(88)
    for name, (theirs, _) in OWNERS.items():
        postgres.run(f"ALTER DATABASE state_88 SET {name} = '{theirs}'")
    said: list[object] = []
    rows = schema.conversations

    with closing(Store(url)) as store:
        with store.writing() as conn:
            numbers = dict.fromkeys(("last_seq", "deletions", "created_at", "updated_at"), 0)
            conn.execute(insert(rows).values(kind="group", key="g", **numbers))

        def write() -> None:
            try:
                for _ in range(20):
                    with store.writing() as conn:
                        conn.execute(update(rows).values(last_seq=rows.c.last_seq + 1))
            except SQLAlchemyError as error:
                said.append(error)

        threads = [threading.Thread(target=write) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        reading = store.reading()
        raised = reading.execute(select(rows.c.last_seq)).scalar_one()
        ours = {name: reading.exec_driver_sql(f"SHOW {name}").scalar_one() for name in OWNERS}
    postgres.forget(url)

    assert said == []
    assert raised == 160
    assert ours == {name: own for name, (_, own) in OWNERS.items()}


def test_a_permission_that_is_taken_away(open_api, postgres):
    """503 in the envelope meanwhile, and the next request after it is granted again goes on."""
    postgres.run("DROP DATABASE IF EXISTS granted", "DROP ROLE IF EXISTS granted")
    postgres.run("CREATE ROLE granted LOGIN", "CREATE DATABASE granted OWNER granted")
    url = re.sub(r"//.*@/postgres", "//granted@/granted", postgres.url)
    as_owner = postgres.url.replace("/postgres?", "/granted?")
    api = open_api(examples(42), state_url=url)

    postgres.run("ALTER TABLE copies OWNER TO postgres", url=as_owner)
    during = tag(api, "denied")
    postgres.run("ALTER TABLE copies OWNER TO granted", url=as_owner)

    assert unavailable(during)[0] == 503
    assert "denies the mock's role a permission" in unavailable(during)[1]
    assert tag(api, "after").status_code == 200


def test_a_role_that_may_not_create_tables(postgres):
    """PostgreSQL 15 and later let only the owner do so."""
    postgres.run("DROP DATABASE IF EXISTS others", "DROP ROLE IF EXISTS guest")
    postgres.run("CREATE ROLE guest LOGIN", "CREATE DATABASE others")
    url = re.sub(r"//.*@/postgres", "//guest@/others", postgres.url)

    with pytest.raises(StateUnusable, match=r"GRANT CREATE ON SCHEMA public .* role owns$"):
        Store(url)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("sorry, too many clients already", "no more connections"),
        ("too many connections for database", "no more connections"),
        ("remaining connection slots are reserved for roles with", "no more connections"),
        ("the database system is starting up", "lets nobody in (the database system is starting"),
        ("password authentication failed for user", "lets nobody in (password authentication"),
    ],
)
def test_what_is_named_of_a_connection_that_is_refused(words, said):
    """Such an error has no code, only the server's words."""
    errors = pytest.importorskip("psycopg").errors
    text = f'connection failed: connection to server at "::1", port 5432 failed: FATAL:  {words}'

    assert said in str(diagnosed(errors.OperationalError(text)))


def test_what_is_not_postgresqls_trouble():
    errors = pytest.importorskip("psycopg").errors

    assert diagnosed(errors.UniqueViolation()) is None
    assert diagnosed(errors.UndefinedColumn()) is None


@pytest.mark.parametrize(
    "error",
    [sqlite3.IntegrityError("UNIQUE constraint failed"), ValueError("x"), OSError("x")],
    ids=str,
)
def test_what_is_not_the_databases_trouble(error):
    assert diagnosed(error) is None


def test_one_of_two_hosts_is_gone(open_api, postgres):
    """A state named by two hosts is met at the one that takes writes."""
    url = postgres.empty(93)
    place, _, there = url.partition("?host=")
    both = f"{place}?host=127.0.0.1:1&host={there}:5432&target_session_attrs=read-write"

    api = open_api(examples(42), state_url=both)

    assert tag(api, "here").status_code == 200
    assert api.client.get("/_mock/health").status_code == 200


def test_the_second_of_two_hosts_takes_over(open_api, postgres):
    """When the first host is gone, the mock goes on with the second, and with no kept answer."""
    url = postgres.empty(94)
    place, _, first = url.partition("?host=")
    second = Path(tempfile.mkdtemp(prefix="pg-"))  # a socket's path has to be short
    both = f"{place}?host={first}:5432&host={second}:5432&target_session_attrs=read-write"
    api = open_api(examples(42), state_url=both)
    assert tag(api, "before").status_code == 200
    listed = api.get(LIST, as_="ana").get_json()

    postgres.stop()
    try:
        between = api.get(LIST, as_="ana")
        with postgres.taken_over(second):
            after = api.get(LIST, as_="ana")
            tags = api.conversation("ana", "users/bo")["tags"]
            written = tag(api, "after")
            health = api.client.get("/_mock/health")
    finally:
        postgres.start()
        shutil.rmtree(second, ignore_errors=True)

    assert unavailable(between)[0] == 503
    assert after.get_json() == listed
    assert tags == ["before"]
    assert written.get_json()["data"]["tags"] == ["after"]
    assert health.status_code == 200
    at_first = postgres.ask("SELECT tags FROM copies WHERE uid = 'ana' AND peer = 'bo'", url)
    assert "before" in at_first


@pytest.mark.parametrize(
    ("written", "seconds"), [("", "5"), ("&keepalives_idle=60", "60")], ids=["default", "written"]
)
def test_no_connection_waits_long_for_a_host_that_is_gone(postgres, written, seconds):
    """Without these, what was asked over a connection to it had no answer for a quarter hour."""
    store = Store(postgres.empty(93) + written)
    driver = store.reading().info["driver"]
    parameters = driver.info.get_parameters()
    store.close()

    wanted = {"connect_timeout": "10", "tcp_user_timeout": "10000", "keepalives_idle": seconds}
    assert {name: parameters.get(name) for name in wanted} == wanted
