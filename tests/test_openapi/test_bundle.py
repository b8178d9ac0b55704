"""How files become one document, and what is said when they cannot."""

import json

import pytest

from duologue.openapi import BrokenReference, UnreadableFile
from duologue.openapi.bundle import bundle
from duologue.openapi.document import FOLDER
from duologue.openapi.references import find


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "root.yaml"


def references(node):
    if isinstance(node, list):
        return [found for item in node for found in references(item)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return own + [found for value in node.values() for found in references(value)]


def test_component_files_become_components_by_their_names(tmp_path):
    """components/schemas/A.yaml becomes #/components/schemas/A, wherever it is referred to."""
    root = write(
        tmp_path,
        {
            "root.yaml": "paths: {/a: {$ref: paths/a.yaml}}",
            "paths/a.yaml": "get: {schema: {$ref: ../components/schemas/A.yaml}}",
            "components/schemas/A.yaml": "properties: {b: {$ref: ./B.yaml, description: own}}",
            "components/schemas/B.yaml": "type: string",
        },
    )

    assert bundle(root) == {
        "paths": {"/a": {"get": {"schema": {"$ref": "#/components/schemas/A"}}}},
        "components": {
            "schemas": {
                "A": {
                    "properties": {"b": {"$ref": "#/components/schemas/B", "description": "own"}}
                },
                "B": {"type": "string"},
            }
        },
    }


def test_pointers_into_files_are_followed(tmp_path):
    """What is no whole component has no name in the bundle: its copy stands there."""
    root = write(
        tmp_path,
        {
            "root.yaml": "a: {$ref: components/schemas/A.yaml#/properties/x~1y}\n"
            "b: {$ref: other.yaml#/parts/0}",
            "components/schemas/A.yaml": "properties: {x/y: {type: integer}}",
            "other.yaml": "parts: [{type: string}]",
        },
    )

    document = bundle(root)

    assert document["a"] == {"type": "integer"}
    assert document["b"] == {"type": "string"}


def test_references_may_be_escaped_as_addresses_are(tmp_path):
    """As swagger-cli writes them; a file of the very name wins."""
    root = write(
        tmp_path,
        {
            "root.yaml": "paths: {'/{id}': {$ref: paths/%7Bid%7D.yaml}}\n"
            "a: {$ref: '#/paths/~1%7Bid%7D/get'}\n"
            "b: {$ref: 'paths/{id}.yaml#/x%20y'}\n"
            "c: {$ref: 50%25.yaml}",
            "paths/{id}.yaml": "{get: {summary: one}, x y: {type: string}}",
            "50%25.yaml": "type: integer",
            "50%.yaml": "type: boolean",
        },
    )

    document = bundle(root)

    assert document["paths"]["/{id}"]["get"] == {"summary": "one"}
    assert document["a"] == {"summary": "one"}
    assert document["b"] == {"type": "string"}
    assert document["c"] == {"type": "integer"}


def test_references_within_a_file_lead_to_whole_components(tmp_path):
    """swagger-cli refers to the first place where something stands; all else is a copy of it."""
    root = write(
        tmp_path,
        {
            "root.yaml": "paths: {/a: {get: {parameters: [{name: one}, {$ref: "
            "'#/components/parameters/B'}]}}}\n"
            "first: {$ref: '#/paths/~1a/get/parameters/0', description: own}\n"
            "second: {$ref: '#/paths/~1a/get/parameters/1'}\n"
            "third: {$ref: '#/first'}\n"
            "any: {$ref: '#/components/schemas/C/properties/d'}\n"
            "components: {parameters: {B: {name: two}}, schemas: {C: {properties: {d: true}}}}",
        },
    )

    document = bundle(root)

    assert document["first"] == document["third"] == {"name": "one", "description": "own"}
    assert document["second"] == {"$ref": "#/components/parameters/B"}
    assert document["any"] is True


def test_schemas_may_refer_to_themselves(tmp_path):
    """A circle among components ends, since each is placed once."""
    root = write(
        tmp_path,
        {
            "root.yaml": "a: {$ref: components/schemas/A.yaml}",
            "components/schemas/A.yaml": "properties: {next: {$ref: ./A.yaml}}",
        },
    )

    assert bundle(root)["components"]["schemas"]["A"] == {
        "properties": {"next": {"$ref": "#/components/schemas/A"}}
    }


@pytest.mark.parametrize(
    ("files", "reference", "problem"),
    [
        ({"root.yaml": "a: {$ref: gone.yaml}"}, "gone.yaml", "no file"),
        ({"root.yaml": "a: {$ref: '#/components/schemas/B'}"}, "#/components/schemas/B", "nothing"),
        ({"root.yaml": "a: {$ref: b.yaml#/x}", "b.yaml": "y: {}"}, "b.yaml#/x", "nothing"),
        (
            {"root.yaml": "a: {$ref: b.yaml}", "b.yaml": "c: {$ref: b.yaml}"},
            "b.yaml",
            "leads back",
        ),
        (
            {
                "root.yaml": "a: {$ref: components/schemas/A.yaml}\n"
                "b: {$ref: more/components/schemas/A.yaml}",
                "components/schemas/A.yaml": "{}",
                "more/components/schemas/A.yaml": "{}",
            },
            "more/components/schemas/A.yaml",
            "already",
        ),
        ({"root.yaml": "a: {b: {$ref: '#/a'}}"}, "#/a", "leads back to itself"),
        ({"root.yaml": 'a: {$ref: "\\0"}'}, "\0", "names no file"),
        ({"root.yaml": f"a: {{$ref: {'x' * 300}}}"}, "x" * 300, "names no file"),
        ({"root.yaml": "a: [b]\nc: {$ref: '#/a/²'}"}, "#/a/²", "nothing stands there"),
    ],
    ids=[
        "no such file",
        "no such component",
        "no such part",
        "a circle of files",
        "a taken name",
        "a circle in one file",
        "a NUL",
        "a long name",
        "no number of a list",
    ],
)
def test_a_broken_reference_names_file_and_reference(tmp_path, files, reference, problem):
    """BrokenReference holds the file, the reference, and what is wrong with it."""
    root = write(tmp_path, files)

    with pytest.raises(BrokenReference, match=problem) as broken:
        bundle(root)

    assert broken.value.reference == reference
    assert broken.value.path.is_file()


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "- a list",
        "",
        "just words",
        "components: []",
        "components: {links: false}",
        f"a: {'[' * 900}{']' * 900}",
    ],
)
def test_a_file_that_is_no_mapping_is_named(tmp_path, text):
    """UnreadableFile holds the file and the problem."""
    root = write(tmp_path, {"root.yaml": text})

    with pytest.raises(UnreadableFile) as unreadable:
        bundle(root)

    assert unreadable.value.path == root
    assert unreadable.value.problem


def test_our_documents_are_self_contained(document):
    """Every reference of a bundle begins with #/ and leads to something."""
    found = references(document)

    assert found
    assert all(each.startswith("#/") for each in found)
    assert all(find(document, each[1:]) is not None for each in found)


def test_bundling_is_deterministic(name):
    """The same files give the same bytes."""
    first, second = (json.dumps(bundle(FOLDER / f"{name}.yaml")) for _ in range(2))

    assert first == second


def test_every_file_of_the_folder_has_its_place():
    """No path, schema or example lies about that no document refers to."""
    placed = {
        (section, member)
        for name in ("openapi", "stage", "client", "control")
        for section, members in bundle(FOLDER / f"{name}.yaml")["components"].items()
        for member in members
    }

    files = {(path.parent.name, path.stem) for path in FOLDER.rglob("components/*/*.yaml")}

    assert files - placed == set()
