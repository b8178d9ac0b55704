"""Too few files to start with: one sentence and exit code 2, or the limit is raised."""

from __future__ import annotations

import subprocess
import sys

import pytest

resource = pytest.importorskip("resource")

SERVE = (sys.executable, "-P", "-m", "duologue.mockserver", "serve", "--port", "0")
ENSURE = (
    "import resource; from duologue.mockserver.serving import open_files; open_files.ensure();"
    " print(resource.getrlimit(resource.RLIMIT_NOFILE))"
)


def limited(command, soft, hard):
    """Run a command with these limits of open files."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)),
    )


def test_a_mock_with_few_files_says_so():
    done = limited(SERVE, 20, 20)

    assert done.returncode == 2
    assert "may have 20 files open, and the mock needs 64" in done.stderr
    assert "ulimit -n 64" in done.stderr


@pytest.mark.parametrize(("soft", "after"), [(30, 64), (64, 64), (100, 100)])
def test_a_limit_that_may_be_raised_is(soft, after):
    done = limited((sys.executable, "-P", "-c", ENSURE), soft, 200)

    assert done.stdout.strip() == f"({after}, 200)", done.stderr
