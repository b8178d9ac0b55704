"""The named worlds: valid, deterministic and complete."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from duologue.fixtures import worlds
from duologue.fixtures.errors import UnknownWorld

ROOT = Path(worlds.__file__).parent.parent
EXAMPLES = ROOT / "openapi/components/examples/README.md"
NAMES = (*worlds.WORLDS, "users=60,messages=500,groups=9,conversations=80")
LEGAL_ID = re.compile(r"[a-z0-9_-]{1,100}")

IN_ONE_LINE = """
import hashlib
from duologue.fixtures import worlds
digest = hashlib.sha256()
for name in {names!r}:
    world = worlds.make(name, {seed})
    plain = (world.users, world.groups, world.messages, world.copies)
    for rows in (*plain, world.details, world.blocks):
        for row in rows:
            digest.update(repr(row).encode())
print(digest.hexdigest())
"""


@pytest.fixture(scope="module", params=NAMES)
def any_world(request):
    """Each world in turn."""
    return worlds.make(request.param)


def test_ids_are_legal_and_unique(any_world, census):
    """Every id is 1 to 100 of a-z, 0-9, _ and -, and unique (readings T9)."""
    users, groups = list(any_world.users), list(any_world.groups)
    facts = census(any_world)

    assert len(facts.people) == len(users)
    assert len(facts.groups) == len(groups)
    assert all(LEGAL_ID.fullmatch(key) for key in (*facts.people, *facts.groups))


def test_messages_are_between_those_who_are_there(any_world, census):
    """Senders and receivers exist, and senders in groups are members."""
    facts = census(any_world)
    members = {guid: set(circle.members) for guid, circle in facts.groups.items()}

    for note in facts.notes:
        if note.receiver_type == "group":
            assert note.sender in members[note.receiver]
        else:
            assert note.sender in facts.people
            assert note.receiver in facts.people
            assert note.sender != note.receiver


def test_groups_are_of_people_who_are_there(any_world, census):
    """Members and owners exist, and no member joins twice."""
    facts = census(any_world)

    for circle in facts.groups.values():
        assert set(circle.members) <= set(facts.people)
        assert len(set(circle.members)) == len(circle.members)
        assert circle.owner in circle.members


def test_copies_are_of_conversations_that_are_there(any_world, census):
    """A copy belongs to a party, occurs once, and is read through a message of its conversation."""
    copies, facts = list(any_world.copies), census(any_world)
    conversations = _ids_by_conversation(facts)

    assert len(facts.copies) == len(copies)
    for copy in copies:
        ids = conversations.get(_conversation_key(copy.uid, copy.kind, copy.peer), set())
        assert copy.uid in (
            facts.groups[copy.peer].members if copy.kind == "group" else facts.people
        )
        assert copy.read_through in ids | {0}
        assert ids or copy.kind == "group"


def test_ids_of_messages_follow_the_time(any_world):
    """Messages are numbered from 1 in the order in which they were sent."""
    notes = list(any_world.messages)
    sent = [note.sent_at for note in notes]

    assert [note.id for note in notes] == list(range(1, len(notes) + 1))
    assert sent == sorted(sent)


def test_users_are_created_before_their_messages(any_world, census):
    """Senders and receivers were created before."""
    facts = census(any_world)

    for note in facts.notes:
        receivers = facts.groups if note.receiver_type == "group" else facts.people
        assert facts.people[note.sender].created_at <= note.sent_at
        assert receivers[note.receiver].created_at <= note.sent_at


def test_now_is_later_than_all_times(any_world, census):
    """``now`` is later than all times of a world."""
    facts = census(any_world)
    born = [row.created_at for row in (*facts.people.values(), *facts.groups.values())]
    ids = [moment for note in facts.notes for moment in (note.sent_at, note.deleted_at or 0)]

    assert max((*born, *ids, 0)) < any_world.now


def test_rows_can_be_iterated_twice(any_world):
    """A reset of a mock iterates over its world again."""
    for rows in (any_world.users, any_world.groups, any_world.messages, any_world.copies):
        assert list(rows) == list(rows)


def test_limits_of_tags_are_kept(any_world, census):
    """No copy has more than 25 tags or one of more than 100 characters (Key behaviors)."""
    for copy in census(any_world).copies.values():
        assert len(copy.tags) <= 25
        assert all(1 <= len(tag) <= 100 for tag in copy.tags)


def test_two_processes_make_equal_worlds():
    """Same seed, same bytes, for any PYTHONHASHSEED."""
    code = IN_ONE_LINE.format(names=NAMES, seed=42)
    digests = {_run(code, hash_seed=str(number)) for number in (1, 2)}

    assert len(digests) == 1


def test_another_seed_makes_another_default_world():
    """The seed changes the users, not the structure."""
    ours, theirs = worlds.make("default", 42), worlds.make("default", 43)

    assert list(ours.users) != list(theirs.users)
    assert [note.sent_at for note in ours.messages] == [note.sent_at for note in theirs.messages]
    assert [len(circle.members) for circle in ours.groups] == [
        len(circle.members) for circle in theirs.groups
    ]


def test_the_default_world_has_what_the_clauses_need(census):
    """Every situation of the overview page exists."""
    facts = census(worlds.make("default"))
    sizes = {guid: len(circle.members) for guid, circle in facts.groups.items()}

    assert facts.unread("ana", "bo") == 3
    assert facts.unread("ana", "cleo") == 0
    assert facts.unread("zoe", "ana") == 2
    assert {2, 300, 301} <= set(sizes.values())
    assert facts.unread("ana", "full-house") == 0
    assert facts.unread("bo", "full-house") == 2
    assert facts.messages_between("ana", "dan")[-1].deleted_at
    assert facts.messages_between("cleo", "book-club")[-1].deleted_at
    assert facts.messages_between("ana", "new-group") == []
    assert [len(tag) for tag in facts.copies["ana", "user", "mae"].tags] == [100] * 25
    assert any(person.name.isupper() for person in facts.people.values())


def test_eve_has_no_conversation(census):
    """In the worlds `default` and `examples` one user has no conversation."""
    for name in ("default", "examples"):
        facts = census(worlds.make(name))

        assert "eve" in facts.people
        assert not any("eve" in (note.sender, note.receiver) for note in facts.notes)
        assert not any("eve" in circle.members for circle in facts.groups.values())


def test_the_world_crowd_has_groups_around_300_members(census):
    """Groups of 299, 300, 301 and many more members (Key behaviors)."""
    facts = census(worlds.make("crowd"))

    assert {299, 300, 301, 2000} <= {len(circle.members) for circle in facts.groups.values()}


def test_the_inbox_has_difficult_contents(census):
    """Long names, long texts, other scripts, markup, and counts of two, three and four digits."""
    facts = census(worlds.make("inbox"))
    unread = {facts.unread("ana", uid) for uid in facts.people if uid != "ana"}
    names = [person.name for person in facts.people.values()]

    assert {0, 1, 9, 10, 99, 1000} <= unread
    assert max(map(len, names)) >= 100
    assert max(len(note.text) for note in facts.notes) >= 4000
    assert any("<" in name for name in names)
    assert any(not name.isascii() for name in names)


def test_the_examples_are_the_documents(census):
    """The world has exactly the rows of the tables beside the document's examples."""
    tables, facts = _tables(EXAMPLES.read_text(encoding="utf-8")), census(worlds.make("examples"))

    assert tables["Users"] == [_cells(row)[:6] for row in facts.people.values()]
    assert tables["Groups"] == [_cells(row)[:7] for row in facts.groups.values()]
    assert tables["Messages"] == [_cells(row) for row in facts.notes]
    assert [row[:4] for row in tables["Copies that"]] == [
        _cells(copy)[:4] for copy in facts.copies.values()
    ]
    assert facts.copies["ana", "user", "cleo"].tags == ("family", "🎂 birthday")
    assert facts.world.now == 1767254400


