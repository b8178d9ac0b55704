"""The floor: Flask with three routes that do nothing, on granian as the mock runs on it.

``granian --interface wsgi benchmarks.rivals.floor:app``
"""

from __future__ import annotations

from flask import Flask, Response, request

app = Flask(__name__)


@app.get("/v3/conversations")
def conversations() -> Response:
    return _nothing()


@app.get("/v3/users/<uid>/conversation")
def conversation(uid: str) -> Response:  # noqa: ARG001 - the route has one
    return _nothing()


@app.put("/v3/users/<uid>/conversation")
def tags(uid: str) -> Response:  # noqa: ARG001
    request.get_data()  # granian cuts a connection whose body nobody reads
    return _nothing()


def _nothing() -> Response:
    return Response(b'{"data": {}}', mimetype="application/json")
