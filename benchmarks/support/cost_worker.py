"""One round of ``benchmarks.cost`` in one tree: CPU microseconds of each operation, as JSON.

Run as a script with the tree on the path. Knows both layouts, with and without ``duologue``.
"""

from __future__ import annotations

import importlib
import io
import json
import statistics
import sys
import time
from typing import Any

PEERS, GROUPS, WARM = 120, 30, 12
ME = "ana"
Question = tuple[str, str, str, dict[str, Any] | None]


def main() -> None:
    """Build the world by calls, then time each operation, with a write between any two."""
    count = int(sys.argv[1])
    app = _app()
    _build(app)
    print(json.dumps({name: _cost_us(app, ask, count) for name, ask in _questions().items()}))


def _app() -> Any:
    for root in ("duologue.", ""):
        try:
            module = importlib.import_module(f"{root}mockserver.app")
        except ModuleNotFoundError:
            continue
        worlds = importlib.import_module(f"{root}fixtures.worlds")
        return module.create_app(world=worlds.make("empty", 42))
    raise SystemExit("no mock on the path")


def _build(app: Any) -> None:
    for uid in (ME, *(f"u{number}" for number in range(PEERS))):
        _send(app, "POST", "/users", {"uid": uid, "name": f"Name of {uid}"}, caller=None)
    for number in range(GROUPS):
        group = {"guid": f"g{number}", "name": f"Group {number}", "type": "public"}
        _send(app, "POST", "/groups", group, caller=ME)
        members = {"participants": ["u1", "u2"]}
        _send(app, "POST", f"/groups/g{number}/members", members, caller=ME)
    for number in range(PEERS):
        _message(app, f"u{number}", ME, kind="user")
        _message(app, ME, f"u{number}", kind="user")
        _message(app, f"u{number}", ME, kind="user")
    for number in range(GROUPS):
        _message(app, "u1", f"g{number}", kind="group")
        _message(app, "u2", f"g{number}", kind="group")


def _message(app: Any, sender: str, receiver: str, *, kind: str) -> None:
    body = {"receiver": receiver, "receiverType": kind, "data": {"text": f"From {sender}."}}
    _send(app, "POST", "/messages", body, caller=sender)


def _questions() -> dict[str, Question]:
    asked: dict[str, Question] = {
        "list": ("GET", "/conversations", "", None),
        "list of 25": ("GET", "/conversations", "perPage=25", None),
        "list of groups": ("GET", "/conversations", "conversationType=group&perPage=25", None),
    }
    for kind, path, name in (("user", "/users/u5", "user_u5"), ("group", "/groups/g5", "group_g5")):
        at = f"{path}/conversation"
        asked |= {
            f"get {kind}": ("GET", at, "", None),
            f"get by id {kind}": ("GET", f"/conversations/{name}", "", None),
            f"tags {kind}": ("PUT", at, "", {"tags": ["a", "b"]}),
            f"read {kind}": ("POST", f"{at}/read", "", {}),
            f"delivered {kind}": ("POST", f"{at}/delivered", "", {}),
            f"unread {kind}": ("DELETE", f"{at}/read", "", {}),
            f"reset {kind}": ("DELETE", at, "", {}),
        }
    return asked


def _cost_us(app: Any, question: Question, count: int) -> float:
    method, path, query, body = question
    took: list[int] = []
    for number in range(WARM + count):
        # So that no answer comes from a cache.
        _send(app, ("DELETE", "POST")[number % 2], "/users/u9/conversation/read", {}, caller=ME)
        environ = _environ(method, path, query=query, body=body, caller=ME)
        before = time.process_time_ns()
        _ask(app, environ)
        if number >= WARM:
            took.append(time.process_time_ns() - before)
    # Other load on the machine only adds, and more than it adds here: so a low quantile.
    return statistics.quantiles(took, n=10)[0] / 1000


def _send(app: Any, method: str, path: str, body: dict[str, Any], *, caller: str | None) -> None:
    _ask(app, _environ(method, path, query="", body=body, caller=caller))


def _ask(app: Any, environ: dict[str, Any]) -> None:
    status: list[str] = []
    answer = b"".join(app(environ, lambda line, *_: status.append(line)))
    if not status[0].startswith("200"):
        raise SystemExit(f"{environ['PATH_INFO']} answered {status[0]}: {answer[:300]!r}")


def _environ(
    method: str, path: str, *, query: str, body: dict[str, Any] | None, caller: str | None
) -> dict[str, Any]:
    content = b"" if body is None else json.dumps(body).encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": f"/v3{path}",
        "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(), "wsgi.multithread": True, "wsgi.multiprocess": False,
        "wsgi.run_once": False, "wsgi.input": io.BytesIO(content), "HTTP_APIKEY": "mock-api-key",
    }  # fmt: skip
    if caller is not None:
        environ["HTTP_ONBEHALFOF"] = caller
    if body is not None:
        environ |= {"CONTENT_LENGTH": str(len(content)), "CONTENT_TYPE": "application/json"}
    return environ


if __name__ == "__main__":
    main()
