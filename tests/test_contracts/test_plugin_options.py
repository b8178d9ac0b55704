"""The options of the pytest plugin have the types and bounds of `contracts run`."""

import pytest

from duologue.contracts.errors import OptionInvalid
from duologue.contracts.plugin import OPTIONS
from duologue.contracts.plugin_options import typed


def test_the_defaults_can_be_used():
    """Empty ones are None, False or an empty tuple."""
    values = typed({name: default for name, default, _ in OPTIONS})

    assert (values["workers"], values["settle"], values["max-time"]) == (16, 5.0, 120.0)
    assert (values["target"], values["read-only"], values["only"]) == (None, False, ())


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("only", "getConversation, errors.*", ("getConversation", "errors.*")),
        ("phases", "examples,fuzzing", ("examples", "fuzzing")),
        ("insecure", "True", True),  # as contracts.toml gives it
        ("insecure", "1", True),
        ("read-only", "no", False),
        ("workers", "64", 64),
        ("rate", "300/m", "300/m"),
    ],
)
def test_a_text_is_read_as_the_command_line_reads_it(name, text, value):
    assert typed({name: text})[name] == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("workers", "0"),
        ("workers", "65"),
        ("timeout", "nan"),
        ("settle", "-1"),
        ("max-time", "inf"),
        ("max-examples", "many"),
        ("seed", "-1"),
        ("phases", "examples,all"),
        ("ca", "no-such-file"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_option(name, text):
    with pytest.raises(OptionInvalid, match=f"^--contracts-{name}: "):
        typed({name: text})
