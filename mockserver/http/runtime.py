"""What is in force for a request: behaviours, compiled documents, keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from duologue.mockserver.domain.errors import BadRequest
from duologue.mockserver.http import compiled_spec, request_parser, responses
from duologue.mockserver.http.representations import shown_cache
from duologue.mockserver.http.traffic.response_cache import ResponseCache
from duologue.mockserver.store.store import Store
from duologue.mockserver.usecases.conversations import Service
from duologue.mockserver.usecases.types import Call

if TYPE_CHECKING:
    from flask import Request

    from duologue.mockserver.behaviours import Behaviours
    from duologue.mockserver.http.error_details import ErrorDetails

Documents = Mapping[str, Mapping[str, Any]]
Path = Mapping[str, str]


class Keys(NamedTuple):
    """The API keys: those for all calls, and those of scope authOnly."""

    full: frozenset[str]
    small: frozenset[str]


class SpecIndex:
    """The documents in force: validators, and texts for what they refuse."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._compiled = {
            name: compiled_spec.CompiledSpec(document) for name, document in documents.items()
        }
        self._details: dict[str, ErrorDetails] = {}
        self._names = {
            operation_id: name
            for name, known in self._compiled.items()
            for operation_id, _, _ in known.places()
        }

    def places(self) -> list[tuple[str, str, str]]:
        """Return id, path and method of each operation of each document."""
        return [place for known in self._compiled.values() for place in known.places()]

    def document(self, name: str) -> dict[str, Any]:
        """Return a document as it is in force."""
        return dict(self._documents[name])

    def operation(self, operation_id: str) -> compiled_spec.CompiledOperation:
        """Return the validators of an operation."""
        return self._compiled[self._names[operation_id]][operation_id]

    def refusal(
        self,
        operation: compiled_spec.CompiledOperation,
        call: Call,
        *,
        request: Request,
        path: Path,
    ) -> BadRequest:
        """Return the refusal of a request that does not match the document, field by field."""
        if call.body is request_parser.UNREADABLE:
            return BadRequest({"body": ["This is not JSON."]})
        name = self._names[operation.id]
        if name not in self._details:
            # Imported here: openapi-core takes half a second, and only who is refused needs it.
            from duologue.mockserver.http.error_details import ErrorDetails  # noqa: PLC0415

            self._details[name] = ErrorDetails(self._documents[name])
        return BadRequest(self._details[name].details(operation, request, path))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Runtime:
    """What is in force for one request: behaviours, and what was built from them."""

    own: Behaviours  # the dialect's: what the mock means to say, and checks
    sent: (
        Behaviours  # the same with what faults replaced: what it does, and what reaches the client
    )
    service: Service
    spec: SpecIndex
    cache: ResponseCache = field(default_factory=ResponseCache)
    is_steady: bool = field(init=False)
    # `own`, with caches where these change nothing: for answers to reads, and to changes.
    reads_shown_by: Behaviours = field(init=False)
    changes_shown_by: Behaviours = field(init=False)

    def __post_init__(self) -> None:
        is_steady = self._is_steady()
        object.__setattr__(self, "is_steady", is_steady)
        changes = shown_cache.with_last_messages(self.own) if is_steady else self.own
        object.__setattr__(self, "changes_shown_by", changes)
        reads = shown_cache.cached(changes) if is_steady else self.own
        object.__setattr__(self, "reads_shown_by", reads)

    def _is_steady(self) -> bool:
        """Return whether one question to one state always has one answer.

        False if a behaviour may depend on more than the state: when to admit, to read, and how to
        finish.
        """
        own = self.own
        return (
            self.sent is own
            and own.admit is request_parser.admit_all
            and own.reads_from is Store.reading
            and own.finish is responses.finish
        )
