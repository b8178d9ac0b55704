"""Histories of concurrent clients on one conversation, judged for linearisability.

A history is linearisable if its requests can be put in one order in which each lies between its
beginning and its end, and each answer is what one request after the other would get. The search is
that of Wing and Gong, with what was tried once not tried again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from random import Random
from typing import Any, NamedTuple

from support.waiting import WITHIN_S

VERBS = (
    ("send",) * 4 + ("get",) * 4 + ("read", "read", "unread", "unread", "tags", "tags", "delete")
)
MOST_TRIED = 50_000  # points; a history of 50 requests of 8 clients takes some hundreds
# Of a dense one up to 200,000 points were needed; they take 0.4 GB.
MOST_TRIED_BY_ID = 300_000
View = tuple[int, str | None, tuple[str, ...]]  # unread count, id of the last message, tags
GONE = "gone"  # answered that there is no such conversation
DONE = "done"


class Request(NamedTuple):
    """One request of a history and its answer: a view, a message's id, `DONE` or `GONE`."""

    owner: str
    verb: str
    tags: tuple[str, ...]
    began: int
    ended: int
    answer: Any


class Copy(NamedTuple):
    """One party's copy: up to which message it is read and deleted, and its tags."""

    read: int = 0
    hidden: int = -1
    tags: tuple[str, ...] = ()


Messages = tuple[tuple[str, str], ...]  # id and sender of each
Configuration = tuple[frozenset[int], Copy]  # what has had its effect and not yet ended


class Undecided(Exception):
    """The search was given up: a longer or denser history than it is made for."""


class _Node(NamedTuple):
    """A point of the search: so many requests have ended, so each copy may be."""

    ended: int
    messages: Messages
    copies: tuple[frozenset[Configuration], ...]  # by owner


def unexplained(history: Sequence[Request]) -> Request | None:
    """Return the request that no order explains, the latest of all attempts; None if one does.

    What a request does to a copy is seen in that copy alone, and messages in all: so only the order
    of messages is searched, and each copy has the set of what it may be. A request takes effect
    just before some request ends; earlier is no different. The order of the messages' ids is tried
    first, since most servers number them in the order in which they store them. Raise Undecided.
    """
    ends = sorted(history, key=lambda one: one.ended)
    owners = sorted({one.owner for one in history})
    by_id = sorted((one.answer for one in history if one.verb == "send"), key=int)
    with suppress(Undecided):
        if _searched(ends, owners, by_id, most=MOST_TRIED_BY_ID) is None:
            return None
    return _searched(ends, owners, (), most=MOST_TRIED)


def _searched(
    ends: Sequence[Request], owners: Sequence[str], order: Sequence[str], *, most: int
) -> Request | None:
    """Search so many points, with the messages in this order, or in any for none."""
    stack = [_Node(0, (), (frozenset({(frozenset(), Copy())}),) * len(owners))]
    seen, furthest = set(stack), 0
    while stack:
        node = stack.pop()
        if node.ended == len(ends):
            return None
        furthest = max(furthest, node.ended)
        for then in _following(node, ends, owners, order):
            if then not in seen:
                seen.add(then)
                stack.append(then)
        if len(seen) > most:
            raise Undecided
    return ends[furthest]


def _following(
    node: _Node, ends: Sequence[Request], owners: Sequence[str], order: Sequence[str]
) -> Iterator[_Node]:
    """Yield what may come next, the most likely last: a message, or the end of a request."""
    now = ends[node.ended].ended
    pending = [place for place in range(node.ended, len(ends)) if ends[place].began <= now]
    node = node._replace(
        copies=tuple(
            _settled(copies, node.messages, [(n, ends[n]) for n in pending if ends[n].owner == who])
            for who, copies in zip(owners, node.copies, strict=True)
        )
    )
    sent = {number for number, _ in node.messages}
    next_one = order[len(sent) : len(sent) + 1]  # none after the last, and in any order
    waiting = [one for one in map(ends.__getitem__, pending) if one.verb == "send"]
    for request in sorted(waiting, key=lambda one: -int(one.answer)):  # the least likely first
        if request.answer not in sent and (not order or request.answer in next_one):
            message = (request.answer, request.owner)
            yield node._replace(messages=(*node.messages, message))
    end = ends[node.ended]
    if end.verb == "send":
        if end.answer in sent:
            yield node._replace(ended=node.ended + 1)
        return
    at = owners.index(end.owner)
    left = {(done - {node.ended}, copy) for done, copy in node.copies[at] if node.ended in done}
    if left:
        copies = (*node.copies[:at], frozenset(left), *node.copies[at + 1 :])
        yield _Node(node.ended + 1, node.messages, copies)


