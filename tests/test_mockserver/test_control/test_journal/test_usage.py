"""What clients used: what is noted, how processes add up, and that `contracts diff` reads it."""

import errno
import fcntl
import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from importlib.resources import files

import jsonschema
import pytest
from click.testing import CliRunner

from duologue import openapi
from duologue.contracts.cli import main
from duologue.mockserver import testing
from duologue.mockserver.control.journal.usage import UsageRecorder
from duologue.mockserver.errors import UsageNotWritten
from duologue.openapi.own_folder import own_folder
from support.waiting import WITHIN_S

PUT = "PUT /users/{uid}/conversation"


def ask(mock, method, path, body=None):
    """Make a call as ana; return the status."""
    request = urllib.request.Request(
        mock.url + path,
        None if body is None else json.dumps(body).encode(),
        mock.headers("ana") | {"Content-Type": "application/json"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


@pytest.fixture
def recorded(tmp_path):
    """``recorded(call, …)``: the path of the file after these calls."""

    def recorded(*calls, name="web.json"):
        path = tmp_path / name
        with testing.running(usage=path) as mock:
            for call in calls:
                ask(mock, *call)
        return path

    return recorded


def read(path):
    """Return the content of a file, once it keeps the schema that `contracts diff` reads by."""
    document = json.loads(path.read_text(encoding="utf-8"))
    text = files("duologue.contracts.diff").joinpath("usage.schema.json").read_text("utf-8")
    jsonschema.Draft202012Validator(json.loads(text)).validate(document)
    return document


def test_operations_parameters_fields_and_statuses_are_counted(recorded):
    path = recorded(
        ("PUT", "/users/bo/conversation", {"tags": ["a", "b"]}),
        ("PUT", "/users/bo/conversation", {"tags": []}),
        ("PUT", "/users/nobody/conversation", {"tags": ["a"]}),
        ("GET", "/conversations?perPage=2&page=1"),
        ("GET", "/conversations?perPage=3"),
    )

    document = read(path)

    assert document["consumer"] == "web"
    assert document["operations"] == {
        "GET /conversations": {
            "count": 2,
            "parameters": {"header.onBehalfOf": 2, "query.page": 1, "query.perPage": 2},
            "statuses": {"200": 2},
        },
        PUT: {
            "count": 3,
            "parameters": {"header.onBehalfOf": 3},
            "body_fields": {"": 3, "tags": 3, "tags[]": 2},
            "statuses": {"200": 2, "404": 1},
        },
    }


def test_what_is_no_operation_of_the_contract_is_left_out(recorded):
    """A test's set-up is none of a consumer's use of it."""
    path = recorded(("GET", "/users"), ("GET", "/nothing"))

    assert read(path)["operations"] == {}


def test_a_body_that_is_no_json_is_no_field(recorded, tmp_path):
    """The refusal is noted."""
    path = tmp_path / "web.json"
    with testing.running(usage=path) as mock:
        request = urllib.request.Request(
            f"{mock.url}/users/bo/conversation", b"{", mock.headers("ana"), method="PUT"
        )
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=WITHIN_S)

    assert read(path)["operations"][PUT]["statuses"] == {"400": 1}
    assert "body_fields" not in read(path)["operations"][PUT]


def test_processes_of_one_mock_add_up(recorded):
    recorded(("PUT", "/users/bo/conversation", {"tags": ["a"]}))
    path = recorded(("PUT", "/users/bo/conversation", {"tags": []}), ("GET", "/conversations"))

    operations = read(path)["operations"]

    assert operations[PUT]["count"] == 2
    assert operations[PUT]["body_fields"] == {"": 2, "tags": 2, "tags[]": 1}
    assert operations["GET /conversations"]["count"] == 1


@pytest.mark.parametrize(
    "content", [b"\xff", b"[1]", b"{}", b'{"operations": 1}', b'{"operations": {"a": 1}}']
)
def test_a_file_of_something_else_stays_as_it_is(tmp_path, content):
    path = tmp_path / "web.json"
    path.write_bytes(content)

    with pytest.raises(UsageNotWritten, match="it holds something else"):
        UsageRecorder().write(path)

    assert path.read_bytes() == content


ADD = """
import sys
from pathlib import Path
import filelock
from flask import Request
from werkzeug.test import EnvironBuilder
from duologue.mockserver.control.journal.usage import UsageRecorder

usage = UsageRecorder()
usage.note("listConversations", Request(EnvironBuilder("/v3").get_environ()), status=200)
if len(sys.argv) > 2:
    sys.modules["fcntl"] = None  # its import fails
usage.write(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("more", [(), ("without locks of folders",)])
def test_processes_at_once_all_add_up_and_leave_nothing(more, tmp_path):
    """A lock that one user left in /tmp kept all others from writing to the same file."""
    for name in ("out", "tmp"):
        (tmp_path / name).mkdir()
    file = tmp_path / "out" / "web.json"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ADD, str(file), *more],
            env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
        )
        for _ in range(8)
    ]

    assert [each.wait() for each in processes] == [0] * 8
    assert json.loads(file.read_text())["operations"]["GET /conversations"]["count"] == 8
    assert [*(tmp_path / "out").iterdir()] == [file]
    assert bool([*(tmp_path / "tmp").iterdir()]) is bool(more)


def test_a_lock_is_not_opened_where_another_user_may_put_a_link(tmp_path, monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOTSUP, "as some network file systems answer")

    monkeypatch.setattr(fcntl, "flock", flock)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    own_folder("duologue-usage").chmod(0o777)
    path = tmp_path / "web.json"

    with pytest.raises(UsageNotWritten, match="is not this user's alone; remove it, or set TMPDIR"):
        UsageRecorder().write(path)

    assert not path.exists()


def test_without_a_call_the_file_is_there(tmp_path):
    path = tmp_path / "web.json"

    UsageRecorder().write(path)

    assert read(path)["operations"] == {}


def test_a_change_hits_the_consumers_that_use_it(recorded, tmp_path, monkeypatch):
    """The shop sends tags, the wall only reads lists."""
    shop = recorded(("PUT", "/users/bo/conversation", {"tags": ["a"]}), name="shop.json")
    wall = recorded(("GET", "/conversations"), name="wall.json")
    document = openapi.load()
    document["components"]["schemas"]["Tag"]["maxLength"] = 20
    new = tmp_path / "new.json"
    new.write_text(json.dumps(document), encoding="utf-8")

    consumers = ["--used-by", str(shop), "--used-by", str(wall)]
    words = ["diff", "bundled", str(new), *consumers, "--format", "json"]
    result = CliRunner().invoke(main, words)

    hit = {
        finding["operation"]: finding["consumers"]
        for finding in json.loads(result.output)["findings"]
        if finding["severity"] == "breaking" and finding["side"] == "request"
    }
    assert hit[PUT] == ["shop"]
    assert not any("wall" in consumers for consumers in hit.values())
