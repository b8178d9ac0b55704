"""Large worlds, built once and kept as database files.

A file's name tells all that its content follows from: the code that made it, the world, the seed.
Nobody writes a kept file; whoever wants its world takes a copy, which costs a tenth of a second
for a million messages where building takes some.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import inspect
import os
import shutil
import tempfile
from collections.abc import Iterator
from operator import length_hint
from pathlib import Path
from typing import IO

from sqlalchemy.exc import SQLAlchemyError

from mockserver.errors import StateUnusable
from mockserver.store import dialects
from mockserver.store.schema import metadata
from mockserver.store.world import Watch, World, load

LARGE = 50_000  # messages; a world of fewer is loaded in less time than one would notice
_LAYOUT = ("dialects", "rows", "schema", "tags", "world")  # the modules that lay a world out
_KEPT = 3  # files that stay; one of a million messages has 280 MB
_FICLONE = 0x40049409  # Linux: let two files share their blocks until one of them is written


def is_large(world: World) -> bool:
    """Whether the world is worth a place on the shelf."""
    return length_hint(world.messages) >= LARGE


def find(world: World, *, watch: Watch = iter) -> Path | None:
    """The file that holds a large world, built if there is none; None where none can be kept."""
    folder = _folder()
    if folder is None:
        return None
    path = folder / f"{_key(world)}.sqlite"
    with contextlib.suppress(OSError):
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            with _replacing(path) as half:
                build(world, half, watch=watch)
            _drop_old(folder)
        os.utime(path)
        return path
    return None


def put(world: World, url: str, *, watch: Watch = iter) -> bool:
    """Let a large world be the state in a file that is not there yet; whether this was done."""
    path = dialects.file_of(url)
    if path is None or path.exists() or not is_large(world):
        return False
    kept = find(world, watch=watch)
    try:
        with _replacing(path) as half:
            if kept is None:
                build(world, half, watch=watch)
            else:
                _copy(kept, half)
    except OSError as error:
        raise StateUnusable(url, str(error)) from error
    return True


def build(world: World, path: Path, *, watch: Watch = iter) -> None:
    """Load the world into a file of its own, which is lost if this process is."""
    engine = dialects.make_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as run, dialects.loading(run, metadata):
            load(run, world, watch=watch)
    except SQLAlchemyError as error:
        raise OSError(str(error.__cause__ or error)) from error
    finally:
        engine.dispose()


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its place once it is whole: nobody meets half a world."""
    handle, half = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    os.close(handle)
    try:
        yield Path(half)
        Path(half).replace(path)
    finally:
        Path(half).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as old, target.open("wb") as new:
        is_shared = _share(old, new)
    if not is_shared:
        shutil.copyfile(source, target)


def _share(old: IO[bytes], new: IO[bytes]) -> bool:
    with contextlib.suppress(OSError):  # few file systems can, and only within themselves
        fcntl.ioctl(new, _FICLONE, old.fileno())
        return True
    return False


def _drop_old(folder: Path) -> None:
    files = sorted(folder.glob("*.sqlite"), key=lambda path: path.stat().st_mtime)
    for path in files[:-_KEPT]:
        path.unlink(missing_ok=True)


def _key(world: World) -> str:
    maker = Path(inspect.getfile(type(world))).parent
    told = f"{_code(maker)}\0{world.seed}\0{world.name}"
    return hashlib.sha256(told.encode()).hexdigest()[:24]


@functools.cache
def _code(maker: Path) -> str:
    """A digest of the code that made a world and of the code that lays it out."""
    state = hashlib.sha256()
    here = Path(__file__).parent
    for path in (
        *sorted((*maker.glob("*.py"), *maker.glob("*.json"))),
        *(here / f"{name}.py" for name in _LAYOUT),
    ):
        state.update(f"{path.name}\0".encode() + path.read_bytes())
    return state.hexdigest()


def _folder() -> Path | None:
    chosen = os.environ.get("XDG_CACHE_HOME")
    if chosen:
        return Path(chosen) / "duologue" / "worlds"
    with contextlib.suppress(RuntimeError):  # no home directory can be told
        return Path.home() / ".cache" / "duologue" / "worlds"
    return None
