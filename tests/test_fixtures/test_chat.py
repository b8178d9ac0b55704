"""What people say: exchanges that follow each other, in several scripts, the same at each start."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duologue.fixtures import chat
from duologue.fixtures.builder import world
from duologue.fixtures.chat import Talk, exchanges, filled, lines

SCRIPTS = {
    "LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "CJK", "HIRAGANA", "HANGUL",
    "THAI",
}  # fmt: skip


def test_there_are_hundreds_of_messages_in_many_scripts():
    seen = {unicodedata.name(c, " ").split()[0] for line in lines() for c in line}

    assert len(lines()) >= 300
    assert seen >= SCRIPTS


def test_they_are_short_and_long():
    lengths = sorted(map(len, lines()))

    assert lengths[0] < 5
    assert lengths[-1] > 150


@given(bits=st.integers(min_value=0, max_value=2**64 - 1))
def test_nothing_is_empty_or_left_to_fill_in(bits):
    line = chat.sentence(bits)

    assert line.strip()
    assert "{" not in line


def test_an_answer_follows_its_question():
    """Two who take turns play whole exchanges."""
    talk = Talk(42, "ana bo")
    said = [talk.next(speaker) for speaker in ("ana", "bo") * 30]
    openers = {turns[0][0] for turns in exchanges() if "{" not in turns[0][0]}
    answers = {
        turns[0][-1]: turns[1][0]
        for turns in exchanges()
        if len(turns) > 1 and "{" not in turns[0][-1] + turns[1][0]
    }

    followed = [
        answers[line] == then
        for line, then in pairwise(said)
        if line in answers and line in openers
    ]
    assert followed
    assert all(followed)


def test_who_writes_twice_does_not_answer_himself():
    talk = Talk(42, "ana bo")
    said = [talk.next("ana") for _ in range(50)]
    beginnings = {
        line
        for number, exchange in enumerate(exchanges())
        for turn in filled(exchange, number)[:1]
        for line in turn
    }
    with_names = [line for line in said if line not in beginnings]

    assert len(with_names) < len(said)
    assert len(set(said)) > 20


def test_a_name_is_the_same_within_an_exchange():
    (asked,), (answered,) = filled((("Is {name} in?",), ("{name} is in {place}",)), 7)

    assert asked.split()[1] == answered.split()[0]


def test_the_same_seed_says_the_same():
    texts = [
        [message.text for message in world("w", seed).dm("ana", "bo", read=9).build().messages]
        for seed in (1, 1, 2)
    ]

    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("text", ["Hello", ""])
def test_a_given_text_is_said_as_it_is(text):
    built = world().message("ana", text, to="bo").build()

    assert [message.text for message in built.messages] == [text]


def test_a_conversation_has_one_language_beside_english():
    languages = chat.by_language()
    assert len(languages) >= 20

    for number in range(40):
        talk = Talk(number, "ana bo")
        said = {talk.next(speaker) for speaker in ("ana", "bo") * 40}
        spoken = {
            name
            for name, those in languages.items()
            if name != chat.ENGLISH
            and any(turns[0][0] in said for turns in those if "{" not in turns[0][0])
        }
        assert len(spoken) <= 1
