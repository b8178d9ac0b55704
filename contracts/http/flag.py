"""A flag that a signal handler may set."""

from __future__ import annotations


class Flag:
    """Something that holds from a moment on: set from any thread, or from a signal handler.

    ``threading.Event`` takes a lock to be set: a handler would wait for ever where it comes while
    its own thread holds that lock.
    """

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        """Let it hold from now on."""
        self._is_set = True

    def is_set(self) -> bool:
        """Return whether it holds."""
        return self._is_set
