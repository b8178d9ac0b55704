"""Failures of the database that are nobody's mistake: what happened, and what helps."""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from duologue.mockserver.errors import StateUnavailable, StateUnusable

UNAVAILABLE, FULL = 503, 507
_HELD = "another process holds the file; end it, or send this again"
_HELD_AT_START = (
    "another process holds the file, or its file system has no locks (some network mounts have"
    " none). End that process, or put the file on a local disk"
)


class _Cause(NamedTuple):
    """A sentence for errors of SQLite whose text or name contains a part."""

    part: str
    status: int
    reason: str
    is_lost: bool = True  # whether a new connection may be better than this one


_SQLITE = (
    _Cause(
        "disk is full",
        FULL,
        "the disk is full; free some space, no restart is needed",
        is_lost=False,
    ),
    _Cause(
        "unable to open",
        UNAVAILABLE,
        "the file cannot be opened: it or its directory was removed, or this process has too many"
        " files open (ulimit -n)",
        is_lost=False,  # what is open goes on, and nothing could be opened in its place
    ),
    _Cause(
        "readonly",
        UNAVAILABLE,
        "the file cannot be written: it was replaced, or its permissions were changed",
    ),
    _Cause(
        "SQLITE_IOERR_SHMMAP",
        UNAVAILABLE,
        "its file system cannot share memory between connections (some network and container"
        " mounts cannot); put the file on a local disk",
    ),
    _Cause(
        "LOCK)",  # SQLITE_IOERR_LOCK, _RDLOCK, _UNLOCK, _CHECKRESERVEDLOCK
        UNAVAILABLE,
        "its file system refuses locks (some network mounts do); put the file on a local disk",
    ),
    _Cause("disk I/O", UNAVAILABLE, "the disk fails or is full ({})"),
    _Cause("locked", UNAVAILABLE, _HELD, is_lost=False),
    _Cause(
        "malformed",
        UNAVAILABLE,
        "the file is damaged; restore it from a copy, or start with another --state",
    ),
    _Cause(
        "not a database",
        UNAVAILABLE,
        "the file was overwritten; restore it from a copy, or start with another --state",
    ),
    _Cause(
        "no such table",
        UNAVAILABLE,
        "the file was replaced by another one; start the mock again with the right --state",
    ),
)
_READ_ONLY = (
    "the database takes no changes at the moment (read-only): it is a standby, or was made"
    " read-only. The mock goes on as soon as it does; of two hosts,"
    " target_session_attrs=read-write chooses"
)
_NOT_ALLOWED = "42501"
# By PostgreSQL's code of the error (SQLSTATE); all other failures to reach it are told alike.
_POSTGRESQL = {
    "25006": (UNAVAILABLE, _READ_ONLY),
    "53100": (FULL, "the disk of the database is full; free some space, no restart is needed"),
    "53300": (UNAVAILABLE, "the database takes no more connections (max_connections)"),
    _NOT_ALLOWED: (
        UNAVAILABLE,
        "the database denies the mock's role a permission that it had; grant it again, no restart"
        " is needed",
    ),
    "42P01": (
        UNAVAILABLE,
        "tables of the database were removed or renamed; restore them, or start with another"
        " --state",
    ),
}
_CONNECTED = ("53100", _NOT_ALLOWED)  # those of them that another connection would meet, too
_ENDED = ("08", "57P")  # how the codes begin of connections that fail, or that the server ends
_MAY_CREATE = (
    "let its owner GRANT CREATE ON SCHEMA public TO the role, or name a database that the role owns"
)
_REFUSED = re.compile(r"failed: FATAL: +(.+)")
_NO_MORE = ("too many connections", "too many clients", "connection slots")
_CLOSED = "the database lets nobody in ({}); the mock connects again as soon as it does"
_SYSTEM = {
    errno.ENOSPC: (FULL, "the disk is full; free some space, no restart is needed"),
    errno.EDQUOT: (FULL, "the disk quota is used up; free some space, no restart is needed"),
    errno.EMFILE: (UNAVAILABLE, "this process has too many files open (ulimit -n)"),
    errno.ENFILE: (UNAVAILABLE, "the system has too many files open"),
    errno.EROFS: (UNAVAILABLE, "the file system was made read-only"),
}


@contextmanager
def usable(url: str) -> Iterator[None]:
    """Raise StateUnusable for a failure of the database in the block: a start that cannot be.

    A damaged file has text that is no UTF-8, too, which is an error of Python's own.
    """
    try:
        yield
    except Exception as error:
        found, cause = diagnosed(error), getattr(error, "orig", None) or error
        if found is None and not isinstance(error, SQLAlchemyError | UnicodeDecodeError):
            raise
        reason = _words(cause)  # PostgreSQL says itself why it let nobody in
        if found is not None and isinstance(cause, sqlite3.Error):
            reason = _HELD_AT_START if is_locked(cause) else found.reason
        raise StateUnusable(url, reason) from error


def _words(error: BaseException) -> str:
    """Return what an error of a database says, without the statement that met it."""
    said = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
    return f"{said}; {_MAY_CREATE}" if getattr(error, "sqlstate", "") == _NOT_ALLOWED else said


def held_by_another() -> StateUnavailable:
    """Return what is wrong where another process keeps all others from writing."""
    return StateUnavailable(_HELD, status=UNAVAILABLE)


def read_only() -> StateUnavailable:
    """Return what is wrong where the database takes no changes."""
    return StateUnavailable(_READ_ONLY, status=UNAVAILABLE, is_lost=True)


def is_locked(error: BaseException) -> bool:
    """Return whether SQLite reports that another process holds the file."""
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def diagnosed(error: BaseException) -> StateUnavailable | None:
    """Return what is wrong with the database; None if the failure is of another kind."""
    seen: BaseException | None = error
    while seen is not None:
        found = _of_one(seen)
        if found is not None:
            return found
        seen = getattr(seen, "orig", None) or seen.__cause__
    return None


def _of_one(error: BaseException) -> StateUnavailable | None:
    if isinstance(error, StateUnavailable):
        return error
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if isinstance(error, OSError) and error.errno in _SYSTEM:
        status, reason = _SYSTEM[error.errno]
        return StateUnavailable(reason, status=status)
    return _of_postgresql(error)


def _of_sqlite(error: sqlite3.Error) -> StateUnavailable | None:
    said = f"{error} ({getattr(error, 'sqlite_errorname', '')})"
    for cause in _SQLITE:
        if cause.part in said:
            reason = cause.reason.format(said)
            return StateUnavailable(reason, status=cause.status, is_lost=cause.is_lost)
    return None


def _of_postgresql(error: BaseException) -> StateUnavailable | None:
    # By name: the driver comes with an extra, and most mocks run without it.
    names = {f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in type(error).mro()}
    if "psycopg.Error" not in names:
        return None
    code = getattr(error, "sqlstate", None)
    # An error of connecting has no code, only the server's words.
    refused = None if code else _REFUSED.search(str(error))
    if refused is not None:
        is_full = any(words in refused[1] for words in _NO_MORE)
        reason = _POSTGRESQL["53300"][1] if is_full else _CLOSED.format(refused[1])
        return StateUnavailable(reason, is_lost=True)
    named = _POSTGRESQL.get(code or "")
    if named is not None:
        return StateUnavailable(named[1], status=named[0], is_lost=code not in _CONNECTED)
    if names & {"psycopg.OperationalError", "psycopg.InterfaceError"}:
        if code and not code.startswith(_ENDED):
            reason = f"the database gave a statement up ({_words(error)}); send this again"
            return StateUnavailable(reason)
        return StateUnavailable(
            "the database does not answer; the mock connects again as soon as it does",
            is_lost=True,
        )
    return None
