"""Where the two documents come from: files, standard input, loopback URLs, git, our own."""

from __future__ import annotations

import ipaddress
import os
import shutil
import subprocess
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import urljoin, urlsplit

from duologue.contracts.diff.errors import SideUnreadable
from duologue.openapi.document import FOLDER

MOST_BYTES = 32_000_000
TIMEOUT_S = 30.0


class Source(Protocol):
    """One side: its first file's name, and how it and those beside it are read."""

    root: str

    def read(self, name: str) -> bytes:
        """Return a file's content; raise ValueError with a sentence if there is none."""

    def join(self, base: str, relative: str) -> str:
        """Return the name of a file that `base` refers to."""

    def shown(self, name: str) -> str:
        """Return the name as findings show it."""


class FileSource:
    """A file and those it refers to."""

    def __init__(self, path: str) -> None:
        self.root = path

    def read(self, name: str) -> bytes:
        """Return a file's content; raise ValueError if it is missing or too long."""
        try:
            path = Path(name)
            if path.is_file() and path.stat().st_size > MOST_BYTES:
                raise ValueError(f"holds more than {MOST_BYTES} bytes")
            return path.read_bytes()
        except OSError as cause:
            raise ValueError(f"cannot be read ({cause.strerror or cause})") from cause

    def join(self, base: str, relative: str) -> str:
        """Return the path relative to the folder of `base`."""
        return os.path.normpath(Path(base).parent / relative)

    def shown(self, name: str) -> str:
        """Return the path from the working folder where it lies below it."""
        path = Path(os.path.realpath(name))  # Path.resolve raises RuntimeError for a loop of links
        return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else name


class StdinSource(FileSource):
    """Standard input; what it refers to is looked for in the working folder."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__("-")
        self.content = stream.read(MOST_BYTES + 1)

    def read(self, name: str) -> bytes:
        """Return what stood on standard input, or another file's content."""
        if name != "-":
            return super().read(name)
        if len(self.content) > MOST_BYTES:
            raise ValueError(f"holds more than {MOST_BYTES} bytes")
        return self.content

    def shown(self, name: str) -> str:
        """Return `stdin` for the first file."""
        return "stdin" if name == "-" else super().shown(name)


class BundledSource(FileSource):
    """The document of this distribution."""

    def __init__(self) -> None:
        super().__init__(str(FOLDER / "openapi.yaml"))

    def shown(self, name: str) -> str:
        """Return the path within the distribution."""
        inner = os.path.relpath(os.path.realpath(name), os.path.realpath(FOLDER))
        return f"openapi/{Path(inner).as_posix()}"


class UrlSource:
    """An address on this machine and those it refers to."""

    def __init__(self, url: str) -> None:
        self.root = url

    def read(self, name: str) -> bytes:
        """Return the body of a 200 answer; raise ValueError for all else."""
        import urllib3  # noqa: PLC0415 - files need no HTTP

        if not is_loopback(name):
            raise ValueError("is no loopback address: download it and give the file")
        try:
            answer = urllib3.request(
                "GET", name, redirect=False, retries=False, timeout=TIMEOUT_S, preload_content=False
            )
            content: bytes = answer.read(MOST_BYTES + 1, decode_content=True)
        except urllib3.exceptions.HTTPError as cause:
            reason = str(getattr(cause, "reason", None) or cause).rpartition(": ")[2]
            raise ValueError(f"cannot be fetched ({reason}): correct the address") from cause
        if answer.status != 200:
            raise ValueError(f"answered {answer.status}, expected 200")
        if len(content) > MOST_BYTES:
            raise ValueError(f"holds more than {MOST_BYTES} bytes")
        return content

    def join(self, base: str, relative: str) -> str:
        """Return the address relative to `base`."""
        return urljoin(base, relative)

    def shown(self, name: str) -> str:
        """Return the address without a name and password."""
        scheme, mark, rest = name.partition("://")  # by hand: not each can be taken apart
        place, slash, path = rest.partition("/")
        return f"{scheme}{mark}{place.rpartition('@')[2]}{slash}{path}"


class GitSource:
    """A file of a revision of the git repository around the working folder."""

    def __init__(self, revision: str, path: str) -> None:
        self.revision, self.root = revision, path

    def read(self, name: str) -> bytes:
        """Return a file's content at the revision; raise ValueError with git's own words."""
        git = shutil.which("git")
        if git is None:
            raise ValueError("cannot be read: there is no program 'git'")
        done = subprocess.run(  # noqa: S603 - a fixed command; the argument holds no option
            [git, "cat-file", "blob", f"{self.revision}:{name}"],
            capture_output=True,
            check=False,
            timeout=TIMEOUT_S,
        )
        if done.returncode:
            words = " ".join(done.stderr.decode("utf-8", "replace").split())
            raise ValueError(f"cannot be read from git ({words})")
        return done.stdout

    def join(self, base: str, relative: str) -> str:
        """Return the path in the repository."""
        return os.path.normpath(Path(base).parent / relative).replace(os.sep, "/")

    def shown(self, name: str) -> str:
        """Return the path in the repository, the same in each revision."""
        return name


def open_source(side: str, stdin: BinaryIO) -> Source:
    """Return the source that a word of the command line names; raise SideUnreadable."""
    if side == "-":
        return StdinSource(stdin)
    if side == "bundled":
        return BundledSource()
    if side.startswith(("http://", "https://")):
        return UrlSource(side)
    if side.startswith("git:"):
        revision, _, path = side.removeprefix("git:").partition(":")
        if not revision or not path or revision.startswith("-"):
            raise SideUnreadable(side, "names no revision and path: write git:REV:PATH")
        return GitSource(revision, path)
    return FileSource(side)


def is_loopback(url: str) -> bool:
    """Tell whether a URL's host is this machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
