"""``python -m duologue.mockserver`` is the command ``mockserver``, and so is its script."""

from __future__ import annotations

import gc
import os
import signal

INTERRUPTED = 130  # the exit code of a command that Ctrl-C has ended


def main() -> None:
    """Run the command line; Ctrl-C ends it without a word while Python still imports it.

    Nothing is open by then. What a handler raises would be a traceback, or be ignored where an
    import frees an object.
    """
    _open_standard_streams()
    # A shell lets the jobs in its background ignore it, and so it stays.
    is_heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_heard:
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    # What imports leave is kept, so that searching it for cycles, 4 ms of the start, finds nothing.
    gc.disable()
    from duologue.mockserver.cli import main as command_line  # noqa: PLC0415  this is what takes long

    gc.freeze()
    gc.enable()
    if is_heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    command_line()


def _open_standard_streams() -> None:
    """Open what the caller has closed of the standard streams, as a daemon's parent may.

    Else the next file or pipe gets such a number, and what is meant for the stream goes there.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free


if __name__ == "__main__":
    main()
