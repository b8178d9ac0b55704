"""Waiting for what another thread or process does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

STEP_S = 0.01
WITHIN_S = 60  # ends a hang on a loaded machine; what must happen usually takes milliseconds


def happens(condition: Callable[[], object], *, within_s: float = WITHIN_S) -> bool:
    """Return whether the condition is true within so many seconds; ask again and again."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(STEP_S)
    return bool(condition())


def run_apart(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end in a thread of its own.

    Playwright, which other tests of the same process use, leaves its loop running in theirs.
    """
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
