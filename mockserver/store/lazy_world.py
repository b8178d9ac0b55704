"""Named worlds that are made only if no file has them yet.

Most starts use the default world, and making it took a tenth of a start. Nothing heavy is imported
here, since this decides whether the world has to be made.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

# The modules that lay a world out: a file by another version of one of them is no longer used.
_LAYOUT = ("backends", "copy_counts", "rows", "schema", "tags", "world")


class LazyWorld:
    """A world by name and seed; `make` is called when its rows are first used."""

    def __init__(self, name: str, seed: int, make: Callable[[], Any], *, maker: Path) -> None:
        self.name = name
        self.seed = seed
        self.maker = maker
        self._make = make

    @cached_property
    def made(self) -> Any:
        """Return the world; raise what making it raises."""
        return self._make()

    @property
    def users(self) -> Iterable[Any]:
        """Return the rows of the users."""
        return self.made.users  # type: ignore[no-any-return]

    @property
    def groups(self) -> Iterable[Any]:
        """Return the rows of the groups."""
        return self.made.groups  # type: ignore[no-any-return]

    @property
    def messages(self) -> Iterable[Any]:
        """Return the rows of the messages."""
        return self.made.messages  # type: ignore[no-any-return]

    @property
    def copies(self) -> Iterable[Any]:
        """Return the rows of the copies that are read or tagged."""
        return self.made.copies  # type: ignore[no-any-return]

    @property
    def details(self) -> Iterable[Any]:
        """Return what single messages have beside their rows."""
        return self.made.details  # type: ignore[no-any-return]

    @property
    def blocks(self) -> Iterable[Any]:
        """Return who has blocked whom."""
        return self.made.blocks  # type: ignore[no-any-return]


def lazy_world(name: str, seed: int, *, make: Callable[[str, int], Any], package: str) -> LazyWorld:
    """Return the world that `make` gives for a name and a seed; raise what `make` raises.

    It is made at once unless a file has it. `package` is the package with the code of `make`: a
    file that other code wrote is not used. The package is located, not imported.
    """
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    world = LazyWorld(name, seed, partial(make, name, seed), maker=Path((places or [""])[0]))
    file = place_of(world.name, seed, maker=world.maker, kind="named")
    if file is None or not file.exists():
        _ = world.made
    return world


def place_of(name: str, seed: int, *, maker: Path, kind: str) -> Path | None:
    """Return the file for a world made by the code in `maker`; None if none can be kept."""
    folder = _folder()
    if folder is None:
        return None
    identity = f"{_code(maker)}\0{seed}\0{name}"
    # A name that was typed may be no UTF-8. os.fsencode would depend on the locale.
    key = hashlib.sha256(identity.encode("utf-8", "surrogatepass"))
    return folder / kind / f"{key.hexdigest()[:24]}.sqlite"


@functools.cache
def _code(maker: Path) -> str:
    """Return a digest of the code that makes a world and of the code that lays it out."""
    state = hashlib.sha256()
    here = Path(__file__).parent
    for path in (
        *sorted((*maker.glob("*.py"), *maker.glob("*.json"))),
        *(here / f"{name}.py" for name in _LAYOUT),
    ):
        state.update(f"{path.name}\0".encode() + path.read_bytes())
    return state.hexdigest()


def _folder() -> Path | None:
    folder = user_cache_path("duologue", appauthor=False) / "worlds"
    return folder if folder.is_absolute() else None  # relative where there is no home directory
