"""The composition root: the one place where a run is put together, for the CLI and pytest alike."""

from __future__ import annotations

from duologue.contracts.session.opening import check_inputs, open_session
from duologue.contracts.session.session import Session, new_token
from duologue.contracts.session.settings import FROM_TARGET, RunSettings

__all__ = ["FROM_TARGET", "RunSettings", "Session", "check_inputs", "new_token", "open_session"]
