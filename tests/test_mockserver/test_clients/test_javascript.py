"""The JavaScript client: packed by npm, installed, and run in Node against mocks that it starts."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import duologue.mockserver
from duologue.mockserver.testing import running
from support.clients.npm import INSTALL, npm

CLIENT = Path(duologue.mockserver.__file__).parent / "clients" / "javascript"
HERE = Path(__file__).parent / "javascript"
RUN_WITHIN_S = 240
VITEST = "vitest@3.2.4"
IN_GUIDE = 10  # tests
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
COMMAND = [sys.executable, "-P", "-m", "duologue.mockserver"]


def tool(name: str) -> str:
    """Return the path of a tool of Node; skip without it, fail where CI has to have it."""
    found = shutil.which(name)
    if found is None and os.environ.get("REQUIRE_SDK"):
        pytest.fail(f"{name} is not on the PATH, and REQUIRE_SDK is set")
    if found is None:
        pytest.skip(f"{name} is not on the PATH: the JavaScript client is not tested")
    return found


def run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder."""
    return subprocess.run(
        words,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_WITHIN_S,
        env=os.environ | {"MOCKSERVER_COMMAND": json.dumps(COMMAND)},
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the packed client installed, without a registry."""
    folder = tmp_path_factory.mktemp("project")
    packed = run(tool("npm"), "pack", "--silent", str(CLIENT), folder=folder)
    assert packed.returncode == 0, packed.stderr
    archive = folder / packed.stdout.split()[-1]
    target = folder / "node_modules" / "duologue-mock"
    target.parent.mkdir()
    shutil.unpack_archive(archive, folder, filter="data")
    (folder / "package").rename(target)
    return folder


def test_the_archive_holds_the_client_and_nothing_else(project):
    names = {path.name for path in (project / "node_modules" / "duologue-mock").iterdir()}

    assert names == {"package.json", "index.js", "index.d.ts", "README.md"}


def test_it_drives_a_mock(project):
    tool("node")
    shutil.copy(HERE / "client.test.mjs", project)
    done = run(
        tool("node"), "--experimental-websocket", "--test", "client.test.mjs", folder=project
    )

    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(r"^# pass 15$", done.stdout, re.MULTILINE), done.stdout[-2000:]


def test_the_readmes_program_prints_what_it_says(project):
    """That of the client's README."""
    text = (CLIENT / "README.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```javascript\n(.*?)```", text, re.DOTALL)
    program = program.replace(
        'start({ world: "empty" })',
        'start({ world: "empty", command: JSON.parse(process.env.MOCKSERVER_COMMAND) })',
    )
    (project / "readme.mjs").write_text(program, encoding="utf-8")
    done = run(tool("node"), "readme.mjs", folder=project)

    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr


def test_8_workers_share_one_mock_each_with_a_world_of_its_own(project):
    """State, clock, failures and journal are each worker's own, and so is a reset."""
    shutil.copy(HERE / "worker.mjs", project)
    with running("empty") as mock:
        command = [tool("node"), "worker.mjs", mock.url]
        workers = [
            subprocess.Popen([*command, str(number)], cwd=project, text=True, **PIPES)
            for number in range(8)
        ]
        told = [worker.communicate(timeout=RUN_WITHIN_S) for worker in workers]

        assert told == [("held\n", "")] * 8
        assert list(mock.journal) == []
        assert mock.control_request("GET", "/worlds") == []


@pytest.fixture
def guide(project: Path) -> Path:
    """The Vitest tests of the mock's guide, in the project."""
    text = (CLIENT.parents[1] / "README.md").read_text(encoding="utf-8")
    (program,) = (
        each for each in re.findall(r"```javascript\n(.*?)```", text, re.DOTALL) if "vitest" in each
    )
    program = program.replace(
        "start({", "start({ command: JSON.parse(process.env.MOCKSERVER_COMMAND),"
    )
    path = project / "guide.test.mjs"
    path.write_text(program, encoding="utf-8")
    return path


def test_the_vitest_tests_of_the_mocks_guide_pass(project, guide):
    """Under Node's own runner, in the place of Vitest's functions of the same names."""
    vitest = project / "node_modules" / "vitest"
    vitest.mkdir()
    shutil.copy(HERE / "vitest.mjs", vitest / "index.mjs")
    (vitest / "package.json").write_text('{"name": "vitest", "exports": "./index.mjs"}')
    done = run(tool("node"), "--test", guide.name, folder=project)
    shutil.rmtree(vitest)

    assert done.returncode == 0, done.stdout[-4000:]
    assert re.search(rf"^# pass {IN_GUIDE}$", done.stdout, re.MULTILINE), done.stdout[-2000:]


@pytest.mark.skipif("REQUIRE_SDK" not in os.environ, reason="Vitest comes by tox -e sdk")
def test_they_pass_under_vitest_itself(project, guide, tmp_path):
    """Installed beside the client."""
    (tmp_path / "package.json").write_text("{}")
    npm(*INSTALL, VITEST, folder=tmp_path, asked_by="REQUIRE_SDK")
    shutil.copytree(
        project / "node_modules" / "duologue-mock", tmp_path / "node_modules" / "duologue-mock"
    )
    shutil.copy(guide, tmp_path)
    done = run(tool("npx"), "vitest", "run", "--no-color", guide.name, folder=tmp_path)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert f"Tests  {IN_GUIDE} passed" in done.stdout, done.stdout[-2000:]


def test_every_method_has_its_type():
    source, types = (
        (CLIENT / name).read_text(encoding="utf-8") for name in ("index.js", "index.d.ts")
    )
    methods = set(re.findall(r"^  (?:async )?([a-z][A-Za-z]*)\(", source, re.MULTILINE))
    methods -= {"constructor", "for", "if", "switch"}

    assert methods
    assert [name for name in methods if not re.search(rf"\b{name}\(", types)] == []
