"""How many files this process may have open: fewer than the server needs end it in its own code."""

from __future__ import annotations

from duologue.mockserver.domain.errors import MockserverError

# Seen with 28: it starts; with 20: granian aborts. Connections and the state's workers take more.
FEWEST = 64


class TooFewFiles(MockserverError):
    """This process may not open as many files as the server takes to start."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(
            f"This process may have {limit} files open, and the mock needs {FEWEST}."
            f" Raise the limit: ulimit -n {FEWEST}, or more for many clients"
        )


def ensure() -> None:
    """Raise the limit of this process to FEWEST if it is lower; raise TooFewFiles if it may not."""
    try:
        import resource  # noqa: PLC0415  not every system has the module, nor such a limit
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    is_enough = soft == resource.RLIM_INFINITY or soft >= FEWEST
    if is_enough:
        return
    if hard != resource.RLIM_INFINITY and hard < FEWEST:
        raise TooFewFiles(hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEWEST, hard))
