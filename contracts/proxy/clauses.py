"""The clauses that one request and its answer can show: each check says what it saw.

A clause that needs two calls, or data of its own, is not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from duologue import openapi
from duologue.contracts.clause import REGISTRY, Basis, Clause
from duologue.contracts.context.expectations import clipped, shown
from duologue.contracts.http.gateways import refuses_for_the_api
from duologue.contracts.http.response import Response
from duologue.contracts.http.response_schemas import SPEAK_OF_SHAPE, shapes
from duologue.contracts.http.retry import AWAY_STATUSES
from duologue.contracts.proxy.exchange import ReadExchange
from duologue.contracts.proxy.requests import RequestSchemas

DOCUMENT = "document.answers-follow-it"
ENVELOPE = "errors.envelope"
REQUESTS = "traffic.requests-follow-the-document"
LIST = "listConversations"


@dataclass(frozen=True, slots=True)
class Observation:
    """What an exchange shows of a clause; without an ``actual`` that it holds."""

    clause_id: str
    title: str = ""
    expected: str = ""
    actual: str | None = None


Check = Callable[[ReadExchange], Iterator[Observation]]


def observations(
    exchange: ReadExchange, requests: RequestSchemas, first: Response | None = None
) -> Iterator[Observation]:
    """Yield what the exchange shows of each clause that it speaks of.

    An answer of a gateway's own shows nothing of the API. ``first`` is the first answer of the
    API's own, which helps to tell them apart.
    """
    yield from _request(exchange, requests)
    if not exchange.is_readable or _is_of_a_gateway(exchange.answer, first):
        return
    for check in (_status, _refusal, _shape, _key, _caller):
        yield from check(exchange)
    if exchange.operation.id == LIST and exchange.status == 200:
        for check in (_page_size, _filters, _tags, _order, _ids):
            yield from check(exchange)


@cache
def speaking() -> dict[str, Clause]:
    """Return the clauses that an exchange can show, by their ids, in the order of the list."""
    names = (DOCUMENT, ENVELOPE, *SPEAK_OF_SHAPE, *OF_LISTS, *OF_ACCESS)
    own = Clause(
        REQUESTS,
        "What the target answers as done is a request that the document describes.",
        "The whole page",
        Basis.INFERRED,
        tuple(row.id for row in openapi.operations()),
        lambda _: None,
    )
    return {**{name: each for name, each in REGISTRY.items() if name in names}, REQUESTS: own}


def _is_of_a_gateway(answer: Response, first: Response | None) -> bool:
    """Return whether a gateway refused in a form of its own, or says that the target is away."""
    is_away = answer.status in AWAY_STATUSES and not answer.error
    return is_away or refuses_for_the_api(answer, first)


def _request(exchange: ReadExchange, requests: RequestSchemas) -> Iterator[Observation]:
    """Check that a request outside the document was refused."""
    if not exchange.is_done:
        return
    undescribed = list(requests.undescribed(exchange))
    if not undescribed:
        yield Observation(REQUESTS)
    for each in undescribed:
        title = f"{exchange.operation.id}: {each.place}"
        actual = f"{clipped(each.actual)}, answered {exchange.status}"
        yield Observation(each.clause_id or REQUESTS, title, clipped(each.rule), actual)


def _status(exchange: ReadExchange) -> Iterator[Observation]:
    name, answer = exchange.operation.id, exchange.answer
    if str(exchange.status) not in _statuses()[name]:
        expected = "one of " + ", ".join(sorted(_statuses()[name]))
        yield Observation(DOCUMENT, f"{name}: status {exchange.status}", expected, str(answer))
    elif exchange.is_done and answer.body is None:
        yield Observation(DOCUMENT, f"{name}: the body", "JSON with data", str(answer))


@cache
def _statuses() -> dict[str, frozenset[str]]:
    return {
        operation["operationId"]: frozenset(operation["responses"])
        for item in openapi.load()["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    }


def _refusal(exchange: ReadExchange) -> Iterator[Observation]:
    if not 400 <= exchange.status < 500:
        return
    error, title = exchange.answer.error, f"{exchange.operation.id}: the envelope of a refusal"
    if all(isinstance(error.get(name), str) and error[name] for name in ("code", "message")):
        yield Observation(ENVELOPE)
    else:
        expected = "an object under error, with code and message as strings, not empty"
        yield Observation(ENVELOPE, title, expected, clipped(exchange.answer.text))


def _shape(exchange: ReadExchange) -> Iterator[Observation]:
    if exchange.status != 200 or exchange.answer.body is None:
        return
    name, broken = exchange.operation.id, set[str]()
    for each in shapes().violations(name, exchange.answer.body):
        clause_id = each.clause_id or DOCUMENT
        broken.add(clause_id)
        yield Observation(clause_id, f"{name}: {each.place}", each.rule, clipped(each.actual))
    for clause_id in {DOCUMENT, *_seen(exchange)} - broken:
        yield Observation(clause_id)


def _seen(exchange: ReadExchange) -> Iterator[str]:
    """Yield the clauses on shapes whose property the answer shows."""
    data = exchange.answer.data
    if exchange.operation.id == LIST and isinstance(exchange.answer.body, dict):
        meta = exchange.answer.body.get("meta")
        if isinstance(meta, dict) and "pagination" in meta:
            yield "listing.pagination-adds-up"
    row = exchange.rows[0] if exchange.rows else data if isinstance(data, dict) else {}
    if isinstance(row.get("conversation"), dict):
        row = row["conversation"]
    for name, clauses in PROPERTIES.items():
        if name in row:
            yield from clauses


PROPERTIES = {
    "conversationId": (
        "properties.conversation-id-is-a-string",
        "properties.conversation-id-format",
    ),
    "conversationType": ("properties.conversation-type",),
    "unreadMessageCount": ("properties.unread-message-count-is-an-integer",),
    "lastMessage": ("properties.last-message-is-an-object",),
    "conversationWith": ("properties.conversation-with-is-an-object",),
    "createdAt": ("properties.created-at-is-unix-seconds",),
    "updatedAt": ("properties.updated-at-is-unix-seconds",),
    "tags": ("key-behaviors.at-most-25-tags", "key-behaviors.tags-up-to-100-characters"),
}
OF_ACCESS = ("access.key-required", "access.caller-required")
OF_LISTS = (
    "listing.page-size",
    "listing.default-page-size",
    "listing.conversation-type-filter",
    "listing.unread-filter",
    "listing.tags-only-on-request",
    "listing.newest-first",
    "properties.conversation-id-is-unique",
)


def _key(exchange: ReadExchange) -> Iterator[Observation]:
    if exchange.has_key:
        return
    is_refused = exchange.status in (401, 403)
    title = f"{exchange.operation.id}: no key"
    yield _observed("access.key-required", is_refused, title, "401 or 403", exchange.answer)


def _caller(exchange: ReadExchange) -> Iterator[Observation]:
    # A token names its user, and stands for onBehalfOf.
    is_named = exchange.headers.get("onbehalfof") or exchange.headers.get("authtoken")
    if is_named or exchange.operation.id == LIST or exchange.status >= 500:
        return
    title = f"{exchange.operation.id}: no caller in onBehalfOf"
    is_refused = 400 <= exchange.status < 500
    yield _observed("access.caller-required", is_refused, title, "4xx", exchange.answer)


def _page_size(exchange: ReadExchange) -> Iterator[Observation]:
    asked = exchange.query.get("perPage")
    if asked is not None and not (asked.isdecimal() and len(asked) <= 4):
        return
    clause_id = "listing.page-size" if asked else "listing.default-page-size"
    most = int(asked) if asked else 100
    if 1 <= most <= 1000:
        rows = len(exchange.rows)
        title = f"{LIST}: rows of a page"
        yield _observed(clause_id, rows <= most, title, f"at most {most}", rows)


def _filters(exchange: ReadExchange) -> Iterator[Observation]:
    kind = exchange.query.get("conversationType")
    if kind and exchange.rows:
        kinds = sorted({str(row.get("conversationType")) for row in exchange.rows})
        title = f"{LIST}: conversationType={kind}"
        clause_id = "listing.conversation-type-filter"
        yield _observed(clause_id, kinds == [kind], title, f"only {kind}", kinds)
    counts = [row.get("unreadMessageCount") for row in exchange.rows]
    if exchange.query.get("unread") == "true" and counts:
        title = f"{LIST}: unread=true"
        clause_id = "listing.unread-filter"
        yield _observed(clause_id, 0 not in counts, title, "no row with count 0", counts)


def _tags(exchange: ReadExchange) -> Iterator[Observation]:
    if exchange.query.get("withTags", "false") == "false" and exchange.rows:
        shown_tags = [row["tags"] for row in exchange.rows if "tags" in row]
        title = f"{LIST}: tags without withTags"
        clause_id = "listing.tags-only-on-request"
        yield _observed(clause_id, not shown_tags, title, "no tags in a row", shown_tags)


def _order(exchange: ReadExchange) -> Iterator[Observation]:
    times = [row.get("updatedAt") for row in exchange.rows]
    numbers = [each for each in times if isinstance(each, int)]
    if len(numbers) > 1 and len(numbers) == len(times) and exchange.headers.get("onbehalfof"):
        is_sorted = numbers == sorted(numbers, reverse=True)
        title = f"{LIST}: the order of updatedAt"
        yield _observed("listing.newest-first", is_sorted, title, "the newest first", numbers)


def _ids(exchange: ReadExchange) -> Iterator[Observation]:
    ids = [str(row.get("conversationId")) for row in exchange.rows]
    if len(ids) > 1 and exchange.headers.get("onbehalfof"):
        twice = (
            sorted({each for each in ids if ids.count(each) > 1}) if len(ids) != len({*ids}) else []
        )
        title = f"{LIST}: conversationId"
        clause_id = "properties.conversation-id-is-unique"
        yield _observed(clause_id, not twice, title, "each once", twice)


def _observed(clause_id: str, holds: bool, title: str, expected: str, actual: Any) -> Observation:
    return Observation(clause_id, title, expected, None if holds else shown(actual))
