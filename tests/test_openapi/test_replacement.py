"""A document of the caller's own: what it has to be, and where it is read."""

import json
import os
from pathlib import Path

import pytest

from duologue import openapi
from duologue.openapi.errors import DocumentError, UnreadableFile, UnusableDocument
from duologue.openapi.replacement import VARIABLE, in_use


@pytest.fixture
def copy(tmp_path):
    """Return a copy of the contract with another title, as JSON."""
    document = openapi.load()
    document["info"] |= {"title": "A copy", "x-copied": True}
    path = tmp_path / "copy.json"
    path.write_text(json.dumps(document), encoding="ascii")
    return path


def test_it_is_read_in_the_contracts_place_and_nowhere_else(copy):
    with openapi.using(copy):
        titles = [openapi.load(name)["info"]["title"] for name in ("openapi", "stage")]

    assert titles[0] == "A copy" != titles[1]
    assert openapi.load()["info"]["title"] != "A copy"


def test_processes_that_are_started_in_the_block_read_it_too(copy):
    with openapi.using(copy):
        assert os.environ[VARIABLE] == str(copy.resolve())

    assert VARIABLE not in os.environ


def test_the_overlay_of_the_live_dialect_is_applied_to_it(copy):
    with openapi.using(copy):
        live = openapi.load(overlay="live")

    assert live["info"]["x-copied"]
    assert live != openapi.load()


def test_an_emoji_in_json_is_read(copy):
    """It is written as two escapes, which YAML takes for an error."""
    assert "\\ud83" in copy.read_text(encoding="ascii")

    with openapi.using(copy):
        assert openapi.load()["components"] == openapi.load()["components"]


def test_without_a_file_nothing_is_changed():
    with openapi.using(None):
        assert in_use() is None


def test_the_split_document_is_a_document(tmp_path):
    """References to other files are followed."""
    root = Path(openapi.__file__).parent / "openapi.yaml"

    with openapi.using(root):
        inside = openapi.load()

    assert inside == openapi.load()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", UnreadableFile),
        ("[1]", UnreadableFile),
        ("{", UnreadableFile),
        ("{}", UnusableDocument),
    ],
)
def test_what_is_no_document_is_refused(tmp_path, text, error):
    path = tmp_path / "document.json"
    path.write_text(text)

    with pytest.raises(error) as raised, openapi.using(path):
        pass

    assert "\n" not in str(raised.value)
    assert VARIABLE not in os.environ


def _set(*steps, to):
    """Return what sets a place of a document."""

    def change(document):
        node = document
        for step in steps[:-1]:
            node = node[step]
        node[steps[-1]] = to

    return change


LIST = ("paths", "/conversations", "get")
BROKEN = {
    "a text in the place of components": (_set("components", to="x"), "at components"),
    "a text in the place of content": (
        _set("paths", "/users/{uid}/conversation", "put", "requestBody", "content", to="x"),
        "requestBody/content",
    ),
    "links that are none": (_set("components", "links", to=False), "components/links"),
    "a list in the place of an answer": (_set(*LIST, "responses", "200", to=[]), "200"),
    "half of a surrogate pair": (_set("info", "title", to="\ud800"), "surrogates"),
    "no number of JSON": (_set("info", "x-a", to=float("nan")), "not JSON compliant"),
    "a schema of no type": (_set("components", "schemas", "User", "type", to="text"), "User"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_copy_that_is_no_valid_openapi_is_refused_with_its_place(tmp_path, name):
    change, place = BROKEN[name]
    document = openapi.load()
    change(document)
    path = tmp_path / "document.json"
    path.write_text(json.dumps(document))

    with pytest.raises(DocumentError) as raised, openapi.using(path):
        pass

    assert place in str(raised.value)
    assert "\n" not in str(raised.value)
