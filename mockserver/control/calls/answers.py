"""What a call of the control plane answers with, beside plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from duologue.mockserver.control.controls import Controls
from duologue.mockserver.control.events.stream import Stream
from duologue.mockserver.control.validation import ValidatedCall

ResponseData = Any
Call = Callable[[Controls, ValidatedCall], ResponseData]


class EventStream(NamedTuple):
    """A response body that is sent as events happen."""

    stream: Stream


class PlainDocument(NamedTuple):
    """A response body that is sent without an envelope."""

    content_type: str
    body: Any
