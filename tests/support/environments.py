"""Virtual environments for tests that install something.

Imported where only the standard library and pytest are installed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("contracts", "fixtures", "mockserver", "openapi")
ROOT_FILES = ("pyproject.toml", "README.md", "LICENSE")


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and what is done in it."""

    python: Path

    @classmethod
    def new(cls, place: Path, *, sees: Path | None = None) -> Environment:
        """Make an environment without pip; it sees the packages of another through a path file."""
        call(sys.executable, "-m", "venv", "--without-pip", place)
        made = cls(place / "bin" / "python")
        if sees:
            line = f"import site; site.addsitedir({str(Environment(sees).packages)!r})\n"
            (made.packages / "dependencies.pth").write_text(line)
        return made

    @property
    def packages(self) -> Path:
        """Its site-packages."""
        show = "import sysconfig; print(sysconfig.get_path('purelib'))"
        return Path(call(self.python, "-c", show).strip())

    def pip(self, *words: str | Path) -> None:
        """Run this interpreter's pip for the environment."""
        call(sys.executable, "-m", "pip", "--python", self.python, *words)

    def pytest(self, project: Path, *words: str) -> subprocess.CompletedProcess[str]:
        """Run pytest in a project's folder, which is first on the path; a warning is an error."""
        # pytest-asyncio warns of its own default where a project does not choose one.
        scope = "asyncio_default_fixture_loop_scope=function"
        options = ("-q", "-W", "error", "-p", "no:cacheprovider", "-o", scope)
        return run(self.python, "-m", "pytest", *options, *words, cwd=project)


def run(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [str(word) for word in words]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


def call(*words: str | Path, cwd: Path | None = None) -> str:
    """Return what a command prints; raise AssertionError with all of it if it fails."""
    done = run(*words, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def passed(done: subprocess.CompletedProcess[str]) -> int:
    """Return how many tests passed; nothing else may have happened."""
    counts = re.search(r"^(\d+) passed in", done.stdout, re.MULTILINE)
    assert done.returncode == 0 and counts, done.stdout + done.stderr
    return int(counts[1])


def copy_source(place: Path) -> Path:
    """Copy what a distribution is built from: a build leaves its files in the tree it reads."""
    for name in ROOT_FILES:
        shutil.copy(ROOT / name, place)
    for name in FOLDERS:
        ignore = shutil.ignore_patterns("__pycache__", ".*")
        shutil.copytree(ROOT / name, place / name, ignore=ignore)
    return place
