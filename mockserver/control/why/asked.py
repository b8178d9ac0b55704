"""What a request asked for: the rule behind it, and what of it had no effect."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote

from duologue.mockserver.control.journal import rule_docs
from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.control.journal.rule_docs import Rule
from duologue.mockserver.http.request_parser import note_ignored
from duologue.openapi import document, readings

JsonObject = dict[str, Any]
NO_RULE: JsonObject = {"rule": None, "says": None, "source": None, "citations": []}
_LIVE = "dialect."  # the module whose rules follow the part Live of a reading


def rule_fields(found: Rule) -> JsonObject:
    """Return a rule as an explained field shows it."""
    cited = readings.resolve(found.source) if found.source else ()
    live = found.name.startswith(_LIVE)
    return {
        "rule": found.name,
        "says": found.says or None,
        "source": found.source,
        "citations": [
            {
                "number": one.number,
                "sentence": readings.sentence_of(one, live=live),
                "place": one.place,
            }
            for one in cited
        ],
    }


@cache
def clause_of_operation(operation_id: str | None) -> str | None:
    """Return the clause that states an operation itself."""
    found = next((one for one in document.operations() if one.id == operation_id), None)
    clauses = found.clauses if found else ()
    return next((clause for clause in clauses if clause.startswith("operations.")), None)


def ignored(entry: JournalEntry) -> Iterator[JsonObject]:
    """Yield a field for each parameter and body field that had no effect (readings T17)."""
    names = dict(entry.answer_headers).get("X-Mock-Ignored", "")
    for name in filter(None, names.split(", ")):
        yield {
            "field": f"ignored.{name}",
            "value": unquote(name),
            "absent": False,
            **rule_fields(rule_docs.of(note_ignored)),
            "clause": None,
            "because": [entry.id],
            "history": [],
            "kept": [],
            "text": f"{unquote(name)} was sent and has no effect: the document does not know it.",
        }
