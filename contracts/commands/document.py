"""``--document``: judge by a changed copy of the contract's document."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from duologue import openapi
from duologue.contracts.context.limits import LimitMissing, limits
from duologue.contracts.errors import OptionInvalid


@contextmanager
def document_in_use(path: Path | None) -> Iterator[None]:
    """Judge by this document in the block, and start mocks that follow it; raise OptionInvalid."""
    with ExitStack() as stack:
        try:
            stack.enter_context(openapi.using(path))
            limits()
        except (openapi.DocumentError, LimitMissing) as cause:
            told = f"{path}: {cause}" if isinstance(cause, LimitMissing) else str(cause)
            raise OptionInvalid("--document", told) from cause
        yield
