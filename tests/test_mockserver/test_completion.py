"""What bash is told to complete, by the command itself."""

from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete

from duologue.mockserver.cli import cli


@pytest.mark.parametrize(
    ("words", "incomplete", "found"),
    [
        (["serve", "--world"], "in", ["inbox"]),
        (["serve", "--world"], "mine.y", ["mine.y"]),
        (["world"], "cr", ["crowd"]),
        (["serve", "--fault"], "count-is-twice", ["count-is-twice-as-much"]),
        (["serve", "--variant"], "blank-tags", ["blank-tags-refused"]),
        (["serve", "--times"], "", ["today", "fixed"]),
        (["serve"], "--socket-", ["--socket-port"]),
    ],
)
def test_values_are_completed(words, incomplete, found):
    shell = ShellComplete(cli, {}, "mockserver", "_MOCKSERVER_COMPLETE")

    assert [one.value for one in shell.get_completions(words, incomplete)] == found


def test_what_is_no_world_may_be_a_file():
    shell = ShellComplete(cli, {}, "mockserver", "_MOCKSERVER_COMPLETE")

    (found,) = shell.get_completions(["serve", "--world"], "./w")

    assert found.type == "file"
