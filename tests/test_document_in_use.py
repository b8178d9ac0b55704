"""Each documented number drives both halves: change it, and the mock and the suite follow."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from duologue import openapi
from duologue.contracts.cli import main
from duologue.contracts.http.response_schemas import ResponseSchemas
from duologue.contracts.run.bundled_mock import bundled_mock
from duologue.mockserver.errors import AnswerBroken
from duologue.mockserver.http.compiled_spec import CompiledSpec
from duologue.openapi.references import resolved
from support.waiting import WITHIN_S

LIST, TAG, UNREAD = "listConversations", "updateUserConversation", "markUserConversationAsUnread"
KEYWORDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")


def items(count):
    return [f"tag {n}" for n in range(count)]


def tags(*values):
    return {"tags": list(values)}


# What a request may hold: place, its new number, operation, parameter or "body", what is still
# taken, what is no longer.
REQUESTS = {
    "parameters/GroupTags/schema/minItems": (2, LIST, "groupTags", items(2), items(1)),
    "parameters/UserTags/schema/minItems": (2, LIST, "userTags", items(2), items(1)),
    "parameters/TagsFilter/schema/minItems": (2, LIST, "tags", items(2), items(1)),
    "parameters/Page/schema/minimum": (3, LIST, "page", 3, 2),
    "parameters/Page/schema/maximum": (5, LIST, "page", 5, 6),
    "parameters/PerPage/schema/minimum": (3, LIST, "perPage", 3, 2),
    "parameters/PerPage/schema/maximum": (5, LIST, "perPage", 5, 6),
    "parameters/SearchKey/schema/minLength": (3, LIST, "searchKey", "abc", "ab"),
    "parameters/SearchKey/schema/maxLength": (3, LIST, "searchKey", "abc", "abcd"),
    "schemas/Tags/maxItems": (20, TAG, "body", tags(*items(20)), tags(*items(21))),
    "schemas/Tag/minLength": (3, TAG, "body", tags("abc"), tags("ab")),
    "schemas/Tag/maxLength": (3, TAG, "body", tags("abc"), tags("abcd")),
    "schemas/MessageId/minimum": (3, UNREAD, "body", {"messageId": 3}, {"messageId": 2}),
    "schemas/MessageId/maximum": (5, UNREAD, "body", {"messageId": 5}, {"messageId": 6}),
}
# No documented answer is made from these alone: numbers in headers are told, not judged.
HEADERS = "headers/"
DEFAULTS = {"parameters/PerPage/schema/default", "parameters/Page/schema/default"}
# Of lastMessage, and no example has it: ids are text there, and counts of replies are left out.
UNSHOWN = {
    "schemas/ShownMessageId/minimum": "id",
    "schemas/Message/properties/replyCount/minimum": "replyCount",
}
EXTREMES = {"minimum": 10**15, "minLength": 10**4, "minItems": 10**4}  # others: none is taken


def numbers(node, place=""):
    """Yield the place of each number of a document that limits a value."""
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        below = f"{place}/{key}".removeprefix("/")
        if key in KEYWORDS or (key == "default" and type(value) is int):
            yield below
        elif key not in ("example", "examples"):
            yield from numbers(value, below)


PLACES = list(numbers(openapi.load()["components"]))
ANSWERS = [
    each
    for each in PLACES
    if each not in {*REQUESTS, *DEFAULTS, *UNSHOWN} and not each.startswith(HEADERS)
] + ["schemas/Tags/maxItems", "schemas/Tag/maxLength"]


def changed(place, number):
    """Return the document with another number at a place of its components."""
    document = openapi.load()
    *steps, last = place.split("/")
    node = document["components"]
    for step in steps:
        node = node[step]
    assert node[last] != number
    node[last] = number
    return document


def answers(document):
    """Yield operation, status and body of each documented answer."""
    spec = CompiledSpec(document)
    for name, path, method in spec.places():
        for status, response in document["paths"][path][method.lower()]["responses"].items():
            content = resolved(document, response).get("content", {}).get("application/json", {})
            for example in content.get("examples", {}).values():
                yield name, int(status), resolved(document, example)["value"]


def test_each_number_is_changed_by_a_test():
    """A new one in the document needs a row, or is found among the answers."""
    assert {*REQUESTS, *DEFAULTS} <= set(PLACES)
    assert len(ANSWERS) > 15


@pytest.mark.parametrize("place", REQUESTS)
def test_the_mock_takes_requests_up_to_the_changed_number(place):
    number, operation_id, name, taken, refused = REQUESTS[place]
    operation = CompiledSpec(changed(place, number))[operation_id]

    if name == "body":
        is_valid = operation.body.is_valid
    else:
        (is_valid,) = [each.is_valid for each in operation.parameters if each.name == name]

    assert is_valid(taken)
    assert not is_valid(refused)


@pytest.mark.parametrize("place", ANSWERS)
def test_both_judge_answers_by_the_changed_number(place):
    """The mock refuses to send what the suite refuses to take."""
    document = changed(place, EXTREMES.get(place.rpartition("/")[2], -1 if "imum" in place else 0))
    spec, schemas = CompiledSpec(document), ResponseSchemas(document)
    refused = []

    for name, status, body in answers(document):
        try:
            spec[name].check(status, body)
        except AnswerBroken:
            refused.append((name, status, body))

    assert refused
    done = [(name, body) for name, status, body in refused if status == 200]
    assert all(schemas.violations(name, body) for name, body in done)


@pytest.mark.parametrize("place", UNSHOWN)
def test_both_judge_a_number_that_no_example_has_by_the_changed_number(place):
    document = changed(place, 6)
    operation, schemas = CompiledSpec(document)["getUserConversation"], ResponseSchemas(document)
    bodies = [
        body
        for name, status, body in answers(document)
        if (name, status) == (operation.id, 200) and body["data"].get("lastMessage")
    ]

    for body in bodies:
        body["data"]["lastMessage"][UNSHOWN[place]] = 6
        operation.check(200, body)
        body["data"]["lastMessage"][UNSHOWN[place]] = 5
        with pytest.raises(AnswerBroken):
            operation.check(200, body)
        assert schemas.violations(operation.id, body)
    assert bodies


# -- whole processes ----------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path):
    """``written(document)``: the path of a file with it."""

    def written(document):
        path = tmp_path / "changed.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    return written


@pytest.fixture(scope="module")
def unchanged():
    """Return the bundled mock, which follows the contract."""
    with bundled_mock(seed=42, timeout_s=WITHIN_S, settle_s=0) as target:
        yield target


@contextmanager
def following(path):
    """Yield the bundled mock, which follows this document."""
    options = ("--document", str(path))
    with bundled_mock(seed=42, timeout_s=WITHIN_S, settle_s=0, options=options) as target:
        yield target


def status_of(target, count):
    """Return how the mock answers so many tags."""
    request = urllib.request.Request(
        f"{target.url}/users/bo/conversation",
        json.dumps(tags(*items(count))).encode(),
        {"apikey": target.api_key, "onBehalfOf": "ana", "Content-Type": "application/json"},
        method="PUT",
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


@pytest.fixture
def verdict(monkeypatch):
    """``verdict(target, clause, path)``: what the suite says by that document."""

    def verdict(target, clause, *words):
        monkeypatch.setenv("CONTRACTS_API_KEY", target.api_key)
        options = ("--settle", "0", "--only", clause, *map(str, words))
        result = CliRunner().invoke(main, ["run", "--target", target.url, *options])
        return {0: "held", 1: "broken"}.get(result.exit_code, result.output + result.stderr)

    return verdict


def test_twenty_tags_are_taken_and_21_refused_by_both(written, unchanged, verdict):
    path, clause = written(changed("schemas/Tags/maxItems", 20)), "key-behaviors.at-most-25-tags"

    with following(path) as target:
        assert [status_of(target, count) for count in (20, 21)] == [200, 400]
        assert verdict(target, clause, "--document", path) == "held"
        assert verdict(target, clause) == "broken"
    assert status_of(unchanged, 21) == 200
    assert verdict(unchanged, clause, "--document", path) == "broken"


@pytest.mark.parametrize(
    ("place", "number", "clause"),
    [
        ("schemas/Tag/maxLength", 50, "key-behaviors.tags-up-to-100-characters"),
        ("parameters/PerPage/schema/maximum", 500, "listing.page-size-bounds"),
        ("parameters/PerPage/schema/default", 30, "listing.default-page-size"),
    ],
)
def test_the_clause_of_a_number_follows_it(written, unchanged, verdict, place, number, clause):
    path = written(changed(place, number))

    with following(path) as target:
        assert verdict(target, clause, "--document", path) == "held"
    assert verdict(unchanged, clause, "--document", path) == "broken"


def test_why_names_the_cause_of_a_row_where_pages_are_smaller(written):
    """It asks for all rows at once, which is as many as the document allows."""
    text = json.dumps({"receiver": "bo", "receiverType": "user", "data": {"text": "Hi"}}).encode()
    with following(written(changed("parameters/PerPage/schema/maximum", 500))) as target:
        headers = {"apikey": target.api_key, "onBehalfOf": "ana"}
        headers["Content-Type"] = "application/json"
        sent, listed = (
            id_of(urllib.request.Request(f"{target.url}/{path}", body, headers))
            for path, body in (("messages", text), ("conversations?perPage=2", None))
        )
        with urllib.request.urlopen(
            f"{target.url.removesuffix('/v3')}/_mock/why/{listed}"
        ) as answer:
            fields = {each["field"]: each for each in json.load(answer)["data"]["fields"]}

    assert fields["data[user_bo].lastMessage"]["because"] == [sent]


def id_of(request):
    """Send a request and return its id."""
    with urllib.request.urlopen(request) as answer:
        return answer.headers["X-Request-Id"]


# -- copies that another tool wrote --------------------------------------------------------------


def dereferenced(document):
    """Return the document without a reference, as `swagger-cli bundle --dereference` writes it."""

    def copied(node):
        if isinstance(node, list):
            return [copied(each) for each in node]
        if not isinstance(node, dict):
            return node
        beside = {key: copied(each) for key, each in node.items() if key != "$ref"}
        return copied(resolved(document, node)) | beside if "$ref" in node else beside

    kept = {"securitySchemes": document["components"]["securitySchemes"]}
    return copied({key: each for key, each in document.items() if key != "components"}) | {
        "components": kept
    }


def of_first_places(document):
    """Return the document as `swagger-cli bundle` writes it.

    What is referred to stands at the first place, which all other places refer to.
    """
    first = {}

    def placed(node, place):
        if isinstance(node, list):
            return [placed(each, f"{place}/{number}") for number, each in enumerate(node)]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if reference in first:
            return {**node, "$ref": f"#{quote(first[reference])}"}
        if reference is not None:
            first[reference] = place
            node = resolved(document, node) | {k: v for k, v in node.items() if k != "$ref"}
        steps = {key: key.replace("~", "~0").replace("/", "~1") for key in node}
        return {key: placed(each, f"{place}/{steps[key]}") for key, each in node.items()}

    kept = {"securitySchemes": document["components"]["securitySchemes"]}
    return placed({key: each for key, each in document.items() if key != "components"}, "") | {
        "components": kept
    }


@pytest.mark.one_python
@pytest.mark.parametrize("form", [dereferenced, of_first_places])
def test_a_copy_in_other_references_is_followed_by_both(written, verdict, form):
    path = written(form(openapi.load()))

    with following(path) as target:
        assert [status_of(target, count) for count in (25, 26)] == [200, 400]
        for clause in ("document.answers-follow-it", "listing.page-size-bounds"):
            assert verdict(target, clause, "--document", path) == "held"


@pytest.mark.one_python
def test_why_faults_and_dialects_of_a_document_without_components(written):
    """What a fault or the live dialect changes has no name there, which is told."""
    with following(written(dereferenced(openapi.load()))) as target:
        control = f"{target.url.removesuffix('/v3')}/_mock"
        headers = {"apikey": target.api_key, "onBehalfOf": "ana"}
        listed = id_of(urllib.request.Request(f"{target.url}/conversations", headers=headers))
        with urllib.request.urlopen(f"{control}/why/{listed}") as answer:
            assert json.load(answer)["data"]

        def refused(path, body):
            content, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
            call = urllib.request.Request(f"{control}/{path}", content, headers, method="PUT")
            with pytest.raises(urllib.error.HTTPError) as answer:
                urllib.request.urlopen(call)
            assert b"keeps the names of the contract's components" in answer.value.read()
            return answer.value.code

        assert refused("faults", {"faults": ["page-size-begins-at-2"]}) == 422
        assert refused("dialect", {"dialect": "live"}) == 409
        assert status_of(target, 25) == 200


def test_the_default_page_is_the_first_one():
    """Another first page could not be asked for: the document says 1, and so do both halves."""
    page = openapi.load()["components"]["parameters"]["Page"]["schema"]

    assert (page["default"], page["minimum"]) == (1, 1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda document: document.update(openapi="3.0.3"), "it is no OpenAPI 3.1 document"),
        (lambda document: document.update(paths=[]), "its paths are no mapping"),
        (
            lambda document: document["paths"].pop("/conversations"),
            "it has no operation listConversations (GET /conversations)",
        ),
        (
            lambda document: document["components"]["schemas"]["Tags"].update(maxItems="many"),
            "/components/schemas/Tags: 'many' is not of type 'integer'",
        ),
        (
            lambda document: document["components"]["schemas"]["Tags"].pop("maxItems"),
            "it gives no maxItems for tags, which clauses judge by",
        ),
    ],
)
def test_a_document_that_cannot_stand_for_the_contract_is_2(written, change, told):
    document = openapi.load()
    change(document)

    result = CliRunner().invoke(main, ["run", "--document", str(written(document))])

    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("contracts: --document: ")
    assert told in line


@pytest.mark.parametrize("words", [("contracts", "list"), ("mockserver", "serve", "--port", "0")])
def test_a_variable_that_names_no_document_is_2(words, tmp_path):
    """It is meant for the processes that a mock starts, and may be set by somebody else."""
    program, *command = words
    result = subprocess.run(
        [sys.executable, "-m", f"duologue.{program}", *command],
        env={**os.environ, "DUOLOGUE_DOCUMENT": str(tmp_path / "none.yaml")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"{program}: {tmp_path}/none.yaml cannot be read")


def test_after_the_block_the_contract_is_back(written):
    before = openapi.load()

    with openapi.using(written(changed("schemas/Tags/maxItems", 20))):
        inside = openapi.load()

    assert inside["components"]["schemas"]["Tags"]["maxItems"] == 20
    assert openapi.load() == before
