"""Private directories: locked while their process lives, removed with it or after it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from duologue.mockserver.serving import private_dir

HIDES_FCNTL = "import sys; sys.modules['fcntl'] = None"


@pytest.fixture(params=["fcntl", "filelock"])
def lock(request, monkeypatch):
    """Return the lock function, with `fcntl` and without it."""
    if request.param == "filelock":
        monkeypatch.setitem(sys.modules, "fcntl", None)
    return private_dir.lock


@pytest.mark.filterwarnings("ignore:only soft file lock")
def test_a_directory_is_locked_once(lock, tmp_path):
    directory = tmp_path / "mockserver-1"
    directory.mkdir()

    unlock = lock(directory)

    with pytest.raises(OSError, match=r"lock|unavailable"):
        lock(directory)
    unlock()
    lock(directory)()


@pytest.mark.filterwarnings("ignore:only soft file lock")
def test_a_lock_leaves_no_file(lock, tmp_path):
    directory = tmp_path / "mockserver-1"
    directory.mkdir()

    lock(directory)()

    assert list(tmp_path.iterdir()) == [directory]


def test_a_directory_goes_with_its_block():
    with private_dir.private_directory() as path:
        assert path.is_dir()

    assert not path.exists()


def test_the_package_works_without_fcntl(tmp_path):
    """A clause is held if no process can import `fcntl`, and the directories of others stay.

    Regression: a mock without the module removed those of all other mocks as orphans.
    """
    (tmp_path / "sitecustomize.py").write_text(HIDES_FCNTL)
    command = (sys.executable, "-m", "duologue.contracts", "run", "--only", "access.key-required")

    with private_dir.private_directory() as of_this_process:
        run = subprocess.run(
            [*command, "--output", str(tmp_path / "out")],
            env=os.environ | {"PYTHONPATH": str(tmp_path), "TMPDIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        is_left_alone = of_this_process.is_dir()

    assert run.returncode == 0, run.stderr
    assert "held        access.key-required" in run.stdout
    assert is_left_alone
