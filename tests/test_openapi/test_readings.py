"""The reader of READINGS.md and EVIDENCE.md."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from duologue import openapi
from duologue.openapi import readings
from duologue.openapi.errors import UnknownCitation
from duologue.openapi.readings import Fact

NUMBERS = [
    *(f"T{number}" for number in range(1, 21)),
    *(f"C{number}" for number in range(1, 10)),
    *(f"B{number}" for number in range(1, 24)),
    "B8a",
]
BASES = ("documented", "inferred", "observed", "a decision about the mock")


def test_every_decision_has_its_entry() -> None:
    """T1 to T20, C1 to C9, B1 to B23 and B8a."""
    assert sorted(readings.readings()) == sorted(NUMBERS)


@pytest.mark.parametrize("number", NUMBERS)
def test_an_entry_has_all_parts(number: str) -> None:
    """Each part says something, and the basis is one of the known ones."""
    found = readings.reading(number)

    assert all(part.strip() for part in found)
    assert found.basis.startswith(BASES)


@pytest.mark.parametrize("number", NUMBERS)
def test_an_observed_basis_names_its_evidence(number: str) -> None:
    """What a reading calls observed is a row of EVIDENCE.md."""
    basis = readings.reading(number).basis

    assert "observed" not in basis or re.search(r"\bE\d+", basis)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_documented_basis_names_its_heading(number: str) -> None:
    """What a reading calls documented stands under a heading that is listed."""
    basis = readings.reading(number).basis
    quoted = re.findall(r'"([^"]+)"', basis)

    assert "documented" not in basis or quoted
    assert set(quoted) <= set(readings.headings())


def test_the_parts_of_a_reading_are_read_apart() -> None:
    """Lines that belong together are one text."""
    found = readings.reading("B6")

    assert found.subject == "Mark as read"
    assert found.documented.startswith("The caller's count becomes 0")
    assert found.live == "As documented."
    assert "\n" not in found.documented
    assert found.place == "READINGS.md#b6"


def test_the_rows_of_the_page_are_the_operations_of_the_document() -> None:
    """Each row that can be cited is one of the 15, by method and path."""
    calls = {f"`{row.method} {row.path}`" for row in openapi.operations()}

    assert {
        content
        for content in readings.headings().values()
        if content.startswith("`") and "/" in content
    } == calls


def test_a_fact_has_its_group_source_and_strength() -> None:
    """A row of EVIDENCE.md."""
    found = readings.evidence("E43")

    assert found.subject == "The conversation and its message"
    assert "string of digits" in found.statement
    assert found.source.startswith("UI kit story")
    assert found.strength == "strong"
    assert found.place == "EVIDENCE.md#e43"


def test_every_row_of_the_evidence_is_read_once() -> None:
    """No row is passed over because it is written in another way, and no number stands twice."""
    rows = re.findall(r'<a id="e(\d+)">', (readings.FOLDER / readings.EVIDENCE).read_text("utf-8"))

    assert [f"E{number}" for number in rows] == list(readings.facts())
    assert len(rows) == len(set(rows))


def explained() -> set[str]:
    """The names of the table of sources."""
    text = (readings.FOLDER / readings.EVIDENCE).read_text("utf-8")
    table = text.partition("## Sources")[2].partition("\n## ")[0]
    return {
        name.strip()
        for row in re.findall(r"^\| (.+?) \|", table, re.MULTILINE)
        for name in row.split(",")
    }


@pytest.mark.parametrize("fact", readings.facts().values(), ids=lambda fact: fact.number)
def test_the_source_of_a_fact_is_explained(fact: Fact) -> None:
    """Each source stands in the table of sources; what was taken from it may follow."""
    names = {re.sub(r" \(.*\)$| E\d+$", "", part) for part in fact.source.split("; ")}

    assert names <= explained()


@pytest.mark.parametrize("number", ["B29", "B6a", "T0", "X1"])
def test_a_reading_that_is_not_there_is_refused(number: str) -> None:
    """With its number and the file where it is missing."""
    with pytest.raises(UnknownCitation, match=number):
        readings.reading(number)


def test_a_fact_that_is_not_there_is_refused() -> None:
    """With its number and the file where it is missing."""
    with pytest.raises(UnknownCitation, match=r"E999.*EVIDENCE\.md"):
        readings.evidence("E999")


@pytest.mark.parametrize(
    ("source", "cited"),
    [
        ("Key behaviors", ["Key behaviors"]),
        ("Readings B6", ["B6"]),
        ("B8a", ["B8a"]),
        ("readings T10, T11", ["T10", "T11"]),
        ("readings B12, searchKey", ["B12"]),
        ("E13", ["E13"]),
        ("Conversation properties; readings B4 and C2", ["Conversation properties", "B4", "C2"]),
        ("overview page, Error handling (the codes); readings T3", ["Error handling", "T3"]),
        ("The whole page", ["The whole page"]),
        ("Key behaviors and Error handling", ["Key behaviors", "Error handling"]),
        ("Mark Group Conversation as Unread", ["Mark Group Conversation as Unread"]),
    ],
)
def test_a_source_is_resolved_in_its_order(source: str, cited: list[str]) -> None:
    """Headings, readings and facts, with what may stand around them."""
    assert [each.number for each in readings.resolve(source)] == cited


@pytest.mark.parametrize(
    "source", ["", "the facts", "Readings B99", "Key behaviour", "Key behaviors; "]
)
def test_a_source_that_cites_nothing_is_refused(source: str) -> None:
    """Each part has to lead somewhere."""
    with pytest.raises(UnknownCitation):
        readings.resolve(source)


def test_the_evidence_of_a_reading_is_what_its_basis_names() -> None:
    """One by one, and in ranges."""
    assert [fact.number for fact in readings.evidence_of(readings.reading("B1"))] == [
        "E67",
        "E68",
        "E101",
    ]
    assert [fact.number for fact in readings.evidence_of(readings.reading("T18"))] == [
        "E87",
        "E88",
        "E89",
    ]


def test_where_the_live_service_differs_it_is_told_on_request() -> None:
    """And what is documented where it does not."""
    differs, same = readings.reading("B9"), readings.reading("B6")

    assert readings.sentence_of(differs) == f"{differs.subject}: {differs.documented}"
    assert readings.sentence_of(differs, live=True) == f"{differs.subject}, live: {differs.live}"
    assert readings.sentence_of(same, live=True) == same.sentence


def test_every_citation_can_be_told_in_a_sentence() -> None:
    """A reading by what is documented, a fact with its source, a heading by its name."""
    resolved = [each.sentence for each in readings.resolve("Key behaviors; readings B6; E43")]

    assert resolved[0].startswith('"Key behaviors" (when a conversation begins')
    assert resolved[1].startswith("Mark as read: The caller's count becomes 0")
    assert resolved[2].endswith("strong)")


def test_the_reader_imports_nothing_heavy() -> None:
    """It is imported by the suite and the mock at their start, and reads no file then."""
    code = (
        "import sys; before = set(sys.modules); import duologue.openapi.readings as r;"
        "print(r.readings.cache_info().currsize, {'yaml', 'jsonschema'} & set(sys.modules))"
    )
    resolved = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert resolved.stdout.split(maxsplit=1)[0] == "0"
    assert "jsonschema" not in resolved.stdout
