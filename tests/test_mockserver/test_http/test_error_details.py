"""Compiled validation: what it accepts openapi-core accepts, and what it refuses has words."""

from __future__ import annotations

import gc
import json
import warnings
from urllib.parse import quote

import pytest
from flask import Flask, Request
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from duologue.mockserver.errors import AnswerBroken
from duologue.mockserver.http import request_parser
from duologue.mockserver.http.compiled_spec import CompiledSpec
from duologue.mockserver.http.error_details import ErrorDetails
from duologue.mockserver.testing.quiet import no_collection
from duologue.openapi import document

DOCUMENTS = {name: document.load(name) for name in ("openapi", "stage")}
SHAPES = {name: CompiledSpec(each) for name, each in DOCUMENTS.items()}
WORDS = {name: ErrorDetails(each) for name, each in DOCUMENTS.items()}
# Where openapi-core casts more kindly than the mock.
KINDER = {"perPage", "page", "unread", "withTags", "withUserAndGroupTags"}

few = settings(max_examples=60, deadline=None, database=None, derandomize=True)
tag = st.text(st.characters(exclude_categories=["Cs"]), max_size=101)
scalar = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2**65)
    | st.floats(allow_nan=False, allow_infinity=False)
    | tag
)
values = st.recursive(scalar, lambda more: st.lists(more, max_size=27) | st.dictionaries(tag, more))
number = st.integers(-1, 10**19) | st.from_regex(r"[0-9]{1,19}", fullmatch=True) | values
name = st.from_regex(r"[A-Za-z0-9_-]{1,101}", fullmatch=True) | tag.filter(bool)


def request_of(method, *, query="", body=None, caller="ana"):
    """A request as Flask gives it to the mock."""
    headers = {} if caller is None else {"onBehalfOf": caller}
    data = {} if body is None else {"data": body, "content_type": "application/json"}
    builder = EnvironBuilder(method=method, query_string=query, headers=headers, **data)
    return Request(builder.get_environ())


def judged(name, operation_id, request, **path):
    """Whether the compiled validators accept a request, and what openapi-core says of it."""
    operation = SHAPES[name][operation_id]
    _, is_fine = request_parser.read(operation, request, path)
    with Flask("test").app_context():
        said = WORDS[name].details(operation, request, path)
    return is_fine, said


def test_words_of_openapi_core_against_a_document_are_no_errors():
    """It warns of what a document deprecates, and test suites turn warnings into errors."""
    spec = document.load("openapi")
    spec["components"]["parameters"]["PerPage"] |= {"deprecated": True, "allowEmptyValue": True}
    operation = CompiledSpec(spec)["listConversations"]
    request = request_of("GET", query="perPage=0")

    with warnings.catch_warnings(), Flask("test").app_context():
        warnings.simplefilter("error")
        said = ErrorDetails(spec).details(operation, request, {})

    assert said == {"perPage": ["0 is less than the minimum of 1."]}


def agree(is_fine, said, but=frozenset()):
    """Accepted by one is accepted by the other; a refusal names a field at the least.

    Where nothing is wrong openapi-core finds nothing, and the words fall back to a plain one.
    """
    nothing = said == {"request": ["Not as described."]}
    if is_fine:
        assert nothing, said
    else:
        assert not nothing or but


@few
@given(
    body=st.fixed_dictionaries({}, optional={"tags": st.lists(tag, max_size=27) | values}) | values
)
@example(body={"tags": ["t"] * 25})
@example(body={"tags": ["t"] * 26})
@example(body={"tags": ["t" * 101]})
@example(body={"tags": [""]})
def test_tags(body):
    """Any JSON as the body of an update."""
    request = request_of("PUT", body=json.dumps(body))
    agree(*judged("openapi", "updateUserConversation", request, uid="bo"))


