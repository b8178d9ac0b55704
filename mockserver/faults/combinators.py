"""Ways to depart: what the faults and the variants are put together from.

Each gives a change, which makes other parts of given ones. A change wraps the part that it finds,
so that several of them can be in force at once.
"""

from __future__ import annotations

import copy as copies
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from sqlalchemy import select

from duologue.mockserver.behaviours import Behaviours, UnitOfWork
from duologue.mockserver.domain.errors import BadRequest, Refusal
from duologue.mockserver.domain.model import Copy, Group, Kind, Shown, User
from duologue.mockserver.http.api_response import ApiResponse
from duologue.mockserver.store import schema
from duologue.mockserver.usecases.types import Call

Change = Callable[[Behaviours], Behaviours]
Body = dict[str, Any]
DEPARTS = "departs"  # the note on a refusal that is told otherwise than it should be


# --- changes of any part ------------------------------------------------------------------------


def replaced(**behaviours: Any) -> Change:
    """These parts in place of the ones there are."""
    return lambda healthy: replace(healthy, **behaviours)


def wrapped(name: str, around: Callable[..., Any]) -> Change:
    """One part done by `around`, which gets the part there was, and then its arguments."""

    def change(healthy: Behaviours) -> Behaviours:
        inner = getattr(healthy, name)

        def part(*args: Any, **named: Any) -> Any:
            return around(inner, *args, **named)

        return replace(healthy, **{name: part})

    return change


def together(*changes: Change) -> Change:
    """One change after the other."""
    return lambda healthy: reduce(lambda behaviours, change: change(behaviours), changes, healthy)


def afresh(make: Callable[[], Change]) -> Change:
    """A change with a memory of its own wherever it is applied."""
    return lambda healthy: make()(healthy)  # noqa: PLW0108 - made when it is applied, not here


def during(operations: Sequence[str], name: str, around: Callable[..., Any]) -> Change:
    """One part done by `around`, but only while one of these operations is answered."""

    def make() -> Change:
        now = threading.local()

        def admit(inner: Callable[[str], None], operation_id: str) -> None:
            now.operation = operation_id
            inner(operation_id)

        def part(inner: Callable[..., Any], *args: Any, **named: Any) -> Any:
            if getattr(now, "operation", "") in operations:
                return around(inner, *args, **named)
            return inner(*args, **named)

        return together(wrapped("admit", admit), wrapped(name, part))

    return afresh(make)


# --- what is shown ------------------------------------------------------------------------------


def anywhere(copy: Copy, shown: Shown) -> bool:
    """Each conversation, wherever it is shown."""
    del copy, shown
    return True


def in_lists(copy: Copy, shown: Shown) -> bool:
    """A conversation in a list."""
    del copy
    return not shown.single


def alone(copy: Copy, shown: Shown) -> bool:
    """A conversation that was asked for by name."""
    del copy
    return shown.single


def of_users(copy: Copy, shown: Shown) -> bool:
    """A 1-on-1."""
    del shown
    return copy.kind == "user"


def of_groups(copy: Copy, shown: Shown) -> bool:
    """A group's conversation."""
    del shown
    return copy.kind == "group"


def shown(
    name: str,
    change: Callable[[Any, Copy], Any],
    where: Callable[[Copy, Shown], bool] = anywhere,
) -> Change:
    """One property of a conversation shown otherwise; `change` gets its value and the copy."""

    def around(show: Callable[..., Any], behaviours: Behaviours, copy: Copy, how: Shown) -> Any:
        value = show(behaviours, copy, how)
        return change(value, copy) if where(copy, how) else value

    return wrapped(f"show_{name}", around)


def valued(name: str, value: Any, where: Callable[[Copy, Shown], bool] = anywhere) -> Change:
    """One property of a conversation shown as one value, whatever it is."""
    return shown(name, lambda _, __: value, where)


# --- what goes over the wire --------------------------------------------------------------------


def answered(
    operations: Sequence[str],
    change: Callable[[ApiResponse], ApiResponse],
    when: Callable[[ApiResponse], bool] = lambda _: True,
) -> Change:
    """The answers to these operations sent otherwise, where `when` says so."""

    def around(
        finish: Callable[..., ApiResponse], operation_id: str, answer: ApiResponse
    ) -> ApiResponse:
        sent = finish(operation_id, answer)
        return change(sent) if operation_id in operations and when(sent) else sent

    return wrapped("finish", around)


def is_done(answer: ApiResponse) -> bool:
    """Whether it is a success."""
    return answer.status == 200 and isinstance(answer.body, dict) and "data" in answer.body


