"""A lock around Hypothesis: one user at a time, reproducible draws, no folder left behind."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = threading.Lock()
FILES_DIR = Path(tempfile.gettempdir()) / "duologue-hypothesis"


@contextmanager
def exclusive_hypothesis() -> Iterator[None]:
    """Hold Hypothesis for one user, with its files outside the working folder.

    It draws from constants of the loaded modules, so all modules that draw are loaded first.
    """
    from hypothesis import configuration  # noqa: PLC0415

    import duologue.contracts.fuzz.schemathesis_adapter  # noqa: PLC0415
    import duologue.contracts.stateful.machine  # noqa: F401, PLC0415

    with LOCK:
        before = getattr(configuration, "__hypothesis_home_directory", None)
        configuration.set_hypothesis_home_dir(FILES_DIR)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)
