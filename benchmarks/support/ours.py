"""The mock as it is started from the command line, and the users in its worlds."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks.support.calls import KEY, Address, Call
from benchmarks.support.processes import Program
from duologue.fixtures import people

SEED = 42
READY = Call("GET", "/users?perPage=1")


def program(port: int, *, world: str, options: Sequence[str] = (), name: str = "ours") -> Program:
    """Return the launch of ``python -m duologue.mockserver serve`` on a port."""
    words = [
        sys.executable,
        "-m",
        "duologue.mockserver",
        "serve",
        "--port",
        str(port),
        "--api-key",
        KEY,
    ]
    words += ["--world", world, "--seed", str(SEED), *options]
    return Program(name, words)


def address(port: int) -> Address:
    """Return its address."""
    return Address(port, "/v3")


def uid(index: int) -> str:
    """Return the uid of a row in a sized world; the user of row 0 has the long list."""
    return people.person(SEED, index).uid
