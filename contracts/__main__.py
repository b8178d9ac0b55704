"""``python -m duologue.contracts`` is the command ``contracts``, and so is its script."""

from __future__ import annotations

import gc
import os
import signal
import sys

from duologue.contracts.errors import INTERRUPTED

# Few of a run's objects are in cycles.
COLLECT_AFTER_OBJECTS = 10_000


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
    gc.disable()  # what is imported stays
    from duologue.openapi.errors import DocumentError  # noqa: PLC0415  after Ctrl-C is heard
    from duologue.openapi.replacement import VARIABLE  # noqa: PLC0415

    try:
        from duologue.contracts.cli import main as command_line  # noqa: PLC0415  takes long
    except DocumentError as cause:
        by = f"; the variable {VARIABLE} names it" if os.environ.get(VARIABLE) else ""
        sys.stderr.write(f"contracts: {cause}{by}\n")
        sys.exit(2)

    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS)
    gc.enable()
    if is_heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    command_line(prog_name="contracts")


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
