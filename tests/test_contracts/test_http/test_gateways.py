"""Answers of a gateway, told from the API's by what the API's refusals carry."""

import pytest

from duologue.contracts.http.gateways import is_of_a_gateway
from duologue.contracts.http.transport import read

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
    ],
    ids=[
        *("a page", "text", "nothing", "a page for an odd path", "a page for a long path"),
        *("JSON without the API's header", "JSON of another server", "a page, marked by both"),
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
