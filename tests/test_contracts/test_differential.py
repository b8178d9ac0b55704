"""Two readers of one document: compiled validation and openapi-core accept and refuse the same.

The mock and the suite go by jsonschema-rs over the bundled document, which takes microseconds.
openapi-core, of another make, is their referee. Where the two differ is listed here, one by one.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.test import EnvironBuilder

from duologue import openapi
from duologue.contracts.clause import ALL_OPERATIONS
from duologue.contracts.http.client import rows
from duologue.contracts.http.response_schemas import shapes
from duologue.contracts.http.transport import Transport
from duologue.contracts.run.bundled_mock import bundled_mock
from duologue.contracts.session import Session, new_token
from duologue.mockserver.http import request_parser
from duologue.mockserver.http.compiled_spec import CompiledSpec
from support.fakes import DirectTransport, session_on, without_generated
from support.waiting import WITHIN_S

# OpenAPI advises against it; nothing else in it says that a value may be empty (readings T15).
pytestmark = pytest.mark.filterwarnings("ignore:Use of allowEmptyValue:DeprecationWarning")

DOCUMENT = openapi.load()
COMPILED = CompiledSpec(DOCUMENT)
REFEREE = OpenAPI.from_dict(DOCUMENT, config=Config(spec_validator_cls=None))
APP = Flask(__name__)
HOST = "http://mock"
drawn = settings(max_examples=60, derandomize=True, database=None, deadline=None)


# -- requests ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A request to one operation, for both readers."""

    operation_id: str
    values: dict[str, str]
    query: tuple[tuple[str, str], ...] = ()
    caller: str | None = "ana"
    body: bytes | None = None
    content_type: str = "application/json"

    @property
    def given_headers(self) -> dict[str, str]:
        return {"apikey": "k"} | ({} if self.caller is None else {"onBehalfOf": self.caller})

    def compiled_accepts(self) -> bool:
        builder = EnvironBuilder(
            path="/v3/x",
            method=rows()[self.operation_id][0],
            query_string=urlencode(self.query),
            headers=self.given_headers,
            data=self.body,
            content_type=self.content_type if self.body is not None else None,
        )
        request = APP.request_class(builder.get_environ())
        return request_parser.read(COMPILED[self.operation_id], request, self.values)[1]

    def referee_accepts(self) -> bool:
        return not list(REFEREE.iter_request_errors(Seen(self)))


class Seen:
    """A request as openapi-core wants to see it."""

    def __init__(self, asked: Asked) -> None:
        method, path = rows()[asked.operation_id]
        self.host_url = HOST
        self.path = f"/v3{path}".format(**{n: quote(v) for n, v in asked.values.items()})
        self.full_url_pattern = f"{HOST}/v3{path}"
        self.path_pattern = f"/v3{path}"
        self.method = method.lower()
        self.content_type = asked.content_type
        self.body = asked.body or None
        self.parameters = RequestParameters(
            path=dict(asked.values),
            query=ImmutableMultiDict(asked.query),
            header=Headers(asked.given_headers),
            cookie={},
        )


TEXTS = (
    *("", "0", "1", "-1", "1000", "1001", "05", "1e3", "1.0", "2147483647", "2147483648"),
    *("+5", " 5", "5_0", "\N{ARABIC-INDIC DIGIT THREE}"),
    *("true", "false", "TRUE", "yes", "1,0", "null", "user", "group", "crowd"),
    *("ana", "Ana", "a b", "a,b", ",", "a,", "é", "\N{SEEDLING}", "a" * 100, "a" * 101, "_-9"),
)
INTEGERS = ("perPage", "page")
BOOLEANS = ("unread", "withTags", "withUserAndGroupTags")
LISTS = ("tags", "userTags", "groupTags")
QUERY = (*INTEGERS, *BOOLEANS, *LISTS, "conversationType", "searchKey")
FORMS = (*("application/json",) * 3, "application/json; charset=utf-8", "text/plain")
WORDS = ("y", "yes", "t", "true", "on", "1", "n", "no", "f", "false", "off", "0")

text = st.one_of(
    st.sampled_from(TEXTS), st.text(st.characters(codec="utf-8", exclude_characters="/\0"))
)
scalar = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 10**19), st.sampled_from([1.0, 0.5, 7]), text
)
anything = st.recursive(
    scalar,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(text, inner, max_size=3)),
    max_leaves=6,
)
tags = st.one_of(
    st.lists(text, max_size=4),
    st.integers(24, 27).map(lambda n: ["t"] * n),
    st.integers(99, 102).map(lambda n: ["\N{SEEDLING}" * n]),
    anything,
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "tags": tags,
        "messageId": scalar,
        "conversationWith": scalar,
        "deleteMessagesPermanently": scalar,
        "preserveOrder": scalar,
        "more": anything,
    },
)
bodies = st.one_of(
    st.one_of(fields, anything).map(lambda each: json.dumps(each).encode()),
    st.sampled_from([None, b"", b"{", b"[]", b"\xff", b'{"tags": []} x']),
)


