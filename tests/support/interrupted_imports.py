"""A command that Ctrl-C meets while Python still imports what it runs."""

from __future__ import annotations

import subprocess
import sys

from support.waiting import WITHIN_S

SCRIPT = "from duologue.{half}.__main__ import main; main()"
MODULE = "runpy.run_module('duologue.{half}', run_name='__main__', alter_sys=True)"
STARTS = (SCRIPT, MODULE)

# Ctrl-C comes when the import of the command line begins.
_PROGRAM = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "duologue.{half}.cli":
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, {handler})
sys.meta_path.insert(0, Interrupting())
sys.argv = ["{half}", "--version"]
import runpy
"""


def interrupted(half: str, start: str, *, handler: str) -> tuple[int, str, str]:
    """Return the exit code of a half's command, started in one of `STARTS`, and what it prints.

    `handler` is the one of SIGINT, in Python.
    """
    program = (_PROGRAM + start).format(half=half, handler=handler)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr
