"""The rules alone: each sentence of the page as one small function, at its limits."""

from __future__ import annotations

import pytest

from duologue.mockserver.domain import ids, rules
from duologue.mockserver.domain.model import Copy, User

ANA = User(uid="ana", name="Ana", created_at=1)


def copy(**changes):
    """A copy of ana's in a conversation that has come to 10, of which she has read 6."""
    plain = {
        "owner": "ana", "kind": "user", "peer": "bo", "conversation": 1, "unread_count": 4,
        "read_seq": 6, "last_seq": 10, "hidden_seq": -1, "created_at": 1, "updated_at": 2,
        "tags": (), "peer_is": ANA,
    }  # fmt: skip
    return Copy(**(plain | changes))


@pytest.mark.parametrize(
    "rule", [rules.counts_message, rules.moves_last_message, rules.moves_updated_at]
)
@pytest.mark.parametrize(
    ("crowd", "moves"), [(2, True), (300, True), (301, False), (100_000, False)]
)
def test_big_groups_do_not_move(rule, crowd, moves):
    """More than 300 members: neither count nor last message nor `updatedAt`."""
    assert rule("group", crowd) is moves
    assert rule("user", crowd) is True


@pytest.mark.parametrize(("up_to", "seq"), [(None, 10), (0, 6), (5, 6), (6, 6), (7, 7), (10, 10)])
def test_read_through(up_to, seq):
    """All, or up to a message; never back."""
    assert rules.read_through(copy(), up_to) == seq


@pytest.mark.parametrize(
    ("after", "newest", "seq"),
    [(None, 10, 6), (None, 5, 4), (None, None, 6), (9, None, 6), (3, None, 3), (0, None, 0)],
)
def test_unread_after(after, newest, seq):
    """What follows a message, or the newest of others; never forward."""
    assert rules.unread_after(copy(), after, newest=newest) == seq


@pytest.mark.parametrize(("after", "seq"), [(0, 4), (4, 4), (5, 5)])
def test_unread_after_a_deletion(after, seq):
    """Never back beyond what was deleted with the copy."""
    assert rules.unread_after(copy(hidden_seq=4), after, newest=None) == seq


@pytest.mark.parametrize(("hidden", "visible"), [(-1, True), (9, True), (10, False)])
def test_is_visible(hidden, visible):
    """A deleted copy is seen again with the next message."""
    assert rules.is_visible(copy(hidden_seq=hidden)) is visible


def test_a_new_group_is_visible():
    """From the start, before any message."""
    assert rules.is_visible(copy(kind="group", last_seq=0, read_seq=0))


@pytest.mark.parametrize(("before", "now", "after"), [(5, 6, 6), (5, 5, 5), (6, 5, 6)])
def test_moved_to(before, now, after):
    """`updatedAt` never goes back."""
    assert rules.moved_to(before, now) == after


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("user_bo", ("user", "bo")),
        ("user_BO", ("user", "bo")),
        ("group_a_b", ("group", "a_b")),
        ("user_user_x", ("user", "user_x")),
        ("user_", None),
        ("user", None),
        ("users_bo", None),
        ("a_user_b", None),
        ("", None),
    ],
)
def test_parse_conversation_id(text, named):
    """`user_{uid}` and `group_{guid}`, and nothing else."""
    assert ids.parse_conversation_id(text, "ana") == named


def test_a_pair_has_one_name():
    """Both parties name their conversation alike, whoever asks."""
    assert ids.pair_key("ana", "bo") == ids.pair_key("bo", "ana")
    assert ids.pair_key("a", "a") == "a|a"
