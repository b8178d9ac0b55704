"""A lock around Hypothesis: one user at a time, reproducible draws, no folder left behind."""

from __future__ import annotations

import os
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = threading.Lock()


@contextmanager
def exclusive_hypothesis() -> Iterator[None]:
    """Hold Hypothesis for one user, with its files outside the working folder.

    It draws from constants of the loaded modules: load what draws before the first draw.
    """
    from hypothesis import configuration  # noqa: PLC0415 - loading it is slow

    with LOCK, _silent_without_files():
        before = getattr(configuration, "__hypothesis_home_directory", None)
        configuration.set_hypothesis_home_dir(files_dir())
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)


@contextmanager
def _silent_without_files() -> Iterator[None]:
    """Keep Hypothesis from saying that it goes without its database, which no run here uses."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The database setting is not configured")
        yield


def files_dir() -> Path:
    """Return the folder for Hypothesis' files; where nothing can be written, none that can exist.

    Hypothesis goes without its files then.
    """
    try:
        parent = Path(tempfile.gettempdir())
    except FileNotFoundError:
        parent = Path(os.devnull)
    return parent / "duologue-hypothesis"
