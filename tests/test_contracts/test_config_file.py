"""What contracts.toml may hold: each option takes its own kind of value, and tells of any other."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from duologue.contracts import config_file
from duologue.contracts.cli import main
from duologue.contracts.commands.run import run_command
from duologue.contracts.config_file import OptionForm
from duologue.contracts.connection_options import forms_of
from duologue.contracts.errors import ConfigurationInvalid
from support.servers.ports import held_port

FORMS = {"flag": OptionForm.FLAG, "one": OptionForm.ONE, "many": OptionForm.MANY}
OPTIONS = [name for name in forms_of(run_command) if name != "dry-run"]
# A value of each kind that TOML has, and a character that no path may hold.
VALUES = (
    *("true", "7", "1.5", "nan", "2027-01-31", "12:00:00"),
    *('["a"]', "[[1]]", "{a = 1}", r'"\u0000"'),
)


def read(tmp_path, line):
    path = tmp_path / "contracts.toml"
    path.write_text(f"[targets.staging]\n{line}\n")
    return config_file.targets(path, FORMS)["staging"]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("flag = true", True),
        ("flag = false", False),
        ('flag = "yes"', "yes"),
        ("one = 4", "4"),
        ("one = 0.5", "0.5"),
        ('one = "x"', "x"),
        ('many = "x"', ["x"]),
        ('many = ["x", 1]', ["x", "1"]),
        ("many = []", []),
    ],
)
def test_a_value_is_read_as_on_a_command_line(line, value, tmp_path):
    assert [*read(tmp_path, line).values()] == [value]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("flag = [true]", "flag takes true or false"),
        ("one = true", "one takes one text or number"),
        ("one = [4]", "one takes one text or number"),
        ("one = 2027-01-31", "one takes one text or number"),
        (r'one = "\u0000"', "one takes one text or number"),
        ("many = [[]]", "many takes a text, a number, or a list of them"),
        ("many = {a = 1}", "many takes a text, a number, or a list of them"),
    ],
)
def test_a_value_of_another_kind_is_told_with_its_line(line, told, tmp_path):
    with pytest.raises(ConfigurationInvalid) as caught:
        read(tmp_path, line)

    assert str(caught.value) == f"{tmp_path / 'contracts.toml'}:2: {told}"


@pytest.mark.parametrize("option", OPTIONS)
def test_no_value_ends_a_run_with_a_traceback(option, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONTRACTS_API_KEY", "k")
    with held_port() as port:
        here = "" if option == "target" else f'target = "http://127.0.0.1:{port}/v3"\n'
        for value in VALUES:
            (tmp_path / "contracts.toml").write_text(f"[targets.t]\n{here}{option} = {value}\n")
            result = CliRunner().invoke(main, ["run", "t", "--only", "errors.guid-not-found"])

            assert result.exit_code == 2, (value, result.output)
            assert isinstance(result.exception, SystemExit), (value, result.exception)
            assert result.stderr.strip()
