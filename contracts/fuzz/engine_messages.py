"""The messages between a run and its generator's process, pickled on the pipes between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from duologue.contracts.fuzz.types import GenerationSettings


@dataclass(frozen=True, slots=True)
class Exploration:
    """What the process is to do: one phase, on this document."""

    document: dict[str, Any]
    settings: GenerationSettings
    url: str
    key: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A request was not answered, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Explored:
    """The phase has ended; ``untested`` are sentences on what could not be tested."""

    untested: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """The process failed: a traceback."""

    traceback: str
