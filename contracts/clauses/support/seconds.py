"""Steps in different seconds, so that no verdict depends on whether two fell into the same one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from duologue.contracts.context.context import CheckContext
from duologue.contracts.context.conversation_view import KINDS
from duologue.contracts.errors import NotReached, NotStaged

T = TypeVar("T")


def a_second_later(context: CheckContext, prepare: Callable[[str], T]) -> Callable[[str], T]:
    """Prepare something for each kind, and wait for the next second; return what gives it by kind.

    That raises NotReached or NotStaged where the kind could not be prepared: the other one is
    judged all the same.
    """
    prepared: dict[str, T | NotReached | NotStaged] = {}
    for kind in KINDS:
        try:
            prepared[kind] = prepare(kind)
        except NotReached as failure:
            context.client.explain(failure)
            prepared[kind] = failure
        except NotStaged as failure:
            prepared[kind] = failure
    context.clock.next_second()

    def of_kind(kind: str) -> T:
        found = prepared[kind]
        if isinstance(found, NotReached | NotStaged):
            raise found
        return found

    return of_kind
