"""All servers under comparison: how each is started, its address, and its expected answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.rivals import npm
from benchmarks.support import ours, questions
from benchmarks.support.calls import Address, Answer, Call
from benchmarks.support.processes import Program
from benchmarks.support.wrk import ANY
from duologue import openapi

HERE = Path(__file__).parent
ROW = '"unreadMessageCount"'  # once in every conversation


@dataclass(frozen=True)
class Expected:
    """What each answer to one question holds: a piece of text so many times, and more on demand.

    ``whole`` looks at a parsed answer more closely; it is asked before the load and after it.
    """

    needle: str
    times: int
    whole: Callable[[Call, Answer], bool]


@dataclass(frozen=True)
class Rival:
    """A server under comparison. ``start`` gets a port and a folder for files of its own.

    ``idle`` is how it is started to see how long that takes, where that is another way.
    """

    name: str
    start: Callable[[int, Path], Program]
    base: str
    expected: Mapping[str, Expected]
    keeps_state: bool
    note: str
    idle: Callable[[int, Path], Program] | None = None
    is_slow: bool = False
    ready: Call = field(default_factory=lambda: questions.questions()[1].calls[0])

    def address(self, port: int) -> Address:
        """Return its address on a port."""
        return Address(port, self.base)


def all_rivals() -> tuple[Rival, ...]:
    """Return all servers, the mock first; ratios are to Prism with static examples."""
    return (
        _ours(),
        _prism("prism", dynamic=False),
        _prism("prism-dynamic", dynamic=True),
        _backend(),
        _json_server(),
        floor(),
    )


def _ours() -> Rival:
    return Rival(
        "ours",
        lambda port, _: ours.program(port, world=questions.WORLD),
        "/v3",
        _expected(
            Expected(ROW, questions.ROWS, _has_rows(questions.ROWS)),
            Expected(ROW, 1, _is_conversation),
            Expected(ROW, 1, _echoes_tags),
        ),
        keeps_state=True,
        note="state in SQLite, requests and answers validated",
        # Its two first people are in this world as well, and have talked.
        idle=lambda port, _: ours.program(port, world="default"),
    )


def _prism(name: str, *, dynamic: bool) -> Rival:
    rows = _rows_of_example()
    listed = Expected('"data"', ANY, _is_ok) if dynamic else Expected(ROW, rows, _has_rows(rows))
    one = Expected(ROW, ANY if dynamic else 1, _is_conversation)
    return Rival(
        name,
        lambda port, files: _prism_program(name, port, files=files, dynamic=dynamic),
        "",  # it takes no notice of the path of `servers`
        _expected(listed, one, one),
        keeps_state=False,
        note="values made up, up to 1000 rows"
        if dynamic
        else f"an example of {rows} rows as it is",
        is_slow=dynamic,  # a list of 1 MB takes it a second
    )


def _prism_program(name: str, port: int, *, files: Path, dynamic: bool) -> Program:
    place = npm.installed()
    words = ["node", str(place / "node_modules/.bin/prism"), "mock", "-h", "127.0.0.1"]
    # Silent: by default it writes several lines about each request.
    words += ["-p", str(port), "--verboseLevel", "silent", *(["-d"] if dynamic else [])]
    return Program(name, [*words, str(_document(files))])


def _backend() -> Rival:
    rows = _rows_of_example()

    def start(port: int, files: Path) -> Program:
        modules = str(npm.installed() / "node_modules")
        words = ["node", str(HERE / "backend.js"), str(_document(files)), str(port)]
        return Program("openapi-backend", words, environment={"NODE_PATH": modules})

    one = Expected(ROW, 1, _is_conversation)
    listed = Expected(ROW, rows, _has_rows(rows))
    return Rival(
        "openapi-backend",
        start,
        "/v3",
        _expected(listed, one, one),
        keeps_state=False,
        note=f"a library; an example of {rows} rows as it is",
    )


def _json_server() -> Rival:
    def start(port: int, files: Path) -> Program:
        place = npm.installed()
        words = ["node", str(place / "node_modules/.bin/json-server"), "--quiet"]
        words += ["--host", "127.0.0.1", "--port", str(port), "--routes", str(_routes(files))]
        return Program("json-server", [*words, str(_database(files))])

    return Rival(
        "json-server",
        start,
        "/v3",
        _expected(
            Expected(ROW, questions.ROWS, lambda _, got: len(got.body) == questions.ROWS),
            Expected(ROW, 1, lambda _, got: "conversationId" in got.body),
            Expected('"tags"', 1, lambda call, got: got.body["tags"] == call.body["tags"]),
        ),
        keeps_state=True,
        note="state in a JSON file, nothing validated, no `data` around it",
    )


def floor(workers: int = 1) -> Rival:
    """Return Flask with routes that do nothing, in so many worker processes."""

    def start(port: int, _: Path) -> Program:
        words = [sys.executable, "-m", "granian", "--interface", "wsgi"]
        words += [
            "--workers",
            str(workers),
            "--blocking-threads",
            "4",
            "--no-ws",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
        ]
        words += ["--log-level", "error", "benchmarks.rivals.floor:app"]
        return Program("flask-floor", words)

    nothing = Expected("{}", 1, lambda _, got: got.data == {})
    return Rival(
        "flask-floor",
        start,
        "/v3",
        _expected(nothing, nothing, nothing),
        keeps_state=False,
        note="an empty Flask route on granian",
    )


def _expected(listed: Expected, one: Expected, tags: Expected) -> dict[str, Expected]:
    """Return the expectation of each kind of request; of the mixed kind, by method."""

    def either(call: Call, got: Answer) -> bool:
        return (tags if call.method == "PUT" else listed).whole(call, got)

    mixed = Expected(listed.needle, ANY, either)
    return {"list": listed, "one": one, "tags": tags, "mixed": mixed}


def _is_ok(call: Call, got: Answer) -> bool:
    del call
    return got.ok


def _is_conversation(call: Call, got: Answer) -> bool:
    del call
    return isinstance(got.data, dict) and "conversationId" in got.data


def _echoes_tags(call: Call, got: Answer) -> bool:
    return _is_conversation(call, got) and got.data["tags"] == call.body["tags"]


def _has_rows(rows: int) -> Callable[[Call, Answer], bool]:
    def check(call: Call, got: Answer) -> bool:
        del call
        known = {row["conversationId"] for row in got.data}
        return len(got.data) == len(known) == rows

    return check


def _document(files: Path) -> Path:
    """Return the document as one file with the address of its own server alone."""
    document = openapi.load() | {"servers": [{"url": "/v3"}]}
    return _written(files / "openapi.json", document)


def _rows_of_example() -> int:
    """Return the number of rows in the document's first example of a list."""
    document = openapi.load()
    answer = document["paths"]["/conversations"]["get"]["responses"]["200"]
    first = next(iter(answer["content"]["application/json"]["examples"].values()))
    if "$ref" in first:
        first = document["components"]["examples"][first["$ref"].rpartition("/")[2]]
    return len(first["value"]["data"])


def _routes(files: Path) -> Path:
    rewritten = {
        "/v3/conversations\\?perPage=:n": "/conversations?_limit=:n",
        "/v3/users/:uid/conversation": "/conversations/:uid",
    }
    return _written(files / "routes.json", rewritten)


def _database(files: Path) -> Path:
    """Return the conversations that are read and tagged, each as large as in the mock's answers."""
    uids = [ours.uid(1 + index) for index in range(2 * questions.PEERS)]
    return _written(files / "db.json", {"conversations": [_conversation(uid) for uid in uids]})


def _conversation(uid: str) -> dict[str, Any]:
    document = openapi.load()
    example = document["components"]["examples"]["WithBo"]["value"]["data"]
    return {"id": uid, **example, "conversationId": f"user_{uid}"}


def _written(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def named(names: Sequence[str]) -> tuple[Rival, ...]:
    """Return the servers of these names, or all; raise KeyError for an unknown name."""
    known = {rival.name: rival for rival in all_rivals()}
    return tuple(known[name] for name in names) if names else tuple(known.values())
