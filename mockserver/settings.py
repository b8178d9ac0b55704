"""The settings of a mock, all validated before anything starts."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from duologue.mockserver.domain.errors import MockserverError
from duologue.mockserver.errors import StateUnusable, without_password
from duologue.mockserver.store.state_urls import file_url

LOOPBACK = "127.0.0.1"
PORT = 8080
SEED = 42
WORLD = "default"
KEY = "mock-api-key"
FIXED, TODAY = "fixed", "today"
TIMES = (TODAY, FIXED)  # of a world: moved up to the start, or as its seed or file gives them
DOCUMENTED, LIVE = "documented", "live"
DIALECTS = (DOCUMENTED, LIVE)  # what they are: see `dialect`
MOST_WORKERS = 64
MOST_SEED = 2**63 - 1  # a database holds no larger number
STATE_VARIABLE = "MOCKSERVER_STATE"  # an argument is seen by everybody on the machine

_TABLES = {"users", "groups", "conversations", "copies", "messages"}  # in any state of ours
_NO_STATE = ("SQLITE_NOTADB", "SQLITE_CORRUPT")  # what SQLite says of another kind of file

_ORIGIN = re.compile(
    r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?"
)
WORLD_FILES = (".yaml", ".yml", ".json")  # how the name of a world that is a file ends


class InvalidSetting(MockserverError):
    """A setting has a value with which no mock can be started."""

    def __init__(self, setting: str, value: object, expected: str) -> None:
        self.setting = setting
        self.value = without_password(value) if isinstance(value, str) else value
        self.expected = expected
        super().__init__(f"--{setting} {self.value} cannot be used: {expected}")


@dataclass(frozen=True)
class Settings:
    """The settings of a mock. Raise InvalidSetting for a value that cannot be used.

    `state` is the path of a file or the URL of a database; None is a private file that is removed
    with the process. `port` 0 is any free port. `control_token_env` names the environment variable
    with the token of the control plane: an argument could be read by all who list processes.
    """

    host: str = LOOPBACK  # `*` is any address
    port: int = PORT
    seed: int = SEED
    world: str = WORLD
    api_keys: tuple[str, ...] = (KEY,)
    state: str | None = None
    workers: int = 1
    dialect: str = DOCUMENTED
    faults: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    control_token_env: str | None = None
    usage: Path | None = None
    tls: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None
    socket: bool = True
    socket_port: int = 0
    watch: bool = False
    log: bool = False
    allow_origins: tuple[str, ...] = ()
    times: str | None = None

    def __post_init__(self) -> None:
        _expect(bool(self.host), "host", self.host, "name an address of this machine")
        _expect(0 <= self.port <= 65535, "port", self.port, "choose one up to 65535, or 0 for any")
        near = "choose one up to 65535, or 0 for any"
        _expect(0 <= self.socket_port <= 65535, "socket-port", self.socket_port, near)
        check_seed(self.seed)
        # A key stays out of the sentence: what is said here ends up in logs.
        fine = bool(self.api_keys) and all(map(_is_key, self.api_keys))
        _expect(fine, "api-key", "(not shown)", "a key is printable ASCII without white space")
        many = f"choose 1 to {MOST_WORKERS} processes"
        _expect(1 <= self.workers <= MOST_WORKERS, "workers", self.workers, many)
        _expect(
            self.dialect in DIALECTS, "dialect", self.dialect, f"choose {' or '.join(DIALECTS)}"
        )
        if self.state is not None and "://" not in self.state:
            _check_state_file(Path(self.state))
        if self.usage is not None:
            _check_place("usage", self.usage)
            _expect(not self.usage.is_socket(), "usage", self.usage, "it is a socket; name a file")
            is_one = self.workers == 1 or self.usage.is_file() or not self.usage.exists()
            _expect(is_one, "usage", self.usage, "several workers need a file to add up in")
        if (self.tls_cert is None) != (self.tls_key is None):
            given, missing = ("cert", "key") if self.tls_key is None else ("key", "cert")
            value = self.tls_cert or self.tls_key
            _expect(False, f"tls-{given}", value, f"name the {missing} as well, --tls-{missing}")
        _check_watch(self)
        for origin in self.allow_origins:
            fine = _ORIGIN.fullmatch(origin) is not None
            _expect(fine, "allow-origin", origin, "write scheme and host, as http://localhost:6006")
        name = self.control_token_env
        unset = "no variable of that name is set, or it is empty"
        _expect(name is None or bool(self.control_token), "control-token-env", name, unset)
        matches = _is_token(self.control_token or "")
        unsendable = (
            "no client could send its value: a token is printable ASCII without white space"
            " at either end (did a line break come with it?)"
        )
        _expect(matches, "control-token-env", name, unsendable)

    @property
    def moves_times(self) -> bool:
        """Return whether the times of the world are moved, so that it looks like one of today."""
        return self.times == TODAY or (self.times is None and is_moved_by_default(self.world))

    @property
    def is_encrypted(self) -> bool:
        """Return whether the mock answers https, and nothing else."""
        return self.tls or self.tls_cert is not None

    @property
    def has_socket(self) -> bool:
        """Return whether the mock has a socket: one of several processes would miss changes."""
        return self.socket and self.workers == 1

    @property
    def control_token(self) -> str | None:
        """Return the token of the control plane; None if it has none."""
        return os.environ.get(self.control_token_env) if self.control_token_env else None

    @property
    def state_url(self) -> str | None:
        """Return the URL of the state; None if the state is private."""
        if self.state is None or "://" in self.state:
            return self.state
        return file_url(Path(self.state))


class Addresses(NamedTuple):
    """The URLs of a mock: of the API with its version path, the control plane, and the socket."""

    url: str
    control: str
    socket: str | None = None


def addresses(
    host: str, port: int, scheme: str = "http", *, socket_port: int | None = None
) -> Addresses:
    """Return the URLs of a mock that listens on this address, as a local client writes them."""
    # "Any address" is where one listens, not where one calls.
    reachable = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104
    name = f"[{reachable}]" if ":" in reachable else reachable
    api = f"{scheme}://{name}:{port}"
    secure = "s" if scheme == "https" else ""
    socket = None if socket_port is None else f"ws{secure}://{name}:{socket_port}"
    return Addresses(f"{api}/v3", f"{api}/_mock", socket)


def is_moved_by_default(world: str) -> bool:
    """Return whether the times of a world are moved unless the settings say otherwise.

    Those of a file are as written, those of a size are for measurements, and the world `examples`
    is what the document shows.
    """
    return not world.endswith(WORLD_FILES) and "=" not in world and world != "examples"


def is_loopback(host: str) -> bool:
    """Return whether an address leads to this machine alone."""
    name = host.strip("[]").rstrip(".").lower()
    numbers = name.split(".")
    is_number = [one.isascii() and one.isdecimal() and int(one[:4]) <= 255 for one in numbers]
    is_of_127 = len(numbers) == 4 and numbers[0] == "127" and all(is_number)
    return is_of_127 or name in {"localhost", "::1"}


def _is_key(key: str) -> bool:
    return key.isascii() and key.isprintable() and bool(key) and " " not in key


def _is_token(token: str) -> bool:
    """Return whether a header can carry the token unchanged."""
    return token.isascii() and (token.isprintable() or not token) and token == token.strip()


def _check_watch(settings: Settings) -> None:
    """Raise InvalidSetting if there is no file to watch, or several processes would have to."""
    if not settings.watch:
        return
    is_file = settings.world.endswith(WORLD_FILES)
    _expect(is_file, "watch", settings.world, "it watches a world that is a file: --world FILE")
    _expect(settings.workers == 1, "watch", "with --workers", "one process can watch a file")


def check_seed(seed: int) -> None:
    """Raise InvalidSetting for a seed that no state can hold."""
    _expect(0 <= seed <= MOST_SEED, "seed", seed, f"seeds are whole numbers from 0 to {MOST_SEED}")


def _check_place(setting: str, path: Path) -> None:
    """Raise InvalidSetting if no file can be written at this path; change nothing."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError) as error:  # such as a name that is too long
        reason = getattr(error, "strerror", None) or error
        raise InvalidSetting(setting, path, f"{reason}; choose another place") from error
    _expect(bool(path.name) and not path.is_dir(), setting, path, "it is a directory; name a file")
    _expect(path.parent.is_dir(), setting, path, f"there is no directory {path.parent}")
    can_be_written = not path.exists() or os.access(path, os.W_OK)
    _expect(can_be_written, setting, path, "it cannot be written; choose another place")
    if path.exists() and not path.is_file():
        return
    folder = Path(os.path.realpath(path)).parent  # of the file that a link leads to
    _expect(folder.is_dir(), setting, path, f"there is no directory {folder}")
    said = f"the directory {folder} cannot be written; choose another place"
    _expect(os.access(folder, os.W_OK), setting, path, said)


def _check_state_file(path: Path) -> None:
    """Raise InvalidSetting if the file cannot hold the state; change nothing."""
    _check_place("state", path)  # SQLite keeps files beside it
    is_file = path.is_file() or not path.exists()
    _expect(is_file, "state", path, "it is a device, a pipe or a socket; name a file")
    try:
        file_url(path)
    except StateUnusable as error:
        raise InvalidSetting("state", path, error.reason) from error
    if path.exists():
        tables = _tables(path)
        fine = not tables or tables >= _TABLES
        _expect(fine, "state", path, "it is the database of something else; choose another file")


def _tables(path: Path) -> set[str]:
    """Return the names of the tables in an SQLite file; raise InvalidSetting for any other file.

    None is returned where the disk or another process keeps it from being read: the start says so.
    """
    try:
        with closing(sqlite3.connect(path, timeout=0)) as database:
            rows = database.execute("select name from sqlite_master where type = 'table'")
            return {name for (name,) in rows}
    except sqlite3.Error as error:
        if error.sqlite_errorname not in _NO_STATE:
            return set()
        raise InvalidSetting("state", path, f"it is no state of a mock ({error})") from error


def _expect(fine: bool, setting: str, value: object, expected: str) -> None:
    if not fine:
        raise InvalidSetting(setting, value, expected)
