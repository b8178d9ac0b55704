"""openapi-core on one operation: it finds what it finds with its defaults, also the second time."""

from __future__ import annotations

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.deserializing.styles.factories import StyleDeserializersFactory
from openapi_core.templating.paths.finders import APICallPathFinder
from openapi_core.validation.schemas import oas31_schema_validators_factory as validators_factory
from werkzeug.datastructures import Headers, ImmutableMultiDict

from duologue.mockserver.http import openapi_core_config

TAGS = {"type": "array", "items": {"type": "string"}, "maxItems": 2}
PARAMETERS = [
    {"name": "uid", "in": "path", "required": True, "schema": {"$ref": "#/components/schemas/Uid"}},
    {"name": "page", "in": "query", "schema": {"type": "integer", "maximum": 9}},
    {"name": "tags", "in": "query", "explode": False, "schema": TAGS},
    {"name": "caller", "in": "header", "required": True, "schema": {"type": "string"}},
]
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "One operation", "version": "1"},
    "paths": {
        "/users/{uid}": {
            "put": {
                "parameters": PARAMETERS,
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"type": "object", "properties": {"tags": TAGS}}
                        }
                    },
                },
                "responses": {"200": {"description": "Done."}},
            }
        }
    },
    "components": {"schemas": {"Uid": {"type": "string", "maxLength": 3}}},
}


class Sent:
    """A request in the form that openapi-core takes."""

    def __init__(self, uid="ana", *, query=(), caller="bo", body=b"{}"):
        self.host_url = "http://mock"
        self.path = f"/users/{uid}"
        self.full_url_pattern = "http://mock/users/{uid}"
        self.path_pattern = "/users/{uid}"
        self.method = "put"
        self.content_type = "application/json"
        self.body = body
        self.parameters = RequestParameters(
            path={"uid": uid},
            query=ImmutableMultiDict(query),
            header=Headers([] if caller is None else [("caller", caller)]),
            cookie={},
        )


REQUESTS = {
    "all fits": Sent(),
    "path": Sent("anna"),
    "query, not a number": Sent(query=[("page", "x")]),
    "query, too large": Sent(query=[("page", "10")]),
    "list, too long": Sent(query=[("tags", "a,b,c")]),
    "header missing": Sent(caller=None),
    "body missing": Sent(body=None),
    "body, no JSON": Sent(body=b"{"),
    "body, a value in it": Sent(body=b'{"tags": [1, 2, 3]}'),
    "everything": Sent("anna", query=[("page", "10")], caller=None, body=b"[]"),
}


def told(api, request):
    """Return the errors of a request, and those behind them, as text."""
    errors = api.iter_request_errors(request)
    return [
        (repr(each), repr(each.__cause__), repr(getattr(each.__cause__, "schema_errors", ())))
        for each in errors
    ]


@pytest.mark.parametrize("name", REQUESTS)
def test_it_finds_what_the_defaults_find(name):
    plain = OpenAPI.from_dict(DOCUMENT, config=Config(spec_validator_cls=None))
    ours = OpenAPI.from_dict(DOCUMENT, config=openapi_core_config.config())

    for request in REQUESTS.values():  # what is kept of one is used for the next
        told(ours, request)
    found = told(ours, REQUESTS[name])

    assert found == told(plain, REQUESTS[name])
    assert bool(found) is (name != "all fits")


def test_what_is_prepared_for_a_request_is_used_for_the_next(monkeypatch):
    """A path template is matched by regular expressions, a caster made of the whole schema."""

    def count(original):
        def counted(*args, **options):
            calls.append(original)
            return original(*args, **options)

        return counted

    calls = []
    for kind in (APICallPathFinder, StyleDeserializersFactory, type(validators_factory)):
        name = "find" if kind is APICallPathFinder else "create"
        monkeypatch.setattr(kind, name, count(getattr(kind, name)))
    ours = OpenAPI.from_dict(DOCUMENT, config=openapi_core_config.config())

    told(ours, REQUESTS["everything"])
    first = len(calls)
    told(ours, REQUESTS["everything"])

    assert first
    assert len(calls) == first
