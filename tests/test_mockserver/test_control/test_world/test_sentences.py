"""What is said of a world that somebody wrote by hand: how to write it."""

from __future__ import annotations

import pytest

from duologue.mockserver.control.world import file

USERS = "users: [ana, bo]\n"
ONE = USERS + "messages:\n  - {from: ana, to: {user: bo}, text: Hi, %s}\n"
TIME = "is not what is expected here: whole UNIX seconds, or an ISO 8601 time"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("usrs: [ana]\n", "('usrs' was unexpected); did you mean users?"),
        (ONE % "form: bo", "did you mean from?"),
        (USERS + "conversations: [{tags: []}]\n", "known are between, group, "),
        (ONE % "at: yesterday", f'"yesterday" {TIME}'),
        (ONE % "at: 31.12.2025", TIME),
        (ONE % "at: 12:30:00", f'"12:30:00" {TIME}'),
        (ONE % "at: 1767254400000", "In seconds it is 1767254400."),
        (ONE % "at: 1969-12-31", "is outside of the years 1970 to 4999"),
        (ONE % "at: 4999-12-31T23:59:59-12:00", "is outside of the years 1970 to 4999"),
        (ONE % "ago: 2 min", "such as `90s`, `2m`"),
        (ONE % "ago: 120", "such as `90s`, `2m`"),
        ("users: [no]\n", 'false is not of types "string", "object": put it in quotes'),
        ("users: [{uid: ana, name: 7}]\n", '7 is not of type "string": put it in quotes'),
        ("users: ['ana lima']\n", "1 to 100 letters, digits, underscores and hyphens"),
        ("", "nothing is written there"),
        ("users:\n\t- ana\n", "a tab; YAML indents with blanks, line 2, column 1"),
        ("users: [ana]\n1: x\n", "the key 1 is no text; put it in quotes, line 2, column 1"),
        ("? [a]\n: x\n", "the key of several values is no text"),
    ],
)
def test_a_mistake_is_told_with_what_to_write(tmp_path, text, said):
    path = tmp_path / "w.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(file.WorldFileBroken) as refused:
        file.read(path)

    assert said in refused.value.reason


def test_a_mistake_that_two_rules_find_is_told_once(tmp_path):
    path = tmp_path / "w.yaml"
    path.write_text(USERS + "messages:\n  - {from: ana, to: {user: bo}, text: yes}\n", "utf-8")

    with pytest.raises(file.WorldFileBroken) as refused:
        file.read(path)

    assert refused.value.reason.count("true is not of type") == 1


def test_a_json_file_may_begin_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "w.json"
    path.write_bytes(b'\xef\xbb\xbf{"users": ["ana"]}')

    assert [row[0] for row in file.read(path).rows["users"]] == ["ana"]
