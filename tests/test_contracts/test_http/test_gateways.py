"""Answers of a gateway, told from the API's by what the API's refusals carry."""

import pytest

from duologue.contracts.http.gateways import (
    form_of,
    is_from_a_cache,
    is_of_a_gateway,
    refuses_for_the_api,
)
from duologue.contracts.http.response import read

ERROR = b'{"error": {"code": "ERR_UID_NOT_FOUND", "message": "No such user."}}'
FOREIGN = b'{"message": "Forbidden"}'
PAGE = b"<html>Forbidden</html>"
JSON, TEXT, HTML = (
    {"Content-Type": kind} for kind in ("application/json", "text/plain", "text/html")
)
OWN = {"X-Request-Id": "7", **JSON}
MARKED = {"X-Request-Id": "8"}


def answer(status, headers, content):
    return read(status, headers, content=content)


@pytest.mark.parametrize(
    ("given", "own"),
    [
        (answer(401, HTML, PAGE), JSON),
        (answer(401, TEXT, b"Unauthorized"), JSON),
        (answer(403, {}, b""), JSON),
        (answer(404, HTML, PAGE), JSON),
        (answer(414, HTML, PAGE), OWN),
        (answer(403, JSON, FOREIGN), OWN),
        (answer(403, {**JSON, "Server": "edge"}, FOREIGN), {**JSON, "Server": "app"}),
        (answer(403, {**HTML, **MARKED}, PAGE), OWN),
        (answer(403, {**JSON, "X-Amzn-ErrorType": "ForbiddenException"}, FOREIGN), JSON),
        (answer(401, {"Content-Type": "application/json; charset=utf-8"}, FOREIGN), JSON),
    ],
    ids=[
        *("a page", "text", "nothing", "a page for an odd path", "a page for a long path"),
        *("JSON without the API's header", "JSON of another server", "a page, marked by both"),
        *("JSON with a header that the API's lacks", "JSON of another spelling of its type"),
    ],
)
def test_a_refusal_of_another_form_is_the_gateways(given, own):
    assert is_of_a_gateway(given, answer(404, own, ERROR))


@pytest.mark.parametrize(
    ("given", "own"),
    [
        (answer(401, JSON, ERROR), OWN),
        (answer(401, {**TEXT, **MARKED}, b"No key."), OWN),
        (answer(404, {**HTML, **MARKED}, PAGE), OWN),
        (answer(403, JSON, FOREIGN), JSON),
        (answer(500, HTML, PAGE), OWN),
        (answer(200, HTML, PAGE), OWN),
    ],
    ids=[
        *("in the API's form", "text with the API's header", "a page with the API's header"),
        *("JSON that nothing tells apart", "a failure", "no refusal"),
    ],
)
def test_any_other_answer_is_the_apis(given, own):
    assert not is_of_a_gateway(given, answer(404, own, ERROR))


def test_beside_an_api_that_refuses_in_text_none_is_the_gateways():
    assert not is_of_a_gateway(answer(401, TEXT, b"No key."), answer(404, TEXT, b"No user."))


@pytest.mark.parametrize(
    ("given", "first"),
    [
        (answer(403, TEXT, b"blocked by policy"), None),
        (answer(403, TEXT, b"blocked by policy"), JSON),
        (answer(403, {}, b""), JSON),
        (answer(406, TEXT, b"Not Acceptable"), JSON),
        (answer(400, TEXT, b"rule 942100"), OWN),
        (answer(403, JSON, FOREIGN), OWN),
        (answer(413, HTML, PAGE), OWN),
        (answer(403, {**HTML, **MARKED}, PAGE), OWN),
    ],
    ids=[
        *("text before any answer", "text", "nothing", "a status that the API does not use"),
        *("400 in text without the API's header", "JSON without it", "413", "a marked page"),
    ],
)
def test_a_valid_request_is_refused_by_a_gateway(given, first):
    own = first and answer(200, first, b'{"data": []}')

    assert refuses_for_the_api(given, own)


@pytest.mark.parametrize(
    ("given", "first"),
    [
        (answer(403, JSON, ERROR), OWN),
        (answer(403, {**TEXT, **MARKED}, b"No."), OWN),
        (answer(400, TEXT, b"bad request"), JSON),
        (answer(403, JSON, FOREIGN), JSON),
        (answer(404, TEXT, b"no such path"), OWN),
        (answer(429, TEXT, b"slow down"), OWN),
        (answer(500, TEXT, b"boom"), OWN),
    ],
    ids=[
        *("in the API's form", "text with its header", "400 that nothing tells apart"),
        *("JSON that nothing tells apart", "a missing path", "too many requests", "a failure"),
    ],
)
def test_a_valid_request_is_refused_by_the_api(given, first):
    assert not refuses_for_the_api(given, answer(200, first, b'{"data": []}'))


@pytest.mark.parametrize(
    ("given", "form"),
    [
        (answer(403, HTML, PAGE), "with a page"),
        (answer(403, TEXT, b"blocked"), "in plain text"),
        (answer(403, JSON, FOREIGN), "in JSON of another form than the API's"),
        (answer(403, {}, b""), "with an empty body"),
    ],
    ids=["page", "text", "JSON", "nothing"],
)
def test_the_form_of_a_refusal_is_named(given, form):
    assert form_of(given) == form


@pytest.mark.parametrize(
    ("name", "value", "is_cached"),
    [
        ("Age", "0", False),
        ("Age", "30", True),
        ("Age", "soon", False),
        ("Cache-Status", "edge; fwd=miss", False),
        ("Cache-Status", "edge; hit; ttl=30", True),
        ("X-Cache", "MISS", False),
        ("X-Cache", "Hit from cloudfront", True),
        ("CF-Cache-Status", "HIT", True),
        ("CF-Cache-Status", "DYNAMIC", False),
        ("X-Varnish", "32770", False),
        ("X-Varnish", "32772 32771", True),
        ("Via", "1.1 varnish", False),
    ],
)
def test_an_answer_of_a_cache(name, value, is_cached):
    """What the caches of RFC 9111, RFC 9211, Varnish, CloudFront, Cloudflare and nginx add."""
    assert is_from_a_cache(answer(200, {**JSON, name: value}, b"{}")) == is_cached


def test_a_refusal_without_age_is_not_told_apart_from_a_cached_answer():
    """`Age` is of the one answer: that the first one came from a cache says nothing of others."""
    cached = answer(200, {**JSON, "Age": "30", "X-Cache": "HIT"}, b'{"data": {}}')

    assert not refuses_for_the_api(answer(422, JSON, FOREIGN), cached)
