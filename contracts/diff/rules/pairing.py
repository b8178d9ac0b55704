"""Two mappings by their keys: what is gone, what is on both sides, what is new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Paired(Generic[K, T]):
    """The values of two mappings by key; ``kept`` holds both, in the order of the old one."""

    gone: dict[K, T]
    kept: dict[K, tuple[T, T]]
    added: dict[K, T]


def paired(old: Mapping[K, T], new: Mapping[K, T]) -> Paired[K, T]:
    """Return what is gone from the old mapping, kept in both, and added by the new one."""
    return Paired(
        {key: each for key, each in old.items() if key not in new},
        {key: (each, new[key]) for key, each in old.items() if key in new},
        {key: each for key, each in new.items() if key not in old},
    )
