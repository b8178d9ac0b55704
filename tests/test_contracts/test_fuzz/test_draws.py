"""One seed draws the same, whatever else of the user's project is loaded."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

from duologue.contracts.fuzz.hypothesis_lock import exclusive_hypothesis


def _draws() -> list[tuple[str, int]]:
    drawn: list[tuple[str, int]] = []

    @seed(7)
    @settings(database=None, max_examples=300)
    @given(st.text(), st.integers())
    def draw(text: str, number: int) -> None:
        drawn.append((text, number))

    with exclusive_hypothesis():
        draw()
    return drawn


def _load_module_of_user(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "module_of_user.py"
    path.write_text(f"WORDS = {[f'a word of the user {n}' for n in range(100)]}\nNUMBER = 4711\n")
    spec = importlib.util.spec_from_file_location("module_of_user", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "module_of_user", module)
    spec.loader.exec_module(module)


def test_a_module_of_the_user_changes_no_draw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _draws()
    _load_module_of_user(tmp_path, monkeypatch)
    assert _draws() == before


def test_the_users_own_tests_draw_from_their_modules_as_before() -> None:
    before = providers._get_local_constants
    _draws()
    assert providers._get_local_constants is before
