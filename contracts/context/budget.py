"""How much the generated half of a run may try: requests, seconds, phases, and from which seed."""

from __future__ import annotations

from dataclasses import dataclass

PHASES = ("examples", "coverage", "fuzzing", "stateful")


@dataclass(frozen=True, slots=True)
class Budget:
    """What is tried by generation: the same budget tries the same requests, up to fresh ids.

    ``max_examples`` counts the inputs that fuzzing draws for each operation, the scenarios of the
    stateful phase, and the walks. ``max_time_s`` is what each of engine and walk may take; a
    target that answers slowly is tried less, evenly over its operations.
    """

    seed: int = 42
    max_examples: int = 20
    max_time_s: float = 120.0
    phases: tuple[str, ...] = PHASES


DEFAULT = Budget()
