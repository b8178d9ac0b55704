"""The answer to a request: its body, whether it is done, and how it is told."""

import json

import pytest

from duologue.contracts.http.response import read


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b'{"data": [1]}', {"data": [1]}),
        (b"<html>hello</html>", None),
        (b"", None),
        (b"\xff\xfe", None),
        (b"[" * 100_000, None),
        (b"[" * 201 + b"]" * 201, None),
        (b"[" * 199 + b'{"a": 1}' + b"]" * 199, json.loads("[" * 199 + '{"a": 1}' + "]" * 199)),
        (b'{"data": ' + b"9" * 5000 + b"}", None),
        (b"null", None),
    ],
)
def test_a_body_is_read_where_it_is_json(content, body):
    """What is not JSON is an answer without a body, never an error of ours."""
    assert read(200, {}, content=content).body == body


def test_an_answer_is_done_with_data_alone():
    """2xx without data is not done, nor is data with another status."""
    assert read(200, {}, content=b'{"data": {}}').ok
    assert not read(200, {}, content=b'{"error": {"code": "X"}}').ok
    assert not read(200, {}, content=b'["data"]').ok
    assert not read(404, {}, content=b'{"data": {}}').ok


def test_an_answer_tells_itself_briefly():
    """Status and code of an error; the beginning of anything else."""
    assert str(read(404, {}, content=b'{"error": {"code": "ERR_X"}}')) == "404 ERR_X"
    assert str(read(404, {}, content=b'{"error": {"message": "no"}}')) == "404 without a code"
    assert str(read(200, {}, content=b"x" * 1000)) == "200 " + "x" * 200 + "..."
    assert str(read(204, {}, content=b"")) == "204"


def test_header_names_are_read_in_lower_case():
    assert read(200, {"Content-Type": "text/html"}, content=b"").headers == {
        "content-type": "text/html"
    }
