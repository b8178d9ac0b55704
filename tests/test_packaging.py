"""What is installed: the distributions' files, their metadata, the commands and entry points."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import shutil
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from support.consumer_projects import OUR_PLUGINS
from support.environments import FOLDERS, ROOT, call, copy_source

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# What the four packages need beside their modules; one file each, the rest is compared below.
DATA = (
    "duologue/contracts/accepted/live.yaml",
    "duologue/contracts/drill.schema.json",
    "duologue/contracts/results.schema.json",
    "duologue/fixtures/pools.json",
    "duologue/mockserver/inspector/static/icon.svg",
    "duologue/mockserver/inspector/static/inspector.css",
    "duologue/mockserver/inspector/static/early.js",
    "duologue/mockserver/inspector/static/inspector.js",
    "duologue/mockserver/inspector/templates/page.html",
    "duologue/openapi/openapi.yaml",
    "duologue/openapi/overlays/live.yaml",
    "duologue/openapi/components/examples/README.md",
    *(f"duologue/{folder}/py.typed" for folder in FOLDERS),
)
LOCATE = """
import importlib.util, pathlib
for name in ("openapi", "fixtures", "mockserver.testing.plugin", "contracts.plugin"):
    print(pathlib.Path(importlib.util.find_spec("duologue." + name).origin).resolve())
