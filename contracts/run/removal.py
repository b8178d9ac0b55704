"""Check that a target removes what is made there, before a run makes hundreds of things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from duologue.contracts.context.target_data import LOOKUPS, TargetData
from duologue.contracts.errors import AnswersCached, ContractsError, RunNotMade
from duologue.contracts.failed_call import NO_ANSWER
from duologue.contracts.http.gateways import is_from_a_cache
from duologue.contracts.run.cleanup import PAUSE_S, still_there

REMOVAL = "deleteUser"
Once = Callable[[Callable[[], str]], str]  # see RemovalCheck


class RemovalRefused(RunNotMade):
    """The target keeps what is removed, and nobody said that it may stay there."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(
            f"the target does not remove what a run makes: {problem}: use a key that may remove"
            " users, or let what the run makes stay there with --allow-leftovers"
        )


def directly(check: Callable[[], str]) -> str:
    """Return what the check returns: nobody else makes it."""
    return check()


@dataclass(slots=True)
class RemovalCheck:
    """Makes one user, removes it and looks whether it is gone.

    ``data`` is for this user alone. ``is_allowed`` where what the run makes may stay there.
    ``once`` returns the check's problem: several processes of one run make the check once, and are
    told its problem. ``left`` tells what could not be removed, by kind and id.
    """

    data: TargetData
    is_allowed: bool = False
    once: Once = directly
    left: list[str] = field(default_factory=list)

    def run(self) -> str:
        """Return how the target keeps what is removed, fit to be shown; empty where it does not.

        A removal that got no answer says nothing about that. Raises RemovalRefused unless what the
        run makes may stay; AnswersCached where nothing can be seen of a removal; CreationRefused,
        NotReached or NotStaged where no user could be made.
        """
        problem = self.once(self._problem)
        if problem and not self.is_allowed:
            raise RemovalRefused(problem)
        return problem

    def _problem(self) -> str:
        try:
            uid = self.data.user("Somebody")
            is_shown = self._is_shown(uid)
            self.left += self.data.teardown()
        except BaseException:  # Ctrl-C in the middle of a removal, too
            self.left += self.data.teardown()
            raise
        status = self._last_status()
        if not self.left and is_shown and self._is_still_there(uid):
            self.left.append(f"user {uid} (answered {status}, and still there)")
        if not self.left or status == NO_ANSWER:
            return ""
        return self.data.client.target.hide(f"{REMOVAL} leaves {self.left[0]}")

    def _is_shown(self, uid: str) -> bool:
        """Return whether a new user shows in time: else nothing can be told by its absence."""
        client = self.data.client
        operation, name = LOOKUPS["user"]
        for _ in range(1 + round(client.target.settle_s / PAUSE_S)):
            try:
                if client.call(operation, path={name: uid}).ok:
                    return True
            except ContractsError:
                return False  # its own clauses say why
            self.data.sleep(PAUSE_S)
        return False

    def _is_still_there(self, uid: str) -> bool:
        """Return whether a removed user stays, on a target that does not show any id as a user.

        Raises AnswersCached where it is a cache that shows the user.
        """
        client = self.data.client
        if not still_there(client, {"user": uid}, sleep=self.data.sleep):
            return False
        operation, name = LOOKUPS["user"]
        try:
            found = client.call(operation, path={name: uid})
            is_any_shown = client.call(operation, path={name: self.data.names.fresh()}).ok
        except ContractsError:
            return True
        if found.ok and is_from_a_cache(found):
            raise AnswersCached(operation)
        return not is_any_shown

    def _last_status(self) -> int:
        """Return the status of the last removal, NO_ANSWER where none was answered."""
        calls = [each for each in self.data.client.calls if each.operation_id == REMOVAL]
        return calls[-1].status if calls else NO_ANSWER
