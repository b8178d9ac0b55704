"""Small OpenAPI documents around one part, and what a comparison of two of them says."""

import datetime as dt
import json

from duologue.contracts.diff.comparison import compare_sides

TODAY = dt.date(2026, 6, 1)


def api(*, operation=None, path="/things/{id}", method="post", item=None, **root):
    """A document of one operation; `operation` and `item` replace or add to their parts."""
    base = {"responses": {"200": {"description": "ok"}}, **(operation or {})}
    names = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    given = [
        {"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names
    ]
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {path: {"parameters": given, **(item or {}), method: base}},
    }
    return {key: each for key, each in {**document, **root}.items() if each is not None}


def body(schema, **root):
    """A document whose request body has a schema."""
    content = {"application/json": {"schema": schema}}
    return api(operation={"requestBody": {"required": True, "content": content}}, **root)


def answer(schema, **root):
    """A document whose 200 answer has a schema."""
    content = {"application/json": {"schema": schema}}
    return api(operation={"responses": {"200": {"description": "ok", "content": content}}}, **root)


def query(schema=None, **words):
    """A document with the parameter `q`."""
    parameter = {"name": "q", "in": "query", "schema": schema or {"type": "string"}, **words}
    return api(operation={"parameters": [parameter]})


def with_parameters(*parameters):
    return api(operation={"parameters": list(parameters)})


def with_responses(**responses):
    """A document with these answers; `_200={}` is status 200."""
    named = {key.strip("_"): {"description": "d", **each} for key, each in responses.items()}
    return api(operation={"responses": named})


def write(folder, name, document):
    """The path of a document, written as JSON; a text or bytes are written as they are."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = document if isinstance(document, str | bytes) else json.dumps(document, indent=1)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def compared(folder, old, new, **options):
    """The findings of two documents."""
    sides = (write(folder, "old.json", old), write(folder, "new.json", new))
    return compare_sides(*sides, today=TODAY, **options).findings


def severity_and_rule(findings):
    """The findings as a set of `severity rule`."""
    return {f"{each.severity.value} {each.rule}" for each in findings}