where = importlib.util.find_spec("duologue.openapi").submodule_search_locations[0]
print((pathlib.Path(where) / "paths" / "conversations.yaml").is_file())
"""
Build = Callable[..., Path]


def build_in(source: Path, hook: str, out: Path, settings: dict[str, str] | None = None) -> Path:
    """Return the file that a hook of the build backend writes from a source tree."""
    out.mkdir(exist_ok=True)
    hook_call = (
        f"from setuptools import build_meta; print(build_meta.{hook}({str(out)!r}, {settings}))"
    )
    return out / call(sys.executable, "-c", hook_call, cwd=source).splitlines()[-1]


def contents(wheel: Path) -> dict[str, str]:
    """Return the digest of each file of a wheel, without the list that holds them all."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            name: hashlib.sha256(archive.read(name)).hexdigest()
            for name in archive.namelist()
            if not name.endswith("/RECORD")
        }


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a distribution is built from: a build leaves files in its tree."""
    pytest.importorskip("setuptools", minversion="77", reason="setuptools 77 builds this project")
    return copy_source(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build_in(source, "build_wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The interpreter of an environment where nothing is installed."""
    call(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv")
    return tmp_path / "venv" / "bin" / "python"


def install(python: Path, wheel: Path) -> None:
    """Install a wheel without what it depends on, and without a network."""
    options = ("--quiet", "--no-deps", "--no-index", "--disable-pip-version-check")
    call(sys.executable, "-m", "pip", "--python", python, "install", *options, wheel)


def test_the_packages_listed_are_the_folders_that_hold_modules() -> None:
    found = {
        ".".join(("duologue", *path.parent.relative_to(ROOT).parts))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("__init__.py")
    }

    assert PROJECT["tool"]["setuptools"]["packages"] == sorted(found)


def test_a_folder_with_modules_is_a_package() -> None:
    without = {
        str(path.parent.relative_to(ROOT))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if not (path.parent / "__init__.py").is_file()
    }

    assert without == set()


def test_later_pythons_are_not_refused() -> None:
    """An upper bound would keep pip from a Python that is not tried yet."""
    assert PROJECT["project"]["requires-python"] == ">=3.11"


def test_what_the_readme_promises_under_xdist_has_an_extra() -> None:
    extras = PROJECT["project"]["optional-dependencies"]

    assert any(line.startswith("pytest-xdist") for line in extras["xdist"])


@pytest.mark.parametrize(
    ("group", "prefix"), [("contract suite of", "--contracts-"), ("mock of", "--mockserver-")]
)
def test_every_pytest_option_begins_with_the_name_of_its_command(group: str, prefix: str) -> None:
    """A project's own `--target` or `--seed` cannot clash with ours."""
    help_text = call(sys.executable, "-m", "pytest", "--help")
    (section,) = re.findall(rf"^{group} .*:\n((?:  .*\n)+)", help_text, re.MULTILINE)
    options = re.findall(r"^  (-\S+)", section, re.MULTILINE)

    assert options
    assert [each for each in options if not each.startswith(prefix)] == []


def test_the_plugins_import_nothing_but_themselves() -> None:
    """pytest imports them in every project of an environment, whoever uses them."""
    script = (
        "import sys, pytest; before = set(sys.modules);"
        " import duologue.contracts.plugin, duologue.mockserver.testing.plugin;"
        " print(*{name for name in set(sys.modules) - before"
        " if name.split('.')[0] not in sys.stdlib_module_names})"
    )

    assert set(call(sys.executable, "-c", script).split()) == OUR_PLUGINS


def test_a_wheel_puts_nothing_but_duologue_into_site_packages(wheel: Path) -> None:
    top = {name.split("/")[0] for name in contents(wheel)}

    assert top == {"duologue", wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info"}


def test_a_wheel_holds_every_file_of_the_packages(wheel: Path, source: Path) -> None:
    there = {
        f"duologue/{path.relative_to(source)}"
        for folder in FOLDERS
        for path in (source / folder).rglob("*")
        if path.is_file()
    }
    shipped = {name for name in contents(wheel) if name.startswith("duologue/")}

    assert shipped == there
    assert set(DATA) <= shipped


def test_an_sdist_builds_the_same_wheel(wheel: Path, source: Path, tmp_path: Path) -> None:
    sdist = build_in(source, "build_sdist", tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    again = build_in(
        tmp_path / sdist.name.removesuffix(".tar.gz"), "build_wheel", tmp_path / "again"
    )

    assert contents(again) == contents(wheel)


def test_metadata_say_what_it_runs_on(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith("/METADATA"))
        metadata = archive.read(name).decode()

    assert "Requires-Python: >=3.11\n" in metadata
    assert "Classifier: Typing :: Typed\n" in metadata
    assert "Keywords: " in metadata
    assert "Provides-Extra: xdist\n" in metadata


def test_a_wheel_is_importable_where_nothing_else_is(wheel: Path, python: Path) -> None:
    install(python, wheel)

    *modules, data = call(python, "-c", LOCATE).splitlines()

    assert {Path(module).is_relative_to(python.parents[1].resolve()) for module in modules} == {
        True
    }
    assert data == "True"


@pytest.mark.parametrize("settings", [{}, {"editable_mode": "strict"}], ids=["usual", "strict"])
def test_an_editable_install_is_the_checkout(
    settings: dict[str, str], source: Path, python: Path, tmp_path: Path
) -> None:
    checkout = shutil.copytree(source, tmp_path / "checkout")
    install(python, build_in(checkout, "build_editable", tmp_path / "out", settings))

    *modules, data = call(python, "-c", LOCATE).splitlines()

    assert {Path(module).is_relative_to(checkout.resolve()) for module in modules} == {True}
    assert data == "True"


@pytest.mark.parametrize("command", ["mockserver", "contracts"])
def test_a_command_tells_its_version(command: str) -> None:
    version = importlib.metadata.version("duologue")
    printed = call(sys.executable, "-m", f"duologue.{command}", "--version")

    assert printed == f"{command} {version} (duologue)\n"


@pytest.mark.parametrize("command", ["mockserver", "contracts"])
def test_a_command_and_its_module_are_one(command: str) -> None:
    (script,) = importlib.metadata.entry_points(group="console_scripts", name=command)
    as_module = call(sys.executable, "-m", f"duologue.{command}", "--help")
    as_command = call(
        sys.executable,
        "-c",
        f"import sys; sys.argv[0] = {command!r}; from {script.module} import {script.attr} as main;"
        " main()",
        "--help",
    )

    assert as_module == as_command


def test_each_clause_is_a_test_of_the_installed_package(tmp_path: Path) -> None:
    clauses = call(sys.executable, "-m", "duologue.contracts", "list").splitlines()
    words = ("--pyargs", "duologue.contracts", "--collect-only", "-q", "-p", "no:cacheprovider")
    collected = call(sys.executable, "-m", "pytest", *words, cwd=tmp_path)

    assert collected.count("::test_clause[") == len(clauses) > 0
