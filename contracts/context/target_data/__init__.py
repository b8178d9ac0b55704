"""Users, groups and messages, made by the service's own calls and removed again."""

from __future__ import annotations

from duologue.contracts.context.target_data.calls import LOOKUPS, remove
from duologue.contracts.context.target_data.data import (
    REMOVAL_PAUSES_S,
    SIDE_BY_SIDE,
    TargetData,
)
from duologue.contracts.context.target_data.records import DataRecord, IdGenerator, SentMessage

__all__ = [
    "LOOKUPS",
    "REMOVAL_PAUSES_S",
    "SIDE_BY_SIDE",
    "DataRecord",
    "IdGenerator",
    "SentMessage",
    "TargetData",
    "remove",
]
