"""The command while Python still imports what it runs."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Ctrl-C comes when the import of the command line begins.
INTERRUPTED = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "duologue.contracts.cli":
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, {handler})
sys.meta_path.insert(0, Interrupting())
sys.argv = ["contracts", "--version"]
import runpy
{start}
"""
SCRIPT = "from duologue.contracts.__main__ import main; main()"
MODULE = "runpy.run_module('duologue.contracts', run_name='__main__', alter_sys=True)"


def interrupted(start: str, *, handler: str) -> tuple[int, str, str]:
    """Return the exit code of the command, and what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.format(start=start, handler=handler)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("start", [SCRIPT, MODULE])
def test_ctrl_c_ends_the_imports_without_a_traceback(start):
    assert interrupted(start, handler="signal.default_int_handler") == (130, "", "")


def test_a_job_of_a_background_goes_on_ignoring_it():
    code, said, _ = interrupted(SCRIPT, handler="signal.SIG_IGN")

    assert (code, said.split()[0]) == (0, "contracts")
