"""The model of a conversation."""

import pytest

from duologue.contracts.stateful.model import ModelMessage, View, initial_model

ANA, BO = "ana", "bo"


def model_of(*senders):
    """Return the model of a conversation with a message of each sender, called m0, m1 …"""
    model = initial_model([ANA, BO])
    for number, sender in enumerate(senders):
        model.add_message(ModelMessage(f"m{number}", sender))
    return model


def counts(model, party=ANA):
    return model.copies[party].fewest, model.copies[party].most


def test_messages_of_others_are_unread():
    """Own messages are not counted."""
    model = model_of(BO, BO, ANA)

    assert (counts(model, ANA), counts(model, BO)) == ((2, 2), (1, 1))
    assert model.last == "m2"


def test_reading_changes_the_readers_count_alone():
    """Everything is read, or everything up to and including a message."""
    model = model_of(BO, BO, BO, ANA)
    model.copies[ANA].clear(1)

    assert (counts(model, ANA), counts(model, BO)) == ((1, 1), (1, 1))
    model.copies[ANA].clear()
    assert counts(model) == (0, 0)


def test_marking_as_unread_makes_one_message_or_more_unread():
    """Which message, and how many with it, no document decides (B8)."""
    model = model_of(BO, BO, ANA)
    model.copies[ANA].clear()
    model.mark_unread(ANA)

    assert counts(model) == (1, 2)


def test_marking_as_unread_after_a_message():
    """Later messages count; the named one and those unread before may count."""
    model = model_of(BO, BO, BO, BO)
    model.copies[ANA].clear()
    model.mark_unread_after(ANA, 1)

    assert counts(model) == (2, 3)


def test_marking_as_unread_after_an_own_message():
    """An own message cannot count, so nothing is uncertain."""
    model = model_of(BO, ANA, BO)
    model.copies[ANA].clear()
    model.mark_unread_after(ANA, 1)

    assert counts(model) == (1, 1)


def test_a_deleted_message_may_count():
    """It is not shown any more; no document says whether it still counts."""
    model = model_of(ANA, BO, BO)
    model.delete_message(2)

    assert (counts(model), model.last) == ((1, 2), None)
    model.delete_message(1)
    model.add_message(ModelMessage("m3", BO))
    assert (counts(model), model.last) == ((1, 3), "m3")


def test_deleting_an_older_message_keeps_the_last():
    model = model_of(BO, ANA)
    model.delete_message(0)

    assert model.last == "m1"


def test_a_deleted_copy_is_refused_until_the_next_message():
    """Only the deleting party is affected; the later count is uncertain."""
    model = model_of(BO, BO)
    model.delete_copy(ANA)

    assert model.allows(ANA, None)
    assert not model.allows(ANA, View(0, "m1", None))
    assert not model.allows(BO, None)
    model.add_message(ModelMessage("m2", BO))
    assert counts(model) == (1, 3)
    assert model.allows(ANA, View(1, "m2", ("any",)))


def test_a_reset_may_remove_the_tags():
    """No document says whether a reset keeps tags."""
    model = model_of(BO)
    model.copies[ANA].tags = ("red",)
    model.reset(ANA)

    assert model.allows(ANA, View(0, "m0", ()))
    assert model.allows(ANA, View(0, "m0", ("red",)))


def test_a_reset_sets_the_count_to_zero():
    """The conversation stays, with its last message."""
    model = model_of(BO, BO)
    model.reset(ANA)

    assert model.allows(ANA, View(0, "m1", ()))
    assert not model.allows(ANA, None)
    assert model.of_others(ANA) == set()


@pytest.mark.parametrize(
    ("view", "allowed"),
    [
        (View(1, "m0", ("red", "blue")), True),
        (View(1, "m0", ("blue", "red")), True),  # no order is promised
        (View(1, "m0", None), True),  # nor that GET shows tags (C6)
        (View(1, "m0", ("red",)), False),
        (View(0, "m0", None), False),
        (View(2, "m0", None), False),
        (View(1, None, None), False),
        (View(1, "m1", None), False),
        (None, False),
    ],
)
def test_a_view_that_the_model_allows(view, allowed):
    """Count, last message and tags are compared as far as they are shown."""
    model = model_of(BO)
    model.copies[ANA].tags = ("red", "blue")

    assert model.allows(ANA, view) is allowed


@pytest.mark.parametrize(("count", "range_after"), [(1, (1, 1)), (2, (1, 3)), (3, (3, 3))])
def test_a_view_resolves_uncertain_messages(count, range_after):
    """Only the fewest and the most identify the messages."""
    model = model_of(BO, BO, BO)
    model.copies[ANA].clear()
    model.mark_unread(ANA)
    model.settle(ANA, View(count, "m2", ()))

    assert counts(model) == range_after