@few
@given(body=st.fixed_dictionaries({"messageId": number}) | values)
@example(body={"messageId": 1.0})
@example(body={"messageId": "1\n"})
def test_message_ids(body):
    """Any JSON as the body of a mark."""
    request = request_of("POST", body=json.dumps(body))
    agree(*judged("openapi", "markGroupConversationAsRead", request, guid="hikers"))


@few
@given(
    body=st.fixed_dictionaries(
        {"receiver": name, "receiverType": st.sampled_from(["user", "group", "x"]) | values},
        optional={"data": st.fixed_dictionaries({"text": tag}) | values, "category": values},
    )
)
def test_messages(body):
    """Any JSON as a message to be sent."""
    agree(*judged("stage", "sendMessage", request_of("POST", body=json.dumps(body))))


@few
@given(uid=name, caller=st.none() | st.from_regex(r"[ -~]{0,101}", fullmatch=True))
def test_ids(uid, caller):
    """Any text as the ids in path and header."""
    agree(*judged("openapi", "getUserConversation", request_of("GET", caller=caller), uid=uid))


@few
@given(
    query=st.dictionaries(
        st.sampled_from([*KINDER, "tags", "userTags", "searchKey", "conversationType", "other"]),
        st.sampled_from(
            ["true", "false", "1", "0", "1000", "1001", "user", "", "a,b", ",", "%", "+5"]
        )
        | tag,
        max_size=4,
    )
)
def test_queries(query):
    """Any query; lists written with encoded commas are the one thing read otherwise on purpose."""
    written = "&".join(f"{key}={quote(value, safe=',')}" for key, value in query.items())

    is_fine, said = judged("openapi", "listConversations", request_of("GET", query=written))

    agree(is_fine, said, but=KINDER & set(query))


@pytest.mark.parametrize("place", SHAPES["openapi"].places() + SHAPES["stage"].places())
def test_every_operation_compiles(place):
    """Each has an answer 200 and the answers every operation has."""
    operation_id = place[0]
    shapes = SHAPES["openapi" if operation_id in SHAPES["openapi"] else "stage"]

    operation = shapes[operation_id]

    assert (operation.id, operation.path, operation.method) == place
    assert {200, 400, 401, 403, 404, 405, 429} <= set(operation.answers)


def test_an_answer_that_departs_is_named():
    """With the place and the reason."""
    operation = SHAPES["openapi"]["resetUserConversation"]
    operation.check(200, {"data": {"success": True}})

    with pytest.raises(AnswerBroken, match="data/success"):
        operation.check(200, {"data": {"success": False}})
    with pytest.raises(AnswerBroken, match="no answer 500"):
        operation.check(500, {})


@pytest.mark.parametrize("metadata", ["x", 7, [1], None, True])
def test_metadata_that_is_no_object(metadata):
    """An empty list is one; other lists are told the same as text."""
    body = json.dumps({"uid": "ana", "name": "Ana", "metadata": metadata})

    _, said = judged("stage", "createUser", request_of("POST", body=body, caller=None))

    assert said == {"metadata": ["Not an object."]}


@pytest.mark.parametrize("value", ["yes", "5", "-1", "a,b"])
def test_a_flag_that_is_none(value):
    """It may be a number or a boolean."""
    request = request_of("GET", query=f"withDeactivated={value}", caller=None)

    _, said = judged("stage", "listUsers", request)

    assert said == {"withDeactivated": ["Neither true nor false."]}


def test_a_large_body_is_let_go_of_with_its_refusal():
    """Of 300 refused bodies of 1 MiB each waited for a full collection."""
    operation, length = SHAPES["stage"]["sendMessage"], 70_001
    start = '{"receiver":"bo","receiverType":"user","data":{"text":"'
    request = request_of("POST", body=f'{start}{"a" * length}"}}}}')

    with no_collection():
        found = WORDS["stage"].details(operation, request, {})
        held = [each.get("data") for each in gc.get_objects() if type(each) is dict]

    assert "data.text" in found
    assert not [one for one in held if type(one) is dict and len(str(one.get("text"))) == length]
