"""Test data that is created once for all faults of a drill."""

from duologue.contracts.context.target_data import IdGenerator
from duologue.contracts.drill.recorded_provisioning import (
    RecordedPool,
    RecordedProvisioning,
    RecordedRequest,
)


def test_a_pool_returns_each_id_once_and_in_its_context_only():
    pool = RecordedPool([RecordedRequest("a", "user", "Ana", f"ana-{n}", print) for n in (1, 2)])
    pool.fill()

    taken = [pool.take("a", "user", "Ana") for _ in range(3)]
    assert taken == ["ana-1", "ana-2", None]
    assert pool.take("b", "user", "Ana") is None
    pool.fill()
    assert pool.take("a", "user", "Ana") == "ana-1"


class RecordingTargetData:
    """Target data that only records what is created."""

    def __init__(self, token):
        self.names, self.created = IdGenerator(token), []

    def user(self, name, *, uid, **fields):
        self.created.append(("user", uid, name, fields))

    def group(self, owner, members, *, guid, **fields):
        self.created.append(("group", guid, owner, members, fields))


def provisioning(pool, *, is_recording, token="t"):
    return RecordedProvisioning(
        RecordingTargetData(token), pool, "a context", IdGenerator("ids"), is_recording
    )


def test_recorded_data_is_not_created_again():
    """The second run gets the same ids, in whatever order it asks."""
    pool = RecordedPool()
    first = provisioning(pool, is_recording=True)
    ana, bo = first.user("Ana"), first.user("Bo", tags=["x"])
    club = first.group(ana, [bo], name="Club")
    pool.fill()
    again = provisioning(pool, is_recording=False)

    assert again.user("Bo", tags=["x"]) == bo
    assert again.user("Ana") == ana
    assert again.group(ana, [bo], name="Club") == club
    assert again.records.created == []


def test_data_that_was_not_recorded_is_created():
    """Under a fault a clause may ask for more than was recorded."""
    pool = RecordedPool()
    uid = provisioning(pool, is_recording=True).user("Ana")
    pool.fill()
    more = provisioning(pool, is_recording=False, token="later")
    taken = [more.user("Ana"), more.user("Ana"), more.user("Ana", tags=["x"])]

    assert taken[0] == uid
    assert len(set(taken)) == 3
    assert [name for _, *name in more.records.created] == [
        [taken[1], "Ana", {}],
        [taken[2], "Ana", {"tags": ["x"]}],
    ]


def test_a_recorded_request_can_be_repeated():
    """Recorded data is created once more for the state that every fault begins with."""
    pool = RecordedPool()
    uid = provisioning(pool, is_recording=True).user("Ana")
    target_data = RecordingTargetData("t")
    for request in pool.requests:
        request.create(target_data)

    assert target_data.created == [("user", uid, "Ana", {})]
