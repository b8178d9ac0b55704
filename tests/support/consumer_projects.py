"""Small projects whose names and options resemble ours, as texts of their files.

Imported where only the standard library and pytest are installed.
"""

from __future__ import annotations

import re
from pathlib import Path

# All that pytest may import of ours before a test asks for it.
OUR_PLUGINS = {
    "duologue",
    "duologue.contracts",
    "duologue.contracts.plugin",
    "duologue.mockserver",
    "duologue.mockserver.testing",
    "duologue.mockserver.testing.plugin",
}

READ_SIDEBAR = """
import json
import urllib.request


def unread(mock, uid):
    headers = {"apikey": mock.api_key, "onBehalfOf": uid}
    request = urllib.request.Request(mock.url + "/conversations", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return [row["unreadMessageCount"] for row in json.load(answer)["data"]]


def test_the_mock_answers(mockserver):
    mockserver.world().dm("ana", "bo", unread=3).load()

    assert unread(mockserver, "ana") == [3]
"""
OWN_PACKAGES = {
    "contracts/__init__.py": "OWNER = 'project'\n",
    "contracts/clause.py": "OWNER = 'project'\n",
    "openapi/__init__.py": "OWNER = 'project'\n",
    "openapi/document.py": "OWNER = 'project'\n",
    "fixtures/__init__.py": "OWNER = 'project'\n",
    "fixtures/world.py": "OWNER = 'project'\n",
}
USES_OWN_PACKAGES = """
import contracts.clause
import fixtures.world
import openapi.document


def test_the_packages_are_the_projects_own():
    owners = [contracts, contracts.clause, fixtures, fixtures.world, openapi, openapi.document]

    assert {module.OWNER for module in owners} == {"project"}
"""
PROJECTS = {
    "own packages at the root": {
        **OWN_PACKAGES,
        "tests/test_own.py": USES_OWN_PACKAGES + READ_SIDEBAR,
    },
    "own packages under tests, which is no package": {
        **{f"tests/{name}": text for name, text in OWN_PACKAGES.items()},
        "tests/test_own.py": USES_OWN_PACKAGES + READ_SIDEBAR,
    },
    "own packages under tests, which is a package": {
        **{f"tests/{name}": text for name, text in OWN_PACKAGES.items()},
        "tests/__init__.py": "",
        "tests/test_own.py": re.sub(
            r"^import (\w+)\.(\w+)$",
            r"import tests.\1.\2\nfrom tests import \1",
            USES_OWN_PACKAGES,
            flags=re.MULTILINE,
        )
        + READ_SIDEBAR,
    },
    "own modules mockserver and fixtures": {
        "mockserver.py": "OWNER = 'project'\n",
        "fixtures.py": "OWNER = 'project'\n",
        "tests/test_own.py": """
import fixtures
import mockserver as own


def test_the_modules_are_the_projects_own():
    assert own.OWNER == fixtures.OWNER == "project"
"""
        + READ_SIDEBAR,
    },
    "own options": {
        "conftest.py": """
def pytest_addoption(parser):
    for name in ("--target", "--settle", "--seed", "--api-key-env", "--accept", "--max-time"):
        parser.addoption(name, default="usual")
""",
        "pytest.ini": "[pytest]\naddopts = --target=T --settle=3 --seed=7\n",
        "tests/test_own.py": """
def test_the_options_are_the_projects_own(pytestconfig):
    told = [pytestconfig.getoption(name) for name in ("--target", "--settle", "--seed", "--accept")]

    assert told == ["T", "3", "7", "usual"]
"""
        + READ_SIDEBAR,
    },
    "asyncio, xdist, randomly and timeout": {
        "pytest.ini": "[pytest]\naddopts = -n 2 --timeout 60\nasyncio_mode = auto\n",
        "tests/test_own.py": READ_SIDEBAR
        + """

async def test_the_mock_answers_a_coroutine(mockserver):
    import asyncio

    mockserver.world().dm("ana", "bo", unread=2).load()

    assert await asyncio.to_thread(unread, mockserver, "ana") == [2]
""",
    },
}
NOT_A_USER = {
    "conftest.py": """
import json
import sys


def pytest_collection_finish(session):
    session.config.collected = [item.nodeid for item in session.items]


def pytest_unconfigure(config):
    if hasattr(config, "collected"):
        seen = {"modules": sorted(sys.modules), "collected": config.collected}
        (config.rootpath / "seen.json").write_text(json.dumps(seen))
""",
    "contracts/test_contract.py": "def test_a():\n    pass\n",
    "tests/test_own.py": "import json\n\n\ndef test_b(tmp_path):\n    assert json\n",
}
USE_OTHERS = """
import importlib.metadata

import fixtures


def test_the_others_are_whole():
    assert hasattr(fixtures, "TempDir")
    for name in ("fixtures", "PyContracts"):
        files = importlib.metadata.files(name)
        assert [str(file) for file in files if not file.locate().exists()] == []


"""


def write(place: Path, files: dict[str, str]) -> Path:
    """Write a project."""
    for name, text in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return place
