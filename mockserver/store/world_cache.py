"""Large and named worlds, built once and kept as database files.

The name of a file is made of everything that its content depends on: the code, the world, the
seed. A kept file is never written; a state gets a copy of it, which takes a tenth of a second for
a million messages where building takes several.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import shutil
import tempfile
from collections.abc import Iterator
from operator import length_hint
from pathlib import Path
from typing import IO

from sqlalchemy.exc import SQLAlchemyError

from duologue.mockserver.errors import StateUnusable
from duologue.mockserver.store import backends, bulk, copy_counts, state_format, unread_copies
from duologue.mockserver.store.lazy_world import LazyWorld, place_of
from duologue.mockserver.store.schema import metadata
from duologue.mockserver.store.state_urls import file_url
from duologue.mockserver.store.world import Progress, WorldRows, load

LARGE = 50_000  # messages; a world of fewer is loaded in less time than one would notice
_KEPT = {"large": 3, "named": 24}  # files that stay; one of a million messages has 280 MB
_FICLONE = 0x40049409  # Linux: let two files share their blocks until one of them is written


def is_large(world: WorldRows) -> bool:
    """Return whether loading the world takes noticeable time."""
    return not isinstance(world, LazyWorld) and length_hint(world.messages) >= LARGE


def find(world: WorldRows, *, progress: Progress = iter) -> Path | None:
    """Return the file with a world, built if there is none; None if none can be kept."""
    if isinstance(world, LazyWorld):
        kind, maker = "named", world.maker
    else:
        kind, maker = "large", Path(inspect.getfile(type(world))).parent
    path = place_of(world.name, world.seed, maker=maker, kind=kind)
    if path is None:
        return None
    with contextlib.suppress(OSError):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with _replacing(path) as half:
                build(world, half, progress=progress)
            _drop_old(path.parent, _KEPT[kind])
        os.utime(path)
        return path
    return None


def put(world: WorldRows, url: str, *, progress: Progress = iter) -> bool:
    """Copy a kept world to a state file that does not exist yet; return whether that was done."""
    path = backends.file_of(url)
    is_kept = isinstance(world, LazyWorld) or is_large(world)
    if path is None or path.exists() or not is_kept:
        return False
    kept = find(world, progress=progress)
    try:
        with _replacing(path) as half:
            if kept is None:
                build(world, half, progress=progress)
            else:
                _copy(kept, half)
    except OSError as error:
        raise StateUnusable(url, str(error)) from error
    return True


def build(world: WorldRows, path: Path, *, progress: Progress = iter) -> None:
    """Load the world into a new file, which is lost if this process is killed."""
    engine = backends.make_engine(file_url(path))
    try:
        with engine.connect() as conn, bulk.loading(conn, metadata):
            load(conn, world, progress=progress)
            copy_counts.create(conn)
            unread_copies.create(conn)
            state_format.mark(conn)
    except SQLAlchemyError as error:
        raise OSError(str(error.__cause__ or error)) from error
    finally:
        engine.dispose()


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Yield a file beside `path` that replaces it when complete: no reader sees half a world."""
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
    # Few file systems can, and only within themselves; not every system has the module.
    with contextlib.suppress(OSError, ImportError):
        import fcntl  # noqa: PLC0415

        fcntl.ioctl(new, _FICLONE, old.fileno())
        return True
    return False


def _drop_old(folder: Path, most: int) -> None:
    files = sorted(folder.glob("*.sqlite"), key=lambda path: path.stat().st_mtime)
    for path in files[:-most]:
        path.unlink(missing_ok=True)
