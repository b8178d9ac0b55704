"""The rows of built worlds."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duologue.fixtures.builder import world
from duologue.fixtures.errors import ImpossibleWorld

counts = st.integers(min_value=0, max_value=5)


def test_named_users_are_created(census):
    """Named users are created."""
    facts = census(world().dm("ana", "bo").group("hikers", members=["cleo"]).build())

    assert set(facts.people) == {"ana", "bo", "cleo"}


def test_an_introduced_user_keeps_the_given_name(census):
    """``user`` sets the name of a user."""
    facts = census(world().user("ana", "Ana Lima", tags=["vip"]).dm("ana", "bo").build())

    assert facts.people["ana"].name == "Ana Lima"
    assert facts.people["ana"].tags == ("vip",)
    assert facts.people["bo"].name == "Bo"


def test_unread_is_for_the_first_user(census):
    """``dm("ana", "bo", unread=3)``: bo sent three messages that ana has not read."""
    facts = census(world().dm("ana", "bo", unread=3).build())

    assert facts.unread("ana", "bo") == 3
    assert facts.unread("bo", "ana") == 0


@given(mine=counts, yours=counts, read=counts)
def test_each_side_of_a_dm_has_its_own_count(census, mine, yours, read):
    """Both users may have unread messages."""
    facts = census(world().dm("ana", "bo", read=read, unread={"ana": mine, "bo": yours}).build())

    assert (facts.unread("ana", "bo"), facts.unread("bo", "ana")) == (mine, yours)
    assert len(facts.messages_between("ana", "bo")) == max(read + mine + yours, 1)


def test_a_dm_without_anything_unread_has_a_message():
    """A 1-on-1 begins with its first message."""
    assert len(list(world().dm("ana", "bo").build().messages)) == 1


@given(unread=st.lists(counts, min_size=3, max_size=3), read=counts)
def test_each_member_of_a_group_has_its_own_count(census, unread, read):
    """Members that are not named have read everything."""
    named = dict(zip(("ana", "bo", "cleo"), unread, strict=True))
    members = ["ana", "bo", "cleo", "dan"]
    facts = census(world().group("hikers", members=members, read=read, unread=named).build())

    assert {uid: facts.unread(uid, "hikers") for uid in members} == named | {"dan": 0}


def test_a_number_of_unread_is_for_all_but_the_sender(census):
    """``unread=2``: the first member sent two messages."""
    facts = census(world().group("hikers", members=["ana", "bo", "cleo"], unread=2).build())

    assert [facts.unread(uid, "hikers") for uid in ("ana", "bo", "cleo")] == [0, 2, 2]


def test_a_new_group_has_no_message(census):
    """A group has no messages by default."""
    facts = census(world().group("hikers", members=["ana", "bo"]).build())

    assert facts.messages_between("ana", "hikers") == []
    assert facts.groups["hikers"].owner == "ana"


def test_a_last_message_can_be_deleted(census):
    """The newest message is deleted, earlier ones are kept."""
    builder = world().dm("ana", "bo", read=2, deleted_last=True).dm("ana", "cleo", read=1)
    before, last = census(builder.build()).messages_between("ana", "bo")

    assert before.deleted_at is None
    assert last.sent_at < last.deleted_at


def test_tags_are_the_first_ones_unless_somebody_is_named(census):
    """Tags belong to one party's copy."""
    builder = world().dm("ana", "bo", tags=["work"])
    builder.group(
        "hikers", members=["ana", "bo"], tags={"bo": ["weekend", "🥾"]}, group_tags=["out"]
    )
    facts = census(builder.build())

    assert facts.copies["ana", "user", "bo"].tags == ("work",)
    assert facts.copies["bo", "user", "ana"].tags == ()
    assert facts.copies["bo", "group", "hikers"].tags == ("weekend", "🥾")
    assert facts.groups["hikers"].tags == ("out",)


def test_single_steps(census):
    """A text, a partial read, a deletion in the middle."""
    builder = world().message("bo", "hello", to="ana").read("ana", "bo")
    builder.message("bo", "wrong chat", to="ana", deleted=True).message("bo", "again", to="ana")
    facts = census(builder.build())

    assert [note.text for note in facts.messages_between("ana", "bo")] == [
        "hello",
        "wrong chat",
        "again",
    ]
    assert [note.deleted_at is None for note in facts.notes] == [True, False, True]
    assert facts.copies["ana", "user", "bo"].read_through == 1


def test_later_steps_are_newer():
    """The order of the steps is the order of the messages."""
    notes = list(world().dm("ana", "bo", read=2).dm("ana", "cleo", unread=2).build().messages)

    assert [note.id for note in notes] == [1, 2, 3, 4]
    assert {later.sent_at - sooner.sent_at for sooner, later in pairwise(notes)} == {60}


def test_a_builder_can_be_extended_after_a_build(census):
    """A built world does not change."""
    builder = world().dm("ana", "bo")
    before = builder.build()
    builder.dm("ana", "cleo")

    assert len(list(before.messages)) == 1
    assert len(list(builder.build().messages)) == 2


@pytest.mark.parametrize(
    "build",
    [
        lambda builder: builder.user("ana").user("ana"),
        lambda builder: builder.group("hikers", members=["ana"]).group("hikers", members=["ana"]),
        lambda builder: builder.dm("ana", "ana"),
        lambda builder: builder.group("hikers", members=["ana", "bo"]).message("dan", to="hikers"),
        lambda builder: builder.group("hikers", members=["ana", "bo"], unread={"ana": 1, "bo": 1}),
        lambda builder: builder.group("hikers", members=["ana"], deleted_last=True),
    ],
    ids=["user twice", "group twice", "alone", "stranger", "nobody left", "nothing said"],
)
def test_impossible_worlds_are_refused(build):
    """Steps that no calls of the API could reach raise ImpossibleWorld."""
    with pytest.raises(ImpossibleWorld):
        build(world())


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"tags": "work"}, r"a list is needed: \['work'\]"),
        ({"tags": {"ana": "work"}}, r"a list is needed: \['work'\]"),
        ({"tags": {"zed": ["work"]}}, "a conversation of ana, bo"),
        ({"tags": [7]}, "tags are texts"),
        ({"unread": {"zed": 3}}, "a conversation of ana, bo"),
        ({"unread": "3"}, "unread='3' cannot be built: it is a number"),
        ({"unread": 10**9}, "at most 100000 messages at a time"),
        ({"unread": -1}, "0 or more"),
        ({"unread": True}, "a number of messages"),
        ({"read": -1}, "read=-1 cannot be built"),
    ],
)
def test_what_cannot_be_meant_is_refused_where_it_is_written(how, reason):
    with pytest.raises(ImpossibleWorld, match=reason):
        world().dm("ana", "bo", **how)
    with pytest.raises(ImpossibleWorld, match=reason):
        world().group("g", members=["ana", "bo"], **how)


def test_one_text_is_no_list_of_members():
    with pytest.raises(ImpossibleWorld, match=r"write members=\['ana'\]"):
        world().group("g", members="ana")
