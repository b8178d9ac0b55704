"""Named worlds that are made only where no file holds them yet.

Most starts are of the default world, and a tenth of a start was making it. Nothing heavy is
imported here: whether a world has to be made is asked before anything else.
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

_LAYOUT = ("backends", "rows", "schema", "tags", "world")  # the modules that lay a world out


class LazyWorld:
    """A world by its name and seed; `make` is called by who first asks for its rows."""

    def __init__(self, name: str, seed: int, make: Callable[[], Any], *, maker: Path) -> None:
        self.name = name
        self.seed = seed
        self.maker = maker
        self._make = make

    @cached_property
    def made(self) -> Any:
        """The world itself; raises what making it raises."""
        return self._make()

    @property
    def users(self) -> Iterable[Any]:
        """The users' rows."""
        return self.made.users  # type: ignore[no-any-return]

    @property
    def groups(self) -> Iterable[Any]:
        """The groups' rows."""
        return self.made.groups  # type: ignore[no-any-return]

    @property
    def messages(self) -> Iterable[Any]:
        """The messages' rows."""
        return self.made.messages  # type: ignore[no-any-return]

    @property
    def copies(self) -> Iterable[Any]:
        """The rows of the copies that are read or tagged."""
        return self.made.copies  # type: ignore[no-any-return]


def lazy_world(name: str, seed: int, *, make: Callable[[str, int], Any], package: str) -> LazyWorld:
    """Return the world that `make` gives for a name and a seed; raise what `make` raises.

    It is made at once unless a file holds it. `package` is the package with the code of `make`: a
    file that other code wrote is not used. The package is found, not imported.
    """
    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    world = LazyWorld(name, seed, partial(make, name, seed), maker=Path((places or [""])[0]))
    file = place_of(world.name, seed, maker=world.maker, kind="named")
    if file is None or not file.exists():
        _ = world.made
    return world


def place_of(name: str, seed: int, *, maker: Path, kind: str) -> Path | None:
    """The file for a world that code in the folder `maker` makes; None where none can be kept."""
    folder = _folder()
    if folder is None:
        return None
    told = f"{_code(maker)}\0{seed}\0{name}"
    return folder / kind / f"{hashlib.sha256(told.encode()).hexdigest()[:24]}.sqlite"


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
    folder = user_cache_path("duologue", appauthor=False) / "worlds"
    return folder if folder.is_absolute() else None  # relative where there is no home directory
