"""CPU profile of a request: ``python -m benchmarks.inside``.

The requests of ``benchmarks.support.questions`` and a message to a user are sent to the app in this
process, without a server or socket. Shown are CPU microseconds of each, and the functions with the
most time of their own (by cProfile, which overstates many small calls).
"""

from __future__ import annotations

import argparse
import cProfile
import io
import pstats
import statistics
import time
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from benchmarks.support import ours
from benchmarks.support.calls import Call
from benchmarks.support.figures import publish, shown, table
from benchmarks.support.options import at_least_one
from benchmarks.support.processes import ROOT
from benchmarks.support.questions import PEERS, WORLD, questions
from duologue.fixtures import worlds

WARM = 200


class Asker:
    """Sends calls to a WSGI app as a server would."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def ask(self, environ: dict[str, Any], content: bytes) -> bytes:
        """Return the body of a 2xx answer."""
        status: list[str] = []
        given = {**environ, "wsgi.input": io.BytesIO(content)}
        body = b"".join(self._app(given, lambda line, *_: status.append(line)))
        if int(status[0][:3]) != HTTPStatus.OK:
            raise SystemExit(f"{environ['PATH_INFO']} answered {status[0]}: {body[:200]!r}")
        return body


def main() -> None:
    """Run the measurement that the options name."""
    options = _options()
    # Only this benchmark imports the mock into its own process.
    from duologue.mockserver.app import create_app, inside  # noqa: PLC0415

    app = create_app(world=worlds.make(options.world, ours.SEED))
    asker = Asker(app)
    kinds = {question.title: list(question.calls) for question in questions()}
    kinds["message to a user"] = list(_messages())
    took = {name: _cpu_us(asker, calls, options.calls) for name, calls in kinds.items()}
    profiles = {name: _profile(asker, calls, options.calls) for name, calls in kinds.items()}
    inside(app).close()
    document = {"world": options.world, "calls": options.calls, "cpu_us": took, "top": profiles}
    publish("Inside", document, tables=_tables(took, profiles), output=options.output)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.inside", description=__doc__)
    parser.add_argument("--calls", type=at_least_one, default=1000)
    parser.add_argument("--world", default=WORLD, metavar="SIZES")
    parser.add_argument("--output", type=Path, metavar="DIR", help="for the table and the JSON")
    return parser.parse_args()


def _messages() -> Iterator[Call]:
    for index in range(PEERS):
        body = {
            "receiver": ours.uid(1 + index),
            "receiverType": "user",
            "data": {"text": "A word."},
        }
        yield Call("POST", "/messages", ours.uid(0), body)


def _cpu_us(asker: Asker, calls: Sequence[Call], count: int) -> float:
    """Return the median of five rounds of so many calls each."""
    for environ, content in _prepared(calls, WARM):
        asker.ask(environ, content)
    rounds = []
    for _ in range(5):
        prepared = _prepared(calls, count)
        before = time.process_time()
        for environ, content in prepared:
            asker.ask(environ, content)
        rounds.append(1e6 * (time.process_time() - before) / count)
    return statistics.median(rounds)


def _profile(asker: Asker, calls: Sequence[Call], count: int) -> list[dict[str, Any]]:
    """Return the 14 functions with the most time of their own, in microseconds a request."""
    prepared, profile = _prepared(calls, count), cProfile.Profile(time.process_time)
    profile.enable()
    for environ, content in prepared:
        asker.ask(environ, content)
    profile.disable()
    found = pstats.Stats(profile).get_stats_profile().func_profiles
    by_own = sorted(found.items(), key=lambda item: item[1].tottime, reverse=True)
    return [
        {
            "function": name,
            "where": _short(entry.file_name, entry.line_number),
            "own_us": 1e6 * entry.tottime / count,
            "with_inner_us": 1e6 * entry.cumtime / count,
            "calls": int(entry.ncalls.split("/")[0]) / count,
        }
        for name, entry in by_own[:14]
    ]


def _prepared(calls: Sequence[Call], count: int) -> list[tuple[dict[str, Any], bytes]]:
    return [(_environ(call), call.content or b"") for call in islice(cycle(calls), count)]


def _environ(call: Call) -> dict[str, Any]:
    path, _, query = call.path.partition("?")
    environ = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": f"/v3{path}",
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if call.content is not None:
        environ["CONTENT_LENGTH"] = str(len(call.content))
    for name, value in call.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ


def _short(file: str, line: int) -> str:
    for cut in (f"{ROOT}/", "site-packages/", "/lib/"):
        file = file.partition(cut)[2] or file
    return f"{file}:{line}" if line else "built in"


def _tables(took: dict[str, float], profiles: dict[str, list[dict[str, Any]]]) -> str:
    behaviours = [table(["In process", "CPU µs"], [[name, shown(us)] for name, us in took.items()])]
    for name, rows in profiles.items():
        head = [f"{name}: function", "where", "own µs", "with inner µs", "calls"]
        lines = [
            [
                f"`{row['function']}`",
                row["where"],
                shown(row["own_us"]),
                shown(row["with_inner_us"]),
                shown(row["calls"], 1),
            ]
            for row in rows
        ]
        behaviours.append(table(head, lines))
    return "\n\n".join(behaviours)


if __name__ == "__main__":
    main()