def test_a_name_that_no_world_has_is_answered_with_those_that_there_are():
    """The message lists the known names."""
    with pytest.raises(UnknownWorld) as caught:
        worlds.make("defualt")

    assert caught.value.name == "defualt"
    assert all(name in str(caught.value) for name in worlds.WORLDS)


@pytest.mark.parametrize("name", ["users=ten,messages=1", "users=1", "people=3,messages=1", "="])
def test_a_size_that_is_none_is_an_unknown_world(name):
    """A size needs users and messages as numbers and accepts no unknown keys."""
    with pytest.raises(UnknownWorld, match="users=N"):
        worlds.make(name)


def test_every_world_has_a_sentence():
    """Each world has one sentence for the command line."""
    tables = worlds.describe()

    assert set(tables) == set(worlds.WORLDS)
    assert all(sentence.endswith(".") for sentence in tables.values())


def _run(code: str, *, hash_seed: str) -> str:
    env = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _conversation_key(uid: str, kind: str, peer: str) -> tuple[str, ...]:
    return (peer,) if kind == "group" else tuple(sorted((uid, peer)))


def _ids_by_conversation(facts) -> dict[tuple[str, ...], set[int]]:
    conversations: dict[tuple[str, ...], set[int]] = {}
    for note in facts.notes:
        key = _conversation_key(note.sender, note.receiver_type, note.receiver)
        conversations.setdefault(key, set()).add(note.id)
    return conversations


def _tables(text: str) -> dict[str, list[list[str]]]:
    """Return the rows of each table by the first words of its heading."""
    tables: dict[str, list[list[str]]] = {}
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        rows = [line for line in section.splitlines() if line.startswith("|")][2:]
        heading = " ".join(section.splitlines()[0].split()[:2])
        tables[heading] = [
            [cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows
        ]
    return tables


def _cells(row: tuple[object, ...]) -> list[str]:
    return [
        ", ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
        for value in row
    ]
