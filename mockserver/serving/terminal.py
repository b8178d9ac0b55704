"""Standard output and standard error, where they can be written and where they cannot.

Standard output holds what a command is for, so that a command fails without it. On standard error
stands what may be of use beside it: no request and no start fails for that.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

import click

from duologue.mockserver.domain.errors import MockserverError


class OutputLost(MockserverError):
    """Standard output cannot be written; `has_reader` is False for a pipe that was closed."""

    def __init__(self, cause: OSError) -> None:
        self.has_reader = cause.errno != errno.EPIPE  # else as with '| head'
        super().__init__(
            f"standard output cannot be written ({cause.strerror}): make room there, or send it"
            " to another place"
        )


def tell(text: str) -> None:
    """Print on standard error, if it can be written."""
    with suppress(OSError):
        click.echo(text, err=True)


@contextmanager
def output() -> Iterator[None]:
    """Raise OutputLost where the block cannot print on standard output.

    Nothing is printed there any more then: the interpreter would fail at its end.
    """
    try:
        yield
    except OSError as cause:
        _send_nowhere(sys.stdout)
        raise OutputLost(cause) from cause


def drop_untold() -> None:
    """Drop what standard error could not take: the interpreter would fail at its end."""
    try:
        if sys.stderr is not None:  # it is None where the process began without one
            sys.stderr.flush()
    except OSError:
        _send_nowhere(sys.stderr)


def _send_nowhere(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


class CheckedCommand(click.Command):
    """A command whose help is output, too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; raise OutputLost."""
        with output():
            return super().parse_args(ctx, args)


class CheckedGroup(CheckedCommand, click.Group):
    """A group of commands whose help and version are output, too."""

    command_class = CheckedCommand
