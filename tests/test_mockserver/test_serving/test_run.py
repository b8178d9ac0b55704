"""What a served mock imports after its start."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from duologue.mockserver.serving import run
before = "openapi_core" in sys.modules
run.import_the_rest()
print(before, "openapi_core" in sys.modules)
"""


def test_what_refusals_need_is_imported_after_the_start() -> None:
    """The first malformed request of a process took 1.4 s, each later one 7 ms."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["False", "True"]


# The process may open no file while it imports.
WITHOUT_FILES = """
import resource, sys
from duologue.mockserver.serving import run
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
run.import_the_rest()
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print("openapi_core" in sys.modules)
run.import_the_rest()
print("openapi_core" in sys.modules)
"""


def test_a_process_with_too_many_files_open_imports_it_later() -> None:
    """It was a traceback of a thread; the first refused request imports it."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", WITHOUT_FILES], capture_output=True, text=True, check=True
    )

    assert (done.stdout.split(), done.stderr) == (["False", "True"], "")
