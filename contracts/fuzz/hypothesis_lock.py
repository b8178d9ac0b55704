"""A lock around Hypothesis: one user at a time, reproducible draws, no folder left behind."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from duologue.openapi.own_folder import own_folder

LOCK = threading.Lock()
_CONSTANTS = ("_get_local_constants", "GLOBAL_CONSTANTS", "CONSTANTS_CACHE")  # of Hypothesis
_NOWHERE = Path(os.devnull) / "duologue-hypothesis"


@contextmanager
def exclusive_hypothesis() -> Iterator[None]:
    """Hold Hypothesis for one user, with its files outside the working folder."""
    from hypothesis import configuration  # noqa: PLC0415 - loading it is slow

    with LOCK, _silent_without_files(), _same_draws_everywhere():
        before = getattr(configuration, "__hypothesis_home_directory", None)
        configuration.set_hypothesis_home_dir(files_dir())
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)


@contextmanager
def _same_draws_everywhere() -> Iterator[None]:
    """Keep Hypothesis from drawing constants out of modules that are not installed packages.

    It looks for them in whatever modules of the user's project are loaded, so that one seed gave
    other requests beside other tests. There is no setting for that.
    """
    from hypothesis.internal.conjecture import providers  # noqa: PLC0415 - loading it is slow

    if not all(hasattr(providers, name) for name in _CONSTANTS):
        yield  # a version to come: a run with other draws is better than none
        return
    before = providers._get_local_constants
    none = type(providers.GLOBAL_CONSTANTS)()
    providers.CONSTANTS_CACHE.cache.clear()  # of what may be drawn, both kinds
    providers._get_local_constants = lambda: none
    try:
        yield
    finally:
        providers._get_local_constants = before
        providers.CONSTANTS_CACHE.cache.clear()


@contextmanager
def _silent_without_files() -> Iterator[None]:
    """Keep Hypothesis from saying that it goes without its database, which no run here uses."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The database setting is not configured")
        yield


def files_dir() -> Path:
    """Return this user's folder for Hypothesis' files; where there is none, one that cannot exist.

    Hypothesis goes without its files then. What they hold decides what it draws, so the folder is
    one that nobody else may write to.
    """
    try:
        return own_folder("duologue-hypothesis")
    except OSError:
        return _NOWHERE
