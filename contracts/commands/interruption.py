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
    """What Ctrl-C and SIGTERM do: the first removes, the second stops that, the third ends now.

    What a handler raises may be lost: Python ignores it where an object ends (``__del__``, the
    callback of a weak reference). So a run is ended by what is noted in its session.
    """

    def __init__(self) -> None:
        self._session: Session | None = None
        self.report: Callable[[Run], None] = ignore_run
        self.times = 0
        self._reporting = threading.Lock()

    def watch(self, session: Session) -> None:
        """Let signals end this session's run; raise KeyboardInterrupt where one came before."""
        self._session = session
        if self.times:
            raise KeyboardInterrupt

    def signalled(self, _signum: int, _frame: FrameType | None) -> None:
        """Take one signal; raise KeyboardInterrupt where no run is watched yet."""
        self.times += 1
        if self.times > 3:
            return  # the report is being written
        session = self._session
        if session is not None:
            session.interrupt()
        # Straight to the file: a handler may come in the middle of a buffered write.
        with contextlib.suppress(OSError):  # a full disk, or nobody reads it any more
            os.write(STDERR, f"contracts: {self._told(session)}\n".encode())
        if session is None:
            raise KeyboardInterrupt
        if self.times == 2:
            session.transport.given_up.set()
        if self.times == 3:
            # In a thread: the main thread may be anywhere.
            threading.Thread(target=self._end_now, args=(session,), daemon=True).start()

    def claim_report(self) -> None:
        """Let the caller alone write the report; who comes second waits until the process ends."""
        self._reporting.acquire()

    def _end_now(self, session: Session) -> None:
        self.claim_report()
        outcome = session.outcome()
        self.report(outcome)
        sys.stdout.flush()
        os._exit(outcome.exit_code)  # calls may still be under way

    def _told(self, session: Session | None) -> str:
        present = [*session.record.present] if session else []
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
