"""Test data for one check: users, groups and messages, made on the target and removed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from duologue.contracts.context.findings import Roles
from duologue.contracts.context.new_users import empty_list
from duologue.contracts.context.target_data import SIDE_BY_SIDE, SentMessage, TargetData
from duologue.contracts.errors import NotStaged
from duologue.contracts.http.response import Response


class Provisioning(Protocol):
    """Makes the users, groups and messages that a check needs."""

    @property
    def roles(self) -> Roles:
        """What the ids of this run stand for."""

    def user(self, name: str = "Someone", **fields: Any) -> str:
        """Make a user; return the uid."""

    def require_empty_lists(self) -> None:
        """Raise NotStaged where new users have conversations that the run may not delete."""

    def users(self, count: int) -> list[str]:
        """Make that many users; return their uids."""

    def group(self, owner: str, members: Sequence[str] = (), **fields: Any) -> str:
        """Make a group; return the guid."""

    def join(self, guid: str, members: Sequence[str]) -> None:
        """Add members to a group."""

    def kick(self, guid: str, uid: str) -> None:
        """End a membership."""

    def send(
        self, sender: str, *, kind: str, to: str, more: Mapping[str, Any] | None = None
    ) -> SentMessage:
        """Send a message whose text nobody else wrote, with further fields where there are any."""

    def greet(self, sender: str, uids: Sequence[str]) -> None:
        """Send a message to each of these users."""

    def unsend(self, message: SentMessage, *, forever: bool = False) -> Response:
        """Return the answer to deleting a message as its sender."""

    def fresh_id(self) -> str:
        """Return an id that nobody has."""

    def number_apart(self, word: str) -> None:
        """Count this check's ids from here on by themselves: the same ones in every run."""

    def teardown(self) -> list[str]:
        """Remove what was made; return what could not be removed, by kind and id."""


@dataclass(slots=True)
class CreatedData:
    """New users, groups and messages, removed with the check.

    ``given`` is how many conversations the target gives each new user.
    """

    records: TargetData
    given: int = field(default=0, kw_only=True)

    @property
    def roles(self) -> Roles:
        """What the ids of this run stand for."""
        return self.records.names.roles

    def user(self, name: str = "Someone", **fields: Any) -> str:
        """Make a user, who has no conversation yet; return the uid.

        Conversations that the target gives stay where the run calls no deprecated operation.
        """
        uid, records = self.records.user(name, **fields), self.records
        if self.given and self._may_empty_lists:
            empty_list(
                records.client, uid, given=self.given, lag_s=records.lag_s, sleep=records.sleep
            )
        return uid

    @property
    def _may_empty_lists(self) -> bool:
        return self.records.client.may_call("deleteConversation")

    def require_empty_lists(self) -> None:
        """Raise NotStaged where new users have conversations that the run may not delete."""
        if self.given and not self._may_empty_lists:
            raise NotStaged(
                f"the target gives each new user {self.given} of its own conversations, which only"
                " the deprecated deleteConversation removes: this run does not call it"
            )

    def users(self, count: int) -> list[str]:
        """Make that many users, side by side; return their uids."""
        return self.records.users(count)

    def group(self, owner: str, members: Sequence[str] = (), **fields: Any) -> str:
        """Make a public group; return the guid."""
        return self.records.group(owner, members, **fields)

    def join(self, guid: str, members: Sequence[str]) -> None:
        """Add members to a group."""
        self.records.join(guid, members)

    def kick(self, guid: str, uid: str) -> None:
        """End a membership."""
        self.records.kick(guid, uid)

    def send(
        self, sender: str, *, kind: str, to: str, more: Mapping[str, Any] | None = None
    ) -> SentMessage:
        """Send a message whose text nobody else wrote, with further fields where there are any."""
        text = f"line {self.records.names.fresh()}"
        return self.records.send(sender, kind=kind, to=to, text=text, more=more or {})

    def greet(self, sender: str, uids: Sequence[str]) -> None:
        """Send a message to each of these users, side by side."""
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            list(pool.map(lambda uid: self.send(sender, kind="user", to=uid), uids))

    def unsend(self, message: SentMessage, *, forever: bool = False) -> Response:
        """Return the answer to deleting a message as its sender."""
        return self.records.unsend(message, forever=forever)

    def fresh_id(self) -> str:
        """Return an id that nobody has."""
        return self.records.names.fresh()

    def number_apart(self, word: str) -> None:
        """Count this check's ids from here on by themselves: the same ones in every run."""
        self.records.names = self.records.names.apart(word)

    def teardown(self) -> list[str]:
        """Remove what was made; return what could not be removed, by kind and id."""
        return self.records.teardown()