USUAL = {
    **dict.fromkeys(INTEGERS, "7"),
    **dict.fromkeys(BOOLEANS, "true"),
    "conversationType": "group",
}


def mostly(usual: str, other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The usual value twice out of three times: what is wrong should be one thing."""
    return st.one_of(st.just(usual), st.just(usual), other)


@st.composite
def requests(draw: Any, operation_id: str) -> Asked:
    """A request to an operation: valid, nearly so, or junk."""
    names = re.findall(r"{(\w+)}", rows()[operation_id][1])
    is_list = operation_id == "listConversations"
    picked = draw(st.lists(st.sampled_from(QUERY), unique=True, max_size=4)) if is_list else ()
    return Asked(
        operation_id,
        {name: draw(mostly("bo", text.filter(bool))) for name in names},
        tuple((name, draw(mostly(USUAL.get(name, "ana"), text))) for name in picked),
        draw(mostly("ana", st.none() | text.filter(str.isprintable))),
        None if rows()[operation_id][0] == "GET" else draw(bodies),
        draw(st.sampled_from(FORMS)),
    )


def is_lenient_integer(value: str) -> bool:
    """Whether Python takes for a whole number what is not written as JSON writes it."""
    try:
        int(value)
    except ValueError:
        return False
    return re.fullmatch(r"-?[0-9]+", value, re.ASCII) is None


@dataclass(frozen=True)
class Difference:
    """One way in which the two differ: who accepts, where it applies, what shows it."""

    why: str
    who_accepts: str
    applies: Callable[[str, str], bool]
    example: tuple[str, str]


DIFFERENCES = (
    Difference(
        "openapi-core reads an integer as Python's int does: with a sign, blanks, underscores,"
        " or digits of any script",
        "referee",
        lambda name, value: name in INTEGERS and is_lenient_integer(value),
        ("perPage", "5_0"),
    ),
    Difference(
        "openapi-core reads 1, 0, yes, TRUE and the like as booleans",
        "referee",
        lambda name, value: (
            name in BOOLEANS and value.lower() in WORDS and value not in ("true", "false")
        ),
        ("unread", "yes"),
    ),
    Difference(
        "a comma that is encoded parts no list where that would leave an item empty: the"
        " compiled reading takes it for a part of a tag",
        "compiled",
        lambda name, value: name in LISTS and "" in value.split(",") and bool(value),
        ("tags", "a,"),
    ),
    Difference(
        "an empty value is as an absent parameter to the compiled reading (T15)",
        "compiled",
        lambda name, value: not value,
        ("perPage", ""),
    ),
)


def is_known(asked: Asked) -> bool:
    """Whether one of the known differences may decide about this request."""
    return any(each.applies(*pair) for each in DIFFERENCES for pair in asked.query)


@pytest.mark.parametrize("operation_id", ALL_OPERATIONS)
def test_both_accept_the_same_requests(operation_id: str) -> None:
    """Parameters, headers and bodies, valid or not, but for the known differences."""

    @drawn
    @given(requests(operation_id))
    def agree(asked: Asked) -> None:
        if not is_known(asked):
            assert asked.compiled_accepts() is asked.referee_accepts()

    agree()


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: "=".join(each.example))
def test_each_known_difference_is_one(difference: Difference) -> None:
    """What is listed as a difference shows as one: else it is to be struck from the list."""
    asked = Asked("listConversations", {}, (difference.example,))

    assert is_known(asked)
    assert asked.compiled_accepts() is (difference.who_accepts == "compiled")
    assert asked.referee_accepts() is (difference.who_accepts == "referee")


@pytest.mark.parametrize("operation_id", ALL_OPERATIONS)
def test_a_plain_request_is_accepted_by_both(operation_id: str) -> None:
    """The comparison is not one of refusals alone."""
    values = dict.fromkeys(re.findall(r"{(\w+)}", rows()[operation_id][1]), "bo")
    body = None if rows()[operation_id][0] == "GET" else b'{"tags": ["a"]}'
    asked = Asked(operation_id, values, (("page", "1"),) * (operation_id == ALL_OPERATIONS[0]))
    asked = Asked(asked.operation_id, asked.values, asked.query, "ana", body)

    assert asked.compiled_accepts()
    assert asked.referee_accepts()


# -- answers -----------------------------------------------------------------------------------


class Given:
    """An answer as openapi-core wants to see it."""

    def __init__(self, status: int, data: bytes) -> None:
        self.status_code = status
        self.headers = Headers({"Retry-After": "1", "Allow": "GET"})
        self.content_type = "application/json"
        self.data = data


def referee_takes(operation_id: str, status: int, data: bytes) -> bool:
    """Whether openapi-core finds an answer valid."""
    names = re.findall(r"{(\w+)}", rows()[operation_id][1])
    asked = Seen(Asked(operation_id, dict.fromkeys(names, "bo")))
    return not list(REFEREE.iter_response_errors(asked, Given(status, data)))


def examples_of(operation_id: str) -> list[tuple[int, Any]]:
    """The document's own examples of an operation's answers, with their statuses."""
    (described,) = (
        each
        for item in DOCUMENT["paths"].values()
        for each in item.values()
        if isinstance(each, dict) and each.get("operationId") == operation_id
    )
    found = []
    for status, response in described["responses"].items():
        examples = followed(response)["content"]["application/json"]["examples"]
        found += [(int(status), followed(example)["value"]) for example in examples.values()]
    return found


def followed(node: Any) -> Any:
    """What a node of the document says, where it is a reference what that leads to."""
    while "$ref" in node:
        steps = node["$ref"].removeprefix("#/").split("/")
        node = DOCUMENT
        for step in steps:
            node = node[step]
    return node


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place within a JSON value."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [at, *(place for key, each in inner for place in places(each, (*at, key)))]


@st.composite
def answers(draw: Any, operation_id: str) -> tuple[int, Any]:
    """An example with one thing in it replaced, taken away, or added."""
    status, value = draw(st.sampled_from(examples_of(operation_id)))
    value = copy.deepcopy(value)
    *way, last = draw(st.sampled_from(places(value)[1:]))
    node = value
    for step in way:
        node = node[step]
    change = draw(st.sampled_from(("replace", "drop", "add")))
    if change == "replace":
        node[last] = draw(anything)
    elif change == "drop":
        del node[last]
    elif isinstance(node, dict):
        node[draw(text)] = draw(anything)
    return status, value


@pytest.mark.parametrize("operation_id", ALL_OPERATIONS)
def test_both_accept_the_same_answers(operation_id: str) -> None:
    """Examples of success and refusal with one thing changed: the mock's and the suite's reading
    find valid what openapi-core does."""

    @drawn
    @given(answers(operation_id))
    def agree(answer: tuple[int, Any]) -> None:
        status, value = answer
        wanted = referee_takes(operation_id, status, json.dumps(value).encode())

        assert COMPILED[operation_id].answers[status].is_valid(value) is wanted
        if status == 200:
            assert (shapes().violations(operation_id, value) == ()) is wanted

    agree()


@pytest.mark.parametrize("operation_id", ALL_OPERATIONS)
def test_every_example_of_an_answer_is_taken_by_both(operation_id: str) -> None:
    """The comparison begins with what is valid."""
    for status, value in examples_of(operation_id):
        assert referee_takes(operation_id, status, json.dumps(value).encode())
        assert COMPILED[operation_id].answers[status].is_valid(value)


# -- what the clauses see ----------------------------------------------------------------------


def keeping(transport: type[Transport]) -> type[Transport]:
    """A transport that keeps the answers of the 15 operations, each form of them once."""

    class Keeping(transport):  # type: ignore[misc,valid-type]
        def send(self, operation_id: str, **words: Any) -> Any:
            answer = super().send(operation_id, **words)
            if operation_id in ALL_OPERATIONS:
                self.kept.setdefault((operation_id, answer.status, form(answer.body)), answer)
            return answer

    return Keeping


def form(value: Any) -> str:
    """A value with its texts and numbers left out, so that answers alike are judged once."""
    if isinstance(value, dict):
        return repr(sorted((name, form(each)) for name, each in value.items()))
    if isinstance(value, list):
        return repr(sorted({form(each) for each in value}))
    return type(value).__name__


def refused_by_referee(transport: Any, statuses: range = range(200, 600)) -> list[str]:
    """The kept answers that openapi-core finds invalid."""
    return [
        f"{name}: {status} {answer.text[:200]}"
        for (name, status, _), answer in transport.kept.items()
        if status in statuses and not referee_takes(name, status, answer.text.encode())
    ]


def test_the_referee_takes_what_clauses_see_of_the_mock() -> None:
    """Every answer of the mock to the clauses' own calls is valid for openapi-core too."""
    with bundled_mock(seed=42, timeout_s=WITHIN_S, settle_s=5) as target:
        session = Session(target, new_token())
        session.transport = keeping(Transport)(timeout_s=WITHIN_S, connections=16)
        session.transport.kept = {}  # type: ignore[attr-defined]
        session.run_preflight()
        session.run(without_generated())

    seen = {name for name, *_ in session.transport.kept}  # type: ignore[attr-defined]
    assert seen == set(ALL_OPERATIONS)
    assert refused_by_referee(session.transport) == []


def test_the_referee_takes_successes_of_another_server(make_app: Any, clock: Any) -> None:
    """A server that follows the readings shows what openapi-core finds described."""
    app = make_app()
    session = session_on(app, clock)
    session.transport = keeping(DirectTransport)(app, sleep=clock.sleep)
    session.transport.kept = {}  # type: ignore[attr-defined]
    session.run(without_generated())

    assert len(session.transport.kept) > 2 * len(ALL_OPERATIONS)  # type: ignore[attr-defined]
    assert refused_by_referee(session.transport, range(200, 300)) == []
