"""Numbers of things, and ends of processes, in sentences."""

from __future__ import annotations

import signal

SHELL_SIGNALS = 128  # added by shells, and by the generator's process, to a signal's number


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, which takes an s unless there is one: "1 clause"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def how_it_ended(code: int | None) -> str:
    """Return how a process ended that has this return code: "was ended by SIGKILL (…)"."""
    number = -code if code is not None and code < 0 else (code or 0) - SHELL_SIGNALS
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"ended with exit code {code}"
    hint = " (as a system does that is out of memory)" if name == "SIGKILL" else ""
    return f"was ended by {name}{hint}"
