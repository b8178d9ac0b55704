"""Answers to requests that a gateway in front of the API may refuse itself.

A gateway may know keys, methods, paths and sizes of its own: what it refuses says nothing of the
API, for or against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from duologue.contracts.context.context import CheckContext
from duologue.contracts.errors import NotReached, NotStaged
from duologue.contracts.http.gateways import is_of_a_gateway, is_refused_with_a_page
from duologue.contracts.http.response import Response

MOST_SHOWN = 3


def whole_answer(ask: Callable[[], Response]) -> Response:
    """Return the answer to a request, a gateway's page included."""
    try:
        return ask()
    except NotReached as cause:
        if isinstance(cause.answer, Response):
            return cause.answer
        raise


@dataclass(slots=True)
class GatewayAnswers:
    """Tells a gateway's answers in one check from the API's; counts these, notes the others."""

    context: CheckContext
    own: int = 0
    refused: list[str] = field(default_factory=list)
    _refusal: Response | None = None

    def answer(self, name: str, ask: Callable[[], Response]) -> Response | None:
        """Return the API's answer to a request; None where a gateway refused it itself."""
        answer = whole_answer(ask)
        return answer if self.is_own(name, answer) else None

    def is_own(self, name: str, answer: Response) -> bool:
        """Return whether an answer is the API's; count or note it."""
        if self.gave(answer):
            self.refused.append(f"{name} ({answer.status})")
            return False
        self.own += 1
        return True

    def gave(self, answer: Response) -> bool:
        """Return whether a gateway gave an answer."""
        if not 400 <= answer.status < 500 or answer.error:
            return False
        return is_refused_with_a_page(answer) or is_of_a_gateway(answer, self._own_refusal())

    def require_own_answers(self) -> None:
        """Raise NotStaged where a gateway refused something itself."""
        if self.refused:
            shown, rest = self.refused[:MOST_SHOWN], len(self.refused) - MOST_SHOWN
            more = f" and {rest} more" if rest > 0 else ""
            raise NotStaged(
                "a gateway in front of the target refuses with an answer of its own, so that the"
                f" API's was not seen: {', '.join(shown)}{more}"
            )

    def _own_refusal(self) -> Response:
        """Return what is the API's own: its refusal of an unknown caller, asked for once."""
        if self._refusal is None:
            unknown = self.context.data.fresh_id()
            self._refusal = self.context.client.call("listConversations", caller=unknown)
        return self._refusal
