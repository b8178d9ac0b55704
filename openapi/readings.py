"""The reader of READINGS.md and EVIDENCE.md: what a citation stands for.

A source is text such as ``"Conversation properties; readings B4"``: parts separated by semicolons,
each a heading of the vendor's page or the numbers of readings (``B4``) and facts (``E12``). After a
number a part may name a parameter or say more: ``"readings B12, searchKey"``.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from duologue.openapi.errors import UnknownCitation

FOLDER = Path(__file__).parent
READINGS = "READINGS.md"
EVIDENCE = "EVIDENCE.md"
NUMBER = re.compile(r"(?<![\w#%/-])(?:[TCB][1-9]\d?a?|E[1-9]\d{0,2})(?![\w%])")

_ENTRY = re.compile(
    r"^### (?P<number>[TCB]\d+a?)\n+\*\*(?P<subject>.+)\*\*\n+(?P<parts>.+?)\n*\Z", re.DOTALL
)
_PART = re.compile(r"^- (?P<name>Documented|Live|Tolerance|Basis): ", re.MULTILINE)
_ROW = re.compile(r'^\| <a id="e\d+"></a>(E\d+) \| (.+) \| (.+) \| (strong|medium|weak) \|$')


class Reading(NamedTuple):
    """A decision: one entry of READINGS.md."""

    number: str
    subject: str
    documented: str
    live: str
    tolerance: str
    basis: str

    @property
    def place(self) -> str:
        """Return where it stands, relative to this package."""
        return f"{READINGS}#{self.number.lower()}"

    @property
    def sentence(self) -> str:
        """Return the subject and what is documented about it."""
        return f"{self.subject}: {self.documented}"

    @property
    def live_sentence(self) -> str:
        """Return the subject and what the live service does; what is documented if that is the

        same.
        """
        same = self.live.startswith("As documented")
        return self.sentence if same else f"{self.subject}, live: {self.live}"


class Fact(NamedTuple):
    """A piece of evidence: one row of EVIDENCE.md."""

    number: str
    subject: str
    statement: str
    source: str
    strength: str

    @property
    def place(self) -> str:
        """Return where it stands, relative to this package."""
        return f"{EVIDENCE}#{self.number.lower()}"

    @property
    def sentence(self) -> str:
        """Return the fact, its source and how strong it is."""
        return f"{self.statement} ({self.source}; {self.strength})"


class Heading(NamedTuple):
    """A heading of the vendor's page, a row of its table, or another page: its name and content."""

    number: str
    content: str

    @property
    def place(self) -> str:
        """Return where its name is listed, relative to this package."""
        return f"{READINGS}#headings-of-the-page"

    @property
    def sentence(self) -> str:
        """Return the name and what stands there."""
        return f'"{self.number}" ({self.content})'


Citation = Reading | Fact | Heading


def sentence_of(cited: Citation, *, live: bool = False) -> str:
    """Return what a citation says; of a reading, if `live`, what the live service does."""
    return cited.live_sentence if live and isinstance(cited, Reading) else cited.sentence


def reading(number: str) -> Reading:
    """Return the reading with a number such as `B6`. Raise UnknownCitation if there is none."""
    try:
        return readings()[number]
    except KeyError:
        raise UnknownCitation(number, READINGS) from None


def evidence(number: str) -> Fact:
    """Return the fact with a number such as `E12`. Raise UnknownCitation if there is none."""
    try:
        return facts()[number]
    except KeyError:
        raise UnknownCitation(number, EVIDENCE) from None


def by_number(number: str) -> Reading | Fact:
    """Return the reading or the fact. Raise UnknownCitation if there is neither."""
    return evidence(number) if number.startswith("E") else reading(number)


@cache
def resolve(source: str) -> tuple[Citation, ...]:
    """Return what a source cites, in its order.

    Raise UnknownCitation for a number that does not exist, and for a part without any citation.
    """
    cited: list[Citation] = []
    for part in source.split(";"):
        found = _names().findall(part)
        if not found:
            raise UnknownCitation(part.strip(), READINGS)
        cited += [_named(name) for name in found]
    return tuple(cited)


def _named(name: str) -> Citation:
    content = headings().get(name)
    return by_number(name) if content is None else Heading(name, content)


@cache
def _names() -> re.Pattern[str]:
    """Return a pattern for a number or one of the headings, longer headings first."""
    longest_first = sorted(headings(), key=len, reverse=True)
    names = "|".join(re.escape(name) for name in longest_first)
    return re.compile(rf"(?<!\w)(?:{names})(?!\w)|{NUMBER.pattern}")


def evidence_of(found: Reading) -> tuple[Fact, ...]:
    """Return the facts that the basis of a reading names, ranges such as `E87 to E89` included."""
    numbers: list[int] = []
    for first, last in re.findall(r"\bE(\d+)(?: to E(\d+))?", found.basis):
        numbers += range(int(first), int(last or first) + 1)
    return tuple(evidence(f"E{number}") for number in numbers)


@cache
def readings() -> dict[str, Reading]:
    """Return all readings by number, in the order of READINGS.md."""
    entries = re.split(r"^(?=##)", _text(READINGS), flags=re.MULTILINE)
    found = (_ENTRY.match(entry) for entry in entries if entry.startswith("### "))
    return {each["number"]: _reading(each) for each in found if each is not None}


def _reading(entry: re.Match[str]) -> Reading:
    _, *parts = _PART.split(entry["parts"])
    texts = {
        name: " ".join(text.split()) for name, text in zip(parts[::2], parts[1::2], strict=True)
    }
    return Reading(
        entry["number"],
        entry["subject"],
        texts["Documented"],
        texts["Live"],
        texts["Tolerance"],
        texts["Basis"],
    )


@cache
def facts() -> dict[str, Fact]:
    """Return all facts by number, in the order of EVIDENCE.md."""
    found: dict[str, Fact] = {}
    subject = ""
    for line in _text(EVIDENCE).splitlines():
        if line.startswith("## "):
            subject = line[3:]
        elif row := _ROW.match(line):
            number, statement, source, strength = row.groups()
            found[number] = Fact(number, subject, statement, source, strength)
    return found


@cache
def headings() -> dict[str, str]:
    """Return the names by which pages are cited and what each holds, as READINGS.md lists them."""
    section = _text(READINGS).partition("## Headings of the page")[2].partition("\n## ")[0]
    return dict(re.findall(r"^- (.+?): (.+)$", section, re.MULTILINE))


def _text(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")