def _settled(
    copies: frozenset[Configuration], messages: Messages, pending: list[tuple[int, Request]]
) -> frozenset[Configuration]:
    """Return what a copy may be once any of its requests under way have had their effect."""
    found, todo = set(copies), list(copies)
    while todo:
        done, copy = todo.pop()
        for place, request in pending:
            if place in done or request.verb == "send":
                continue
            then, answer = _after(copy, messages, request)
            configuration = (done | {place}, then)
            if answer == request.answer and configuration not in found:
                found.add(configuration)
                todo.append(configuration)
    return frozenset(found)


def _after(copy: Copy, messages: Messages, request: Request) -> tuple[Copy, Any]:
    """Return the copy after a request of its owner, and the answer."""
    count, owner = len(messages), request.owner
    if count <= copy.hidden:
        return copy, GONE
    match request.verb:
        case "read":
            copy = copy._replace(read=count)
        case "unread":
            theirs = [place for place, (_, sender) in enumerate(messages) if sender != owner]
            place = min(copy.read, theirs[-1]) if theirs else copy.read
            copy = copy._replace(read=max(place, copy.hidden))
        case "delete":
            copy = Copy(count, count)
        case "tags":
            copy = copy._replace(tags=request.tags)
    if request.verb not in {"get", "tags"}:
        return copy, DONE
    unread = sum(1 for _, sender in messages[copy.read :] if sender != owner)
    return copy, (unread, messages[-1][0] if messages else None, copy.tags)


Ask = Callable[[str, str, tuple[str, ...]], Any]


def record(ask: Ask, owners: Sequence[str], *, steps: int, seed: int) -> list[Request]:
    """Return the history of one client for each of `owners`, all at once, `steps` requests each.

    `ask` sends a request of an owner, a verb and tags, and returns its answer; an owner may be
    there several times. Raise what `ask` raises.
    """
    history: list[Request] = []
    failures: list[BaseException] = []
    together = threading.Barrier(len(owners))

    def act(number: int, owner: str) -> None:
        random = Random(f"{seed} {number}")
        try:
            together.wait(WITHIN_S)
            for step in range(steps):
                verb = random.choice(VERBS)
                tags = (f"{number}-{step}",) if verb == "tags" else ()
                began = time.perf_counter_ns()
                answer = ask(owner, verb, tags)
                ended = time.perf_counter_ns()
                history.append(Request(owner, verb, tags, began, ended, answer))
        except BaseException as failure:  # told by the caller's thread
            failures.append(failure)

    threads = [threading.Thread(target=act, args=each) for each in enumerate(owners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return history


Send = Callable[[str, str, str, Any], tuple[int, Any]]


def requests_to(send: Send, peers: dict[str, tuple[str, str]]) -> Ask:
    """Return what asks an API through `send`: caller, method, path, body to status and data.

    `peers` gives each owner's side of the conversation: its kind and peer.
    """

    def ask(owner: str, verb: str, tags: tuple[str, ...]) -> Any:
        kind, peer = peers[owner]
        path = f"/{kind}s/{peer}/conversation"
        method, path, body = {
            "send": ("POST", "/messages", _message(kind, peer)),
            "get": ("GET", path, None),
            "tags": ("PUT", path, {"tags": list(tags)}),
            "read": ("POST", f"{path}/read", None),
            "unread": ("DELETE", f"{path}/read", None),
            "delete": ("DELETE", f"/conversations/{kind}_{peer}", None),
        }[verb]
        status, data = send(owner, method, path, body)
        if status == 404 and verb != "send":
            return GONE
        if status != 200:
            raise AssertionError(f"{method} {path} of {owner} was answered {status}: {data}")
        return _answer(verb, data)

    return ask


def _message(kind: str, peer: str) -> dict[str, Any]:
    return {"receiver": peer, "receiverType": kind, "data": {"text": "Hello"}}


def _answer(verb: str, data: Any) -> Any:
    if verb == "send":
        return str(data["id"])
    if verb not in {"get", "tags"}:
        return DONE
    last = data.get("lastMessage")
    return data["unreadMessageCount"], last and str(last["id"]), tuple(data.get("tags", ()))
