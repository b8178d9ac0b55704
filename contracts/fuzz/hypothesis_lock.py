"""A lock around Hypothesis: one user at a time, the same draws, no folder left behind."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ONE_AT_A_TIME = threading.Lock()
HOME = Path(tempfile.gettempdir()) / "duologue-hypothesis"


@contextmanager
def alone() -> Iterator[None]:
    """Hold Hypothesis for one user, with its files outside the working folder.

    It draws from constants of the loaded modules, so all modules that draw are loaded first.
    """
    from hypothesis import configuration  # noqa: PLC0415

    import duologue.contracts.fuzz.schemathesis_adapter  # noqa: PLC0415
    import duologue.contracts.stateful.machine  # noqa: F401, PLC0415

    with ONE_AT_A_TIME:
        before = getattr(configuration, "__hypothesis_home_directory", None)
        configuration.set_hypothesis_home_dir(HOME)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)
