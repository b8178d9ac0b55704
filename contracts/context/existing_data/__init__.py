"""Existing conversations to judge where no test data may be made: used, and left as they were."""

from __future__ import annotations

from duologue.contracts.context.existing_data.conversation import ExistingConversation, look
from duologue.contracts.context.existing_data.data import NOTHING_NEW, ExistingData
from duologue.contracts.context.existing_data.messages import MessageHistories
from duologue.contracts.context.existing_data.restoring import StateRestorer
from duologue.contracts.context.existing_data.sources import from_file, from_target

__all__ = [
    "NOTHING_NEW",
    "ExistingConversation",
    "ExistingData",
    "MessageHistories",
    "StateRestorer",
    "from_file",
    "from_target",
    "look",
]
