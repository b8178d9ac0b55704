"""Start a mock by its settings; say where it answers, and what becomes of its state."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from duologue.mockserver import settings as defaults
from duologue.mockserver.serving.private_dir import private_directory
from duologue.mockserver.serving.sockets import listen
from duologue.mockserver.serving.terminal import output, tell
from duologue.mockserver.settings import Addresses, Settings, addresses, is_loopback
from duologue.mockserver.store.state_urls import file_url

if TYPE_CHECKING:
    from duologue.mockserver.serving.certificates import ServerCertificate
    from duologue.mockserver.serving.watching import FileWatch
    from duologue.mockserver.store.world import WorldRows

STDIN = 0
READ_BYTES = 4096
Print = Callable[[Addresses, Settings, "str | None"], None]


def start(
    settings: Settings,
    world: WorldRows,
    print_addresses: Print,
    *,
    file_watch: FileWatch | None = None,
) -> bool:
    """Answer until a signal comes; return False if a request was left unanswered."""
    with (
        listen(settings.host, settings.port) as sock,
        _socket_port(settings) as socket_port,
        private_directory() as private,
    ):
        scheme = "https" if settings.is_encrypted else "http"
        number = None if socket_port is None else socket_port.getsockname()[1]
        where = addresses(settings.host, sock.getsockname()[1], scheme, socket_port=number)
        certificate = _certificate(settings, private) if settings.is_encrypted else None
        state_url = settings.state_url or file_url(private / "state.sqlite")
        # Most of the start is this import, so what can be refused is refused before it.
        from duologue.mockserver.serving.ports import Ports  # noqa: PLC0415
        from duologue.mockserver.serving.run import run  # noqa: PLC0415

        return run(
            settings,
            world,
            state_url=state_url,
            ports=Ports(sock, socket_port, certificate),
            on_ready=lambda first_user: print_addresses(where, settings, first_user),
            file_watch=file_watch,
        )


def _socket_port(settings: Settings) -> AbstractContextManager[socket.socket | None]:
    """Return the port that the socket listens on; None if it is off."""
    return listen(settings.host, settings.socket_port) if settings.has_socket else nullcontext()


def _certificate(settings: Settings, private: Path) -> ServerCertificate:
    """Return the certificate given, or one of the local authority."""
    from duologue.mockserver.serving import certificates  # noqa: PLC0415  takes 60 ms

    if settings.tls_cert is not None and settings.tls_key is not None:
        given = certificates.ServerCertificate(settings.tls_cert, settings.tls_key)
        return certificates.check(given)
    return certificates.issue(settings.host, private)


# --- what is said once it answers ----------------------------------------------------------------


def print_text(where: Addresses, settings: Settings, first_user: str | None) -> None:
    """Print the addresses, the key and a user to begin with; on stdout the API's address alone."""
    # A key of one's own may be a secret, and what is said here ends up in logs.
    key = defaults.KEY if defaults.KEY in settings.api_keys else "(as given)"
    who = first_user or "(this world has no user yet: POST /v3/users)"
    tell(f"Inspector  {where.control}/")
    tell(f"Headers    apikey: {key}   onBehalfOf: {who}")
    # A database's URL may hold a password.
    place = "its database" if "://" in str(settings.state) else settings.state
    fate = f"stays in {place}" if settings.state else "goes with this process"
    if where.socket is not None:
        tell(f"Socket     {where.socket}")
    elif settings.socket:
        tell(f"No socket: --workers {settings.workers} has none.")
    moved = ", its times up to now (--times fixed keeps them)" if settings.moves_times else ""
    tell(f"World {settings.world}, seed {settings.seed}{moved}; the state {fate}.")
    _print_control_access(settings)
    with output():
        click.echo(where.url)  # last: who reads this line may end the mock at once


def print_json(where: Addresses, settings: Settings, first_user: str | None) -> None:
    """Print the addresses as JSON, for a program to read."""
    del first_user
    _print_control_access(settings)
    with output():
        click.echo(json.dumps(where._asdict()))  # last: who reads this line may end the mock


def and_open(show: Print) -> Print:
    """Return what shows the addresses and opens the inspector."""

    def show_and_open(where: Addresses, settings: Settings, first_user: str | None) -> None:
        import webbrowser  # noqa: PLC0415

        if not webbrowser.open(f"{where.control}/"):
            tell(f"No browser could be opened; the inspector is {where.control}/")
        show(where, settings, first_user)

    return show_and_open


def and_stop_at_eof(show: Print) -> Print:
    """Return what begins to wait for the end of standard input, and shows the addresses."""

    def wait_and_show(where: Addresses, settings: Settings, first_user: str | None) -> None:
        # Here, since the workers are forked by now: a fork copies no thread.
        threading.Thread(target=_stop_at_eof, name="standard input", daemon=True).start()
        show(where, settings, first_user)

    return wait_and_show


def _stop_at_eof() -> None:
    """Read standard input to its end, then stop this process as SIGTERM does."""
    # Not by sys.stdin, whose lock a thread must not hold when the interpreter ends.
    with suppress(OSError):  # it was never open
        while os.read(STDIN, READ_BYTES):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


def _print_control_access(settings: Settings) -> None:
    """Print whether the control plane is off or needs a token."""
    if settings.control_token is not None:
        tell("/_mock answers who sends the token as x-control-token.")
    elif not is_loopback(settings.host):
        tell(
            f"/_mock is off: {settings.host} is open to other machines, and no token was given."
            " Name the variable that holds one with --control-token-env."
        )
