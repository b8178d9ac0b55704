"""The list of conversations: of one caller, or of the whole app.

Statements are built once for each combination of filters (see `list_statements`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any

from sqlalchemy.engine import Connection

from duologue.mockserver.domain.model import Copy, Filters, Page, User
from duologue.mockserver.store import list_statements, people, rows
from duologue.mockserver.store.criteria import Criteria
from duologue.mockserver.store.list_form import Form
from duologue.mockserver.store.prepared import PreparedStatement, Row
from duologue.mockserver.store.tags import key, unpack

_COPY_FIELDS = (
    "uid", "kind", "peer", "conversation_id", "unread_count", "read_seq", "last_seq", "hidden_seq",
    "began_at", "moved_at", "copy_tags", "scope", "joined_at", "delivered_seq",
    "unread_mentions", "last_read_id",
)  # fmt: skip
_PEER_AT = len(_COPY_FIELDS) + 1  # after the copy and the place of its last message
_GROUP_AT = _PEER_AT + len(rows.USER_FIELDS)
_MESSAGE_AT = _GROUP_AT + len(rows.GROUP_FIELDS)
_SENDER_AT = _MESSAGE_AT + len(rows.MESSAGE_FIELDS)
_TOTAL_AT = _SENDER_AT + len(rows.USER_FIELDS)
_KEPT_STATEMENTS = 256  # one for each combination of filters met, and of how many tags


@dataclass(slots=True)
class Listing:
    """Pages of conversations by one set of criteria."""

    by: Criteria
    _kept: dict[Form, tuple[PreparedStatement, PreparedStatement]] = field(default_factory=dict)

    def page(
        self,
        conn: Connection,
        caller: str | None,
        *,
        wanted: Filters,
        per_page: int,
        number: int,
        owner: User | None = None,
    ) -> Page[Copy]:
        """Return a page of the caller's copies; without a caller, of all copies in the app.

        `owner` is the caller as a user, if it is known; else it is looked up.
        """
        take, skip = self.by.page_bounds(per_page, number)
        form = Form.of(self.by, caller, wanted=wanted, is_deep=skip > 0)
        statement, counting = self._statements(form)
        values = _values(caller, wanted) | {"take": take, "skip": skip, "reach": take + skip}
        found = statement.all(conn, values)
        total = found[0][_TOTAL_AT] if found else counting.value(conn, values)
        owners = people.Known(conn, () if owner is None else (owner,))
        copies = (_copy(row[:_TOTAL_AT], owners.user(row[0])) for row in found)
        return Page(tuple(map(owners.copy_with_mentioned, copies)), total, per_page, number)

    def _statements(self, form: Form) -> tuple[PreparedStatement, PreparedStatement]:
        kept = self._kept.get(form)
        if kept is None:
            if len(self._kept) >= _KEPT_STATEMENTS:
                self._kept.clear()
            page, count = list_statements.build(self.by, form)
            kept = self._kept[form] = (PreparedStatement(page), PreparedStatement(count))
        return kept


def listing_by(by: Criteria) -> Listing:
    """Return the listing by these criteria; equal criteria share their built statements."""
    return _listing(*(getattr(by, each.name) for each in fields(Criteria)))


@lru_cache(maxsize=8)
def _listing(*criteria_: Any) -> Listing:
    return Listing(Criteria(*criteria_))


def _values(caller: str | None, wanted: Filters) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if caller is not None:
        values["caller"] = caller
    if wanted.conversation_type is not None:
        values["type"] = wanted.conversation_type
    if wanted.search_key is not None:
        values["search"] = wanted.search_key.casefold()
    for name in ("tags", "user_tags", "group_tags"):
        tags = getattr(wanted, name) or ()
        values.update({f"{name}_{place}": key(tag) for place, tag in enumerate(tags)})
    return values


@lru_cache(maxsize=2048)  # most rows of a page were seen before; a hit costs 3 us, a miss 15 us
def _copy(row: Row, owner: User | None) -> Copy:
    """Return the copy that a row holds: a pure function, so equal rows share one copy."""
    user, group = rows.to_user(row[_PEER_AT:_GROUP_AT]), rows.to_group(row[_GROUP_AT:_MESSAGE_AT])
    peer_is = user or group
    if peer_is is None:  # a copy goes with its peer; it takes a broken database to come here
        raise LookupError(f"the copy of {row[0]} names {row[1]} {row[2]}, which is not there")
    last_message = rows.to_message(row[_MESSAGE_AT:_SENDER_AT])
    if last_message is not None:
        sender = rows.to_user(row[_SENDER_AT:_TOTAL_AT])
        receiver = group or (user if last_message.sender == row[0] else owner)
        last_message = last_message._replace(sender_is=sender, receiver_is=receiver)
    return Copy(*row[:10], unpack(row[10]), peer_is, *row[11:17], last_message)  # type: ignore[call-arg]
