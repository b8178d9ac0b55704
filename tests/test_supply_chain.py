"""What is installed: pinned, of known licence, audited, and built the same everywhere."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from support.environments import ROOT, call, copy_source

PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
EXTRAS = [one for extra in PROJECT["optional-dependencies"].values() for one in extra]
EPOCH = 1_700_000_000


def script(name: str) -> ModuleType:
    """Return a script of CI as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pinned_in(name: str) -> dict[str, str]:
    """Return the version of each distribution that a file of constraints names."""
    lines = (ROOT / ".ci" / name).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.lstrip().startswith("#")]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in found}


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    """Return the version of each distribution that constraints.txt names."""
    return pinned_in("constraints.txt")


def test_everything_that_is_installed_with_the_project_is_pinned(pins):
    """Also what the dependencies need; `tox -e constraints` renews the file."""
    names = {canonicalize_name(Requirement(one).name) for one in PROJECT["dependencies"]}

    assert names - set(pins) == set()
    assert script("third_party").installed("duologue") - set(pins) == set()


@pytest.mark.parametrize("name", ["constraints.txt", "lowest.txt"])
def test_every_pin_is_within_its_range(name):
    pins = pinned_in(name)
    ranges = [Requirement(one) for one in (*PROJECT["dependencies"], *EXTRAS)]
    known = [
        (one, pins[canonicalize_name(one.name)])
        for one in ranges
        if canonicalize_name(one.name) in pins
    ]

    outside = [f"{one} is pinned at {pin}" for one, pin in known if pin not in one.specifier]

    assert outside == []


def test_the_lowest_version_of_a_range_is_tried(pins):
    """Or a higher one where another distribution asks for it."""
    lowest = pinned_in("lowest.txt")
    ranges = [Requirement(one) for one in PROJECT["dependencies"]]
    bounds = {
        canonicalize_name(one.name): each.version
        for one in ranges
        for each in one.specifier
        if each.operator == ">="
    }
    exact = [name for name, bound in bounds.items() if Version(lowest[name]) == Version(bound)]

    assert {canonicalize_name(one.name) for one in ranges} <= set(lowest)
    assert len(exact) > len(bounds) / 2
    assert [name for name in lowest if Version(lowest[name]) > Version(pins[name])] == []


def test_everything_has_a_range_or_a_reason_for_none():
    """A comment above the line says who else ranges over it."""
    lines = [line.strip() for line in PYPROJECT.splitlines()]
    ranges = [Requirement(one) for one in (*PROJECT["dependencies"], *EXTRAS)]
    free = [one.name for one in ranges if not one.specifier]

    assert [name for name in free if "#" not in lines[lines.index(f'"{name}",') - 1]] == []


def test_every_upper_bound_has_a_reason():
    """A comment above the line says what would break."""
    lines = PYPROJECT.splitlines()
    bounded = [place for place, line in enumerate(lines) if re.search(r'^ +"[^"]*(~=|<)', line)]

    without = [lines[place].strip() for place in bounded if "#" not in lines[place - 1]]

    assert bounded
    assert without == []


def test_ci_and_the_readme_install_with_the_constraints():
    """No step installs what nobody has tried."""
    texts = [
        (ROOT / name).read_text(encoding="utf-8")
        for name in (".ci/run", "README.md", "CONTRIBUTING.md")
    ]
    commands = re.findall(r"pip install --quiet .*", "\n".join(texts))

    assert len(commands) >= 4
    assert [one for one in commands if "-c .ci/constraints.txt" not in one] == []


def test_the_page_of_licences_lists_what_is_installed():
    rows = (ROOT / ".ci" / "THIRD_PARTY.md").read_text(encoding="utf-8").splitlines()
    listed = {row.split("|")[1].strip() for row in rows if row.startswith("| ")}

    brought = script("third_party").installed("duologue", script("third_party").EXTRAS)

    assert brought <= listed
    assert {"psycopg", "psycopg-binary", "pytest-xdist"} <= brought
    assert not [row for row in rows if "not stated" in row]


@pytest.mark.parametrize(
    ("asked", "code", "text"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], 0, "1 of 1 packages looked up, 0 known"),
        (
            [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}],
            1,
            "a 1: CVE-1, fixed in 2",
        ),
        ([{"name": "a", "skip_reason": "not found"}], 0, "out of reach here (none of 1 packages"),
    ],
)
def test_an_audit_says_what_it_has_seen(capsys, asked, code, text):
    found = script("audit").told(asked)

    assert found == code
    assert text in capsys.readouterr().out


def built(place: Path, *, time_s: int, mask: int) -> tuple[bytes, bytes]:
    """Return wheel and source distribution, built from files of this age with this umask."""
    place.mkdir()
    source, out = copy_source(place), place / "out"
    out.mkdir()
    for path in source.rglob("*"):
        os.utime(path, (time_s, time_s))
    hooks = f"build_meta.build_wheel({str(out)!r}); build_meta.build_sdist({str(out)!r})"
    setup = f"import os; os.umask({mask}); os.environ['SOURCE_DATE_EPOCH'] = '{EPOCH}'"
    call(sys.executable, "-c", f"{setup}; from setuptools import build_meta; {hooks}", cwd=source)
    (wheel,), (archive,) = out.glob("*.whl"), out.glob("*.tar.gz")
    script("release").repack(archive, EPOCH)
    return wheel.read_bytes(), archive.read_bytes()


def test_a_release_is_built_with_the_setuptools_that_is_pinned(pins):
    """A wheel names it, so that another one gives other bytes."""
    constraints = script("release").environment(EPOCH)["PIP_CONSTRAINT"]

    assert constraints == (ROOT / ".ci" / "constraints.txt").as_uri()
    assert "setuptools" in pins


def test_the_distributions_are_the_same_bytes_wherever_they_are_built(tmp_path):
    """From a checkout of another day; the release script sets the umask, and time of the commit."""
    pytest.importorskip("setuptools", minversion="77", reason="setuptools 77 builds this project")

    one = built(tmp_path / "one", time_s=1_600_000_000, mask=0o022)
    other = built(tmp_path / "other", time_s=1_650_000_000, mask=0o022)

    assert one[0] == other[0]
    assert one[1] == other[1]