def code_of(answer: ApiResponse) -> str:
    """The code of a refusal, empty for a success."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def done_as(operations: Sequence[str], change: Callable[[Any], Any]) -> Change:
    """What successes of these operations hold under `data`, otherwise."""
    return answered(
        operations,
        lambda answer: answer._replace(
            body={**answer.body, "data": change(copies.deepcopy(answer.body["data"]))}
        ),
        is_done,
    )


def failed_as(
    operations: Sequence[str], code: str, change: Callable[[ApiResponse], ApiResponse]
) -> Change:
    """Refusals of these operations with that code, sent otherwise."""
    return answered(operations, change, lambda answer: code_of(answer) == code)


def refused_as(
    check: str,
    change: Callable[[ApiResponse], ApiResponse],
    kind: Kind | None = None,
    *,
    operations: Sequence[str] = (),
) -> Change:
    """What one check refuses (of peers, of one kind), sent otherwise than refused."""

    def around(inner: Callable[..., Any], *args: Any, **named: Any) -> Any:
        try:
            return inner(*args, **named)
        except Refusal as problem:
            if kind is None or args[0] == kind:
                problem.add_note(DEPARTS)
            raise

    def whole(problem: Refusal, healthy: Behaviours) -> ApiResponse:
        told = ApiResponse(
            healthy.status_of(problem), healthy.headers_of(problem), healthy.show_refusal(problem)
        )
        return change(told) if DEPARTS in getattr(problem, "__notes__", ()) else told

    def tell(healthy: Behaviours) -> Behaviours:
        return replace(
            healthy,
            status_of=lambda problem: whole(problem, healthy).status,
            headers_of=lambda problem: whole(problem, healthy).headers,
            show_refusal=lambda problem: whole(problem, healthy).body,
        )

    checked = during(operations, check, around) if operations else wrapped(check, around)
    return together(checked, tell)


def status(number: int) -> Callable[[ApiResponse], ApiResponse]:
    """The same with another status."""
    return lambda answer: answer._replace(status=number)


def code(name: str) -> Callable[[ApiResponse], ApiResponse]:
    """The same error by another code."""

    def change(answer: ApiResponse) -> ApiResponse:
        error = {**answer.body["error"], "code": name}
        return answer._replace(body={**answer.body, "error": error})

    return change


def body(content: Any) -> Callable[[ApiResponse], ApiResponse]:
    """The same status with another body."""
    return lambda answer: answer._replace(body=content)


def text(content: str, kind: str = "text/plain") -> Callable[[ApiResponse], ApiResponse]:
    """The same status with words instead of JSON."""
    return lambda answer: ApiResponse(
        answer.status, {**answer.headers, "Content-Type": kind}, content.encode()
    )


PAGE = "<!doctype html><html><body><h1>Something went wrong</h1></body></html>"


# --- what requests may hold ---------------------------------------------------------------------


def amended(pointer: str, value: Any) -> Change:
    """Requests judged by a document that says `value` at that place (`a/b/c`)."""
    *steps, last = pointer.split("/")

    def around(inner: Callable[..., Body], name: str, document: Body) -> Body:
        written = inner(name, document)
        if name != "openapi":
            return written
        written = copies.deepcopy(written)
        place = reduce(lambda node, step: node[step], steps, written)
        place[last] = value
        return written

    return wrapped("document", around)


Act = Callable[[Call], Any]


def no_tags(reason: str) -> BadRequest:
    """The refusal of tags."""
    return BadRequest({"tags": [reason]})


# --- what the verbs do, and to whom -------------------------------------------------------------


def undone(verb: str, kind: Kind) -> Change:
    """A verb that does nothing to conversations of one kind, and says that it did."""

    def around(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, *rest: Any) -> Any:
        if copy.kind != kind:
            return do(uow, copy, *rest)
        return copy._replace(tags=rest[0]) if verb == "update_tags" else None

    return wrapped(verb, around)


Others = Callable[[UnitOfWork, Copy], list[Copy]]


def done_to_others_too(verb: str, others: Others, kind: Kind | None = None) -> Change:
    """A verb that is done to other copies as well."""

    def around(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, *rest: Any) -> Any:
        if kind in (None, copy.kind):
            for other in others(uow, copy):
                do(uow, other, *_elsewhere(verb, rest))
        return do(uow, copy, *rest)

    return wrapped(verb, around)


def done_to_others_instead(verb: str, others: Others, kind: Kind | None = None) -> Change:
    """A verb that is done to other copies, not to the caller's."""

    def around(do: Callable[..., Any], uow: UnitOfWork, copy: Copy, *rest: Any) -> Any:
        if kind not in (None, copy.kind):
            return do(uow, copy, *rest)
        for other in others(uow, copy):
            do(uow, other, *rest)
        return copy._replace(tags=rest[0]) if verb == "update_tags" else None

    return wrapped(verb, around)


def _elsewhere(verb: str, rest: tuple[Any, ...]) -> tuple[Any, ...]:
    """What else a verb gets for another conversation: a place in this one says nothing there."""
    return (None,) if verb.startswith("mark_") else rest


def callers_others(uow: UnitOfWork, copy: Copy) -> list[Copy]:
    """The caller's copies of other conversations of the same kind."""
    table = schema.copies.c
    peers = select(table.peer).where(
        table.uid == copy.owner, table.kind == copy.kind, table.peer != copy.peer
    )
    found = [_look(uow, copy.owner, copy.kind, peer) for (peer,) in uow.conn.execute(peers).all()]
    return [each for each in found if each is not None]


def other_parties(uow: UnitOfWork, copy: Copy) -> list[Copy]:
    """The copies that the other parties have of the same conversation."""
    table = schema.copies.c
    owners = select(table.uid).where(
        table.conversation_id == copy.conversation, table.uid != copy.owner
    )
    peer = copy.owner if copy.kind == "user" else copy.peer
    found = [_look(uow, owner, copy.kind, peer) for (owner,) in uow.conn.execute(owners).all()]
    return [each for each in found if each is not None]


def _look(uow: UnitOfWork, owner: str, kind: Kind, peer: str) -> Copy | None:
    return uow.lookup.find(uow.conn, owner, kind=kind, peer=peer).copy


def invented(caller: str, kind: Kind, peer: str) -> Copy:
    """A copy of a conversation that never was, in which nothing was said."""
    now = 1_790_000_000
    named = "somebody"
    return Copy(
        owner=caller,
        kind=kind,
        peer=peer,
        conversation=0,
        unread_count=0,
        read_seq=0,
        last_seq=0,
        hidden_seq=-1,
        created_at=now,
        updated_at=now,
        tags=(),
        peer_is=User(peer, named, now) if kind == "user" else Group(peer, named, "public", now),
    )
