"""What a reader has to act on: the causes of a run that is not green, roots first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from duologue.contracts.reports.roots import followers, root_of, told_nowhere, unreached_by_call
from duologue.contracts.reports.terminal import FATES, WORDS
from duologue.contracts.run.results import STALE
from duologue.contracts.wording import counted

Document = dict[str, Any]
LONGEST_TITLE = 100


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause: a broken clause, a call that kept clauses from their point, a defect of ours.

    ``title`` is one line without the verdict. ``clause`` is the clause's part of the result
    document, None where the cause is none. ``hanging`` are the ids of the clauses that were not
    reached because of it, or broke by nothing else.
    """

    verdict: str
    title: str
    why: str = ""
    clause: Document | None = None
    hanging: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """Return the verdict as a reader knows it: ``not reached``."""
        return WORDS.get(self.verdict, self.verdict)

    @property
    def findings(self) -> list[Document]:
        """Return the findings of the clause, empty without one."""
        return list(self.clause["findings"]) if self.clause else []


def causes_of(document: Document) -> list[Cause]:
    """Return the causes: defects of the suite, broken clauses, then what was not reached.

    Those that keep the most clauses from their point stand first among their kind.
    """
    return [
        *_of_the_run(document),
        *_defects(document),
        *_broken(document),
        *_roots(document),
        *_stale(document),
    ]


def _of_the_run(document: Document) -> Iterator[Cause]:
    if document.get("not_made"):
        yield Cause("not made", "the run", document["not_made"])
    if document["defect"]:
        yield Cause("error", "a defect of the suite ended the run", document["defect"])


def _defects(document: Document) -> Iterator[Cause]:
    for clause in document["clauses"]:
        if clause["verdict"] == "error":
            why = "\n".join(filter(None, (clause["why"], clause["traceback"].rstrip("\n"))))
            yield Cause("error", clause["id"], why, clause)


def _broken(document: Document) -> Iterator[Cause]:
    following = followers(document)
    causes = [
        Cause("broken", each["id"], each["why"], each, tuple(following.get(each["id"], ())))
        for each in document["clauses"]
        if each["verdict"] == "broken" and not root_of(each)
    ]
    yield from sorted(causes, key=lambda cause: -len(cause.hanging))


def _roots(document: Document) -> Iterator[Cause]:
    roots = sorted(unreached_by_call(document).items(), key=lambda root: -len(root[1]))
    for why, clauses in roots:
        if len(clauses) == 1:
            yield Cause("not_reached", clauses[0]["id"], why, clauses[0])
        else:
            hanging = tuple(clause["id"] for clause in clauses)
            start = why if len(why) <= LONGEST_TITLE else f"{why[:LONGEST_TITLE]} ..."
            whole = why if start != why else ""
            yield Cause("not_reached", f"{len(hanging)} clauses: {start}", whole, hanging=hanging)
    if unreached := told_nowhere(document):
        yield Cause("not_reached", f"never answered 2xx: {', '.join(unreached)}")


def _stale(document: Document) -> Iterator[Cause]:
    for each in stale_acceptances(document):
        yield Cause("out of date", each["clause"], f"{FATES[each['fate']][1]}: {each['reason']}")


def stale_acceptances(document: Document) -> list[Document]:
    """Return the known failures that fail a strict run: past their day, or gone."""
    if not document["strict_accept"]:
        return []
    return [each for each in document["deviations"] if each["fate"] in STALE]


def sentence_of(document: Document) -> str:
    """Return the run's verdict in one sentence, first of all that it is not complete."""
    if document.get("not_made"):
        return f"The run could not be made: {document['not_made']}"
    judged = sum(document["summary"].values())
    if document["interrupted"]:
        start = f"Interrupted after {counted(judged, 'clause')}, so this report is not complete: "
    elif document["defect"]:
        start = f"A defect of the suite ended the run after {counted(judged, 'clause')}: "
    elif document["ended_early"]:
        start = f"Ended {document['ended_early']}, so not every clause was judged: "
    else:
        return _counts(document)
    counts = _counts(document)
    return f"{start}{counts[:1].lower()}{counts[1:]}"


def _counts(document: Document) -> str:
    summary, unreached = document["summary"], document["unreached_operations"]
    words = {
        "broken": "broken",
        "not_reached": "not reached",
        "error": "not judged because of a defect of the suite",
    }
    total = counted(sum(summary.values()), "clause")
    wrong = [(summary[name], word) for name, word in words.items() if summary[name]]
    if wrong:
        (first, word), *others = wrong
        return ", ".join([f"{first} of {total} {word}", *(f"{n} {w}" for n, w in others)]) + "."
    if unreached:
        return f"Nothing is broken, but {counted(len(unreached), 'operation')} never answered 2xx."
    if stale := stale_acceptances(document):
        return f"Nothing is broken, but {counted(len(stale), 'known failure')} out of date."
    if not summary["held"]:
        return "Nothing was shown: no clause held."
    rest = [f"{summary[name]} {WORDS[name]}" for name in ("accepted", "not_staged")]
    shown = [each for each in rest if not each.startswith("0 ")]
    held = f"{summary['held']} of {total} held"
    return f"{', '.join([held, *shown])}." if shown else f"All {total} held."
