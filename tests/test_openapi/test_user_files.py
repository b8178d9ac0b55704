"""Files that users name: what cannot be read is told in one line, whatever a parser raises."""

import errno
from pathlib import Path

import pytest
import yaml

from duologue.openapi import user_files
from duologue.openapi.user_files import Unparsable, from_json, from_yaml, read_bytes, read_text

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{of}'] * 9)}]\n"
    for of, name in zip("abcdefgh", "bcdefghi", strict=True)
)
ENDLESS = Path("/dev/zero")
NO_YAML = {
    "open bracket": "a: [",
    "month 13": "a: 2026-13-01",
    "digits": f"a: {'9' * 5000}",
    "depth": "[" * 5000 + "]" * 5000,
    "empty number": "a: !!int ''",
    "no truth": "a: !!bool maybe",
    "list as a key": "? [a]\n: b",
    "object": "!!python/object/apply:os.system [true]",
    "aliases of aliases": BOMB,
    "NUL": "\0",
}


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
@pytest.mark.parametrize("name", NO_YAML)
def test_what_is_no_yaml_is_told_in_one_line(name, loader):
    with pytest.raises(Unparsable) as refused:
        from_yaml(NO_YAML[name], loader)

    assert "\n" not in str(refused.value)
    assert str(refused.value)


@pytest.mark.parametrize("text", ["{", "[" * 100_000, f'{{"a": {"9" * 5000}}}', b"\xff{}"])
def test_what_is_no_json_is_told_in_one_line(text):
    with pytest.raises(Unparsable) as refused:
        from_json(text)

    assert "\n" not in str(refused.value)


def test_an_alias_may_name_what_holds_it():
    """The size of such a list is that of what is written."""
    found = from_yaml("&a [*a, b]")

    assert found[0] is found
    assert found[1] == "b"


def test_what_is_empty_is_none():
    assert from_yaml("# nothing") is None


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\n")

    assert from_yaml(read_text(path)) == {"a": 1}


def test_another_encoding_is_told(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_text("a: ü", encoding="utf-16")

    with pytest.raises(Unparsable, match="no UTF-8"):
        read_text(path)


@pytest.mark.skipif(not ENDLESS.exists(), reason="needs a device without an end")
def test_what_has_no_end_is_refused(monkeypatch):
    monkeypatch.setattr(user_files, "MOST_BYTES", 1000)

    with pytest.raises(OSError, match="more than 1000 bytes") as refused:
        read_bytes(ENDLESS)

    assert refused.value.errno == errno.EFBIG
