"""A project's profile of Hypothesis, which holds for what does not say otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import settings

NAME = "of a project"


@contextmanager
def hypothesis_profile() -> Iterator[None]:
    """Load a profile whose draws depend on no seed and whose limits are low, for the block."""
    before = settings.get_current_profile_name()
    settings.register_profile(NAME, backend="hypothesis-urandom", max_examples=1)
    settings.load_profile(NAME)
    try:
        yield
    finally:
        settings.load_profile(before)
