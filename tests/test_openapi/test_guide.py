"""openapi/README.md: what it shows works, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from duologue import openapi
from duologue.fixtures.examples import examples
from duologue.mockserver.app import create_app, inside
from duologue.openapi.document import FOLDER

ROOT = Path(__file__).parents[2]  # the checkout; the package may be installed elsewhere
GUIDE = (FOLDER / "README.md").read_text("utf-8")
NAMED = re.findall(r"`((?:[\w./{}]+/)?[\w{}]+\.(?:yaml|md|py))`", GUIDE)


def test_its_example_runs() -> None:
    """Its assertions hold too."""
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)

    exec(compile(example, "openapi/README.md", "exec"), {})


@pytest.mark.parametrize("name", sorted(set(NAMED)))
def test_each_file_that_it_names_is_there(name: str) -> None:
    """Beside it, or from the root of the repository."""
    assert (FOLDER / name).is_file() or (ROOT / name).is_file()


def test_it_names_every_document_and_overlay() -> None:
    """A new one has to be explained."""
    expected = {f"{name}.yaml" for name in openapi.names()}
    expected |= {f"overlays/{name}.yaml" for name in openapi.overlays()}

    assert expected <= set(NAMED)


def test_a_mock_serves_the_documents_where_it_says() -> None:
    """All of them, each at an address that is answered 200."""
    addresses = set(re.findall(r"`(/_mock/[\w./]+)`", GUIDE))
    app = create_app(world=examples(42))

    statuses = {path: app.test_client().get(path).status_code for path in addresses}
    inside(app).close()

    assert set(statuses.values()) == {200}
    assert len([path for path in addresses if path.endswith(".json")]) == len(openapi.names())
