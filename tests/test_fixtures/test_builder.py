"""What a told story comes to as rows."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duologue.fixtures.builder import world
from duologue.fixtures.errors import ImpossibleWorld

counts = st.integers(min_value=0, max_value=5)


def test_whoever_is_named_exists(census):
    """People and members need no introduction."""
    town = census(world().dm("ana", "bo").group("hikers", members=["cleo"]).build())

    assert set(town.people) == {"ana", "bo", "cleo"}


def test_an_introduced_user_keeps_the_given_name(census):
    """An introduction tells more than a mention."""
    town = census(world().user("ana", "Ana Lima", tags=["vip"]).dm("ana", "bo").build())

    assert town.people["ana"].name == "Ana Lima"
    assert town.people["ana"].tags == ("vip",)
    assert town.people["bo"].name == "Bo"


def test_unread_is_the_first_ones(census):
    """``dm("ana", "bo", unread=3)``: bo has written three times, and ana has not looked."""
    town = census(world().dm("ana", "bo", unread=3).build())

    assert town.unread("ana", "bo") == 3
    assert town.unread("bo", "ana") == 0


@given(mine=counts, yours=counts, read=counts)
def test_each_side_of_a_dm_has_its_own_count(census, mine, yours, read):
    """Both sides may have something unread, whatever was said before."""
    town = census(world().dm("ana", "bo", read=read, unread={"ana": mine, "bo": yours}).build())

    assert (town.unread("ana", "bo"), town.unread("bo", "ana")) == (mine, yours)
    assert len(town.talk("ana", "bo")) == max(read + mine + yours, 1)


def test_a_dm_without_anything_unread_has_a_message():
    """A 1-on-1 begins with its first message."""
    assert len(list(world().dm("ana", "bo").build().messages)) == 1


@given(unread=st.lists(counts, min_size=3, max_size=3), read=counts)
def test_each_member_of_a_group_has_its_own_count(census, unread, read):
    """Members that are not named have read everything."""
    named = dict(zip(("ana", "bo", "cleo"), unread, strict=True))
    members = ["ana", "bo", "cleo", "dan"]
    town = census(world().group("hikers", members=members, read=read, unread=named).build())

    assert {uid: town.unread(uid, "hikers") for uid in members} == named | {"dan": 0}


def test_a_number_of_unread_is_for_all_but_the_sender(census):
    """``unread=2``: the first member has written twice."""
    town = census(world().group("hikers", members=["ana", "bo", "cleo"], unread=2).build())

    assert [town.unread(uid, "hikers") for uid in ("ana", "bo", "cleo")] == [0, 2, 2]


def test_a_new_group_has_no_message(census):
    """Nothing is said in a group unless it is told."""
    town = census(world().group("hikers", members=["ana", "bo"]).build())

    assert town.talk("ana", "hikers") == []
    assert town.groups["hikers"].owner == "ana"


def test_a_last_message_can_be_taken_back(census):
    """The newest message is deleted, those before it stay."""
    told = world().dm("ana", "bo", read=2, deleted_last=True).dm("ana", "cleo", read=1)
    before, last = census(told.build()).talk("ana", "bo")

    assert before.deleted_at is None
    assert last.sent_at < last.deleted_at


def test_tags_are_the_first_ones_unless_somebody_is_named(census):
    """Tags belong to one party's copy alone."""
    told = world().dm("ana", "bo", tags=["work"])
    told.group("hikers", members=["ana", "bo"], tags={"bo": ["weekend", "🥾"]}, group_tags=["out"])
    town = census(told.build())

    assert town.copies["ana", "user", "bo"].tags == ("work",)
    assert town.copies["bo", "user", "ana"].tags == ()
    assert town.copies["bo", "group", "hikers"].tags == ("weekend", "🥾")
    assert town.groups["hikers"].tags == ("out",)


def test_single_steps_tell_what_whole_conversations_cannot(census):
    """A text, a message read half-way, a deletion in the middle."""
    told = world().message("bo", "hello", to="ana").read("ana", "bo")
    told.message("bo", "wrong chat", to="ana", deleted=True).message("bo", "again", to="ana")
    town = census(told.build())

    assert [note.text for note in town.talk("ana", "bo")] == ["hello", "wrong chat", "again"]
    assert [note.deleted_at is None for note in town.notes] == [True, False, True]
    assert town.copies["ana", "user", "bo"].read_through == 1


def test_what_is_told_later_is_newer():
    """The order of the story is the order of the list."""
    notes = list(world().dm("ana", "bo", read=2).dm("ana", "cleo", unread=2).build().messages)

    assert [note.id for note in notes] == [1, 2, 3, 4]
    assert {later.sent_at - sooner.sent_at for sooner, later in pairwise(notes)} == {60}


def test_a_story_goes_on_after_a_build(census):
    """A world that was built stays as it was."""
    told = world().dm("ana", "bo")
    before = told.build()
    told.dm("ana", "cleo")

    assert len(list(before.messages)) == 1
    assert len(list(told.build().messages)) == 2


@pytest.mark.parametrize(
    "tell",
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
def test_what_cannot_be_is_refused(tell):
    """A story that the API could not live through is an error, not a strange world."""
    with pytest.raises(ImpossibleWorld):
        tell(world())
