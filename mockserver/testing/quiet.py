"""Garbage collection and warnings that are kept out of a test process with a mock."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Pause garbage collection; in a large test process it triples the time of a start."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


# The mock and what it answers with: a server's pipe is a file, too.
_WITH_REAL_FILES = {"duologue", "waitress", "flask", "werkzeug", "jinja2", "sqlalchemy"}


def read_ahead() -> set[str]:
    """Read what later calls would read; return the modules that keep seeing the real files.

    For tests that hide the files of the machine after the mock has started.
    """
    from duologue.fixtures import worlds  # noqa: PLC0415  few tests hide files
    from duologue.mockserver.app import DOCUMENTS  # noqa: PLC0415
    from duologue.mockserver.serving import thread_server  # noqa: F401, PLC0415
    from duologue.mockserver.serving.run import import_the_rest  # noqa: PLC0415
    from duologue.openapi import document  # noqa: PLC0415

    for name in (*DOCUMENTS, "control"):
        document.load(name)
    import_the_rest()
    worlds.read_files()
    return {name for name in sys.modules if name.split(".")[0] in _WITH_REAL_FILES}


@contextmanager
def no_queue_warnings() -> Iterator[None]:
    """Silence waitress's warning about queued requests, which would fill the user's test logs."""
    import logging  # noqa: PLC0415

    logger = logging.getLogger("waitress.queue")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
