"""Worlds of any size: lazy, and each a prefix of larger ones."""

from collections import Counter
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duologue.fixtures.errors import ImpossibleWorld
from duologue.fixtures.sized import LONGEST_LIST, sized

users = st.integers(min_value=2, max_value=40)
messages = st.integers(min_value=0, max_value=200)
groups = st.integers(min_value=0, max_value=5)


@given(few=users, more=users)
def test_few_users_are_the_first_of_many(few, more):
    """users=100 is a prefix of users=100000."""
    few, more = sorted((few, more))
    small, large = (list(sized(users=count, messages=0).users) for count in (few, more))

    assert large[:few] == small


def test_a_hundred_users_are_the_first_of_a_hundred_thousand():
    """The rows of a large world are created on iteration."""
    large = sized(users=100_000, messages=1_000_000).users

    assert list(islice(large, 100)) == list(sized(users=100, messages=0).users)


@given(people=users, few=messages, more=messages, group_count=groups)
def test_few_messages_are_the_first_of_many(people, few, more, group_count):
    """With the same users, fewer messages are a prefix of more."""
    few, more = sorted((few, more))
    small, large = (
        list(sized(users=people, messages=count, groups=group_count, conversations=1).messages)
        for count in (few, more)
    )

    assert large[:few] == small


@given(conversations=st.integers(min_value=1, max_value=40), count=messages, group_count=groups)
def test_every_other_dm_is_read_by_both_sides(census, conversations, count, group_count):
    """Both users have a copy without unread messages."""
    world = sized(users=10, messages=count, groups=group_count, conversations=conversations)
    facts = census(world)
    pairs = {frozenset((n.sender, n.receiver)) for n in facts.notes if n.receiver_type == "user"}

    assert all(facts.unread(copy.uid, copy.peer) == 0 for copy in facts.copies.values())
    assert len(facts.copies) == 2 * ((len(pairs) + 1) // 2)


def test_no_pair_is_repeated():
    """All requested conversations exist: 40 users have at most 39 + 39 * 19."""
    world = sized(users=40, messages=780, conversations=780)
    pairs = Counter(frozenset((note.sender, note.receiver)) for note in world.messages)

    assert len(pairs) == 780
    assert set(pairs.values()) == {1}


def test_user_0_has_a_long_list():
    """User 0 has conversations with all users up to a limit, so that deep pages exist."""
    world = sized(users=5000, messages=10_000)
    first = next(iter(world.users)).uid
    peers = {
        n.sender if n.receiver == first else n.receiver
        for n in world.messages
        if first in (n.sender, n.receiver)
    }

    assert len(peers) == LONGEST_LIST


def test_a_group_of_300_is_among_the_groups():
    """Groups come in many sizes, so that sending to a large one can be measured."""
    world = sized(users=400, messages=0, groups=16)

    assert sorted({len(circle.members) for circle in world.groups}) == [2, 3, 5, 8, 12, 20, 50, 300]


@pytest.mark.parametrize(
    "size",
    [
        {"users": -1, "messages": 0},
        {"users": 1, "messages": 1},
        {"users": 0, "messages": 0, "groups": 1},
        {"users": 40, "messages": 1, "conversations": 781},
        {"users": 40, "messages": 1, "conversations": 0},
    ],
)
def test_sizes_that_do_not_go_together_are_refused(size):
    """Messages need two users, and 40 users have a limited number of pairs."""
    with pytest.raises(ImpossibleWorld):
        sized(**size)
