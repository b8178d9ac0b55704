"""Projects with names of their own that resemble ours, each in a clean environment.

The environments hold the built wheel, what it depends on, and the pytest plugins that such projects
use. What all of them need is installed once; an environment sees it through a path file and adds
the wheel. Written for the standard library and pytest alone: `tox -e consumer` has nothing else.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.consumer_projects import (
    NOT_A_USER,
    OUR_PLUGINS,
    PROJECTS,
    READ_SIDEBAR,
    USE_OTHERS,
    write,
)
from support.environments import Environment, call, copy_source, passed

pytestmark = pytest.mark.needs_pypi

COMPANIONS = ("pytest-asyncio", "pytest-randomly", "pytest-timeout", "pytest-xdist")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built as pip builds it."""
    place = tmp_path_factory.mktemp("wheel")
    source = copy_source(tmp_path_factory.mktemp("source"))
    call(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", place, source)
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def dependencies(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with all that the wheel asks for, and without the wheel."""
    place = tmp_path_factory.mktemp("dependencies") / "venv"
    made = Environment.new(place)
    made.pip("install", "--quiet", f"{wheel}[xdist]", *COMPANIONS)
    made.pip("uninstall", "--quiet", "--yes", "duologue")
    return made.python


@pytest.fixture(scope="module")
def without_ours(dependencies: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment where the distribution is not installed."""
    return Environment.new(tmp_path_factory.mktemp("without") / "venv", sees=dependencies)


@pytest.fixture(scope="module")
def with_ours(
    wheel: Path, dependencies: Path, tmp_path_factory: pytest.TempPathFactory
) -> Environment:
    """An environment where it is installed."""
    made = Environment.new(tmp_path_factory.mktemp("with") / "venv", sees=dependencies)
    made.pip("install", "--quiet", "--no-deps", wheel)
    return made


@pytest.fixture
def fresh(dependencies: Path, tmp_path: Path) -> Environment:
    """An environment of one test's own, without the distribution."""
    return Environment.new(tmp_path / "venv", sees=dependencies)


@pytest.fixture
def project(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Writes a project into a folder of its own."""
    return lambda files: write(tmp_path / "project", files)


@pytest.mark.parametrize("name", PROJECTS)
def test_a_project_with_names_like_ours_passes(
    name: str, with_ours: Environment, project: Callable[..., Path]
) -> None:
    files = PROJECTS[name]
    expected = sum(text.count("def test_") for text in files.values())

    assert passed(with_ours.pytest(project(files))) == expected


@pytest.mark.parametrize("mode", ["append", "importlib"])
def test_own_packages_pass_under_each_import_mode(
    mode: str, with_ours: Environment, project: Callable[..., Path]
) -> None:
    files = PROJECTS["own packages at the root"]

    assert passed(with_ours.pytest(project(files), f"--import-mode={mode}")) == 2


def test_a_project_that_does_not_use_ours_is_not_touched(
    with_ours: Environment, without_ours: Environment, project: Callable[..., Path]
) -> None:
    """The same tests and modules, without a warning; only the two plugin modules are added."""
    place = project(NOT_A_USER)
    seen = []
    for environment in (without_ours, with_ours):
        assert passed(environment.pytest(place, "-p", "no:randomly")) == 2
        seen.append(json.loads((place / "seen.json").read_text()))
    before, after = seen

    assert set(after["modules"]) - set(before["modules"]) == OUR_PLUGINS
    assert set(before["modules"]) <= set(after["modules"])
    assert after["collected"] == before["collected"]


@pytest.mark.parametrize("ours_first", [True, False], ids=["ours first", "others first"])
def test_distributions_of_the_same_names_live_beside_ours(
    ours_first: bool, fresh: Environment, wheel: Path, project: Callable[..., Path]
) -> None:
    """Installed and uninstalled in both orders, each stays whole without the other."""
    options = ("install", "--quiet", "--no-deps")
    ours, others = ("duologue",), ("fixtures", "PyContracts")
    sources = {ours: (str(wheel),), others: others}
    first, last = (ours, others) if ours_first else (others, ours)
    place = project({"test_ours.py": READ_SIDEBAR, "test_others.py": USE_OTHERS})

    fresh.pip(*options, *sources[first])
    fresh.pip(*options, *sources[last])
    assert passed(fresh.pytest(place)) == 2

    fresh.pip("uninstall", "--quiet", "--yes", *first)
    left = "test_others.py" if ours_first else "test_ours.py"
    assert passed(fresh.pytest(place, left)) == 1
