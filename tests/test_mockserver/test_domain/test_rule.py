"""Sources of rules: what a decorator attaches, and that each citation exists."""

from __future__ import annotations

from dataclasses import fields

import pytest

from duologue.mockserver.behaviours import Behaviours
from duologue.mockserver.dialect import DIALECTS
from duologue.mockserver.domain.rule import rule, source_of
from duologue.openapi import readings


def test_a_decorated_function_is_the_function_itself():
    def double(number):
        return 2 * number

    assert rule("B6")(double) is double
    assert double(2) == 4


def test_a_source_is_a_citation():
    @rule("B4", "E43", heading="Conversation properties")
    def decorated(): ...

    source = source_of(decorated)

    assert source.numbers == ("B4", "E43")
    assert str(source) == "Conversation properties; B4; E43"


def test_a_function_without_a_decorator_has_no_source():
    assert source_of(len) is None


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_source_of_a_behaviour_resolves(dialect):
    """In READINGS.md, EVIDENCE.md or the list of headings."""
    behaviours = DIALECTS[dialect]()
    sources = [source_of(getattr(behaviours, each.name)) for each in fields(Behaviours)]

    cited = [readings.resolve(str(source)) for source in sources if source is not None]

    assert len(cited) > 60
    assert all(cited)
