"""Ctrl-C and SIGTERM during a run."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType

from duologue.contracts.run.results import Run
from duologue.contracts.session import Session

STDERR = 2
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def ignore_run(run: Run) -> None:
    """Do nothing: there is no report before a run."""
    del run


class Interruption:
    """What Ctrl-C and SIGTERM do: the first removes, the second stops that, the third ends now."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.report: Callable[[Run], None] = ignore_run
        self.times = 0
        self._reporting = threading.Lock()

    def signalled(self, _signum: int, _frame: FrameType | None) -> None:
        """Take one signal; raise KeyboardInterrupt for the first, and for others before a run."""
        self.times += 1
        if self.times > 3:
            return  # the report is being written
        # Straight to the file: a handler may come in the middle of a buffered write.
        os.write(STDERR, f"contracts: {self._told()}\n".encode())
        if self.times == 2 and self.session is not None:
            self.session.transport.stopping.set()
            self.session.transport.given_up.set()
            return
        if self.times == 3 and self.session is not None:
            # In a thread: an exception could be lost wherever the main thread stands by now.
            threading.Thread(target=self._end_now, args=(self.session,), daemon=True).start()
            return
        raise KeyboardInterrupt

    def claim_report(self) -> None:
        """Let the caller alone write the report; who comes second waits until the process ends."""
        self._reporting.acquire()

    def _end_now(self, session: Session) -> None:
        self.claim_report()
        session.progress.interrupted = True
        outcome = session.outcome()
        self.report(outcome)
        sys.stdout.flush()
        os._exit(outcome.exit_code)  # calls may still be under way

    def _told(self) -> str:
        present = [*self.session.record.present] if self.session else []
        kinds = Counter(kind for kind, _ in present)
        left = ", ".join(f"{n} {kind}s" for kind, n in sorted(kinds.items())) or "nothing"
        if self.times == 1:
            return f"interrupted: cleaning up, {left} to remove; once more leaves behind the rest"
        if self.times == 2:
            return f"no more is removed, {left} left behind; once more ends now"
        return f"ended, {left} left behind"


@contextlib.contextmanager
def interruptible() -> Iterator[Interruption]:
    """Let Ctrl-C and SIGTERM end a run, in three steps."""
    interruption = Interruption()
    # A shell's background job ignores Ctrl-C, and goes on doing so.
    heard = [each for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, interruption.signalled) for each in heard}
    try:
        yield interruption
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
