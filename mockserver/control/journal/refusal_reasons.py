"""Why a request was refused: the rule that refused it, and the clause of the contract."""

from __future__ import annotations

from typing import NamedTuple

from duologue.mockserver.control.journal import rule_docs
from duologue.mockserver.control.journal.journal import JournalEntry
from duologue.mockserver.control.journal.rule_docs import Rule
from duologue.mockserver.domain import errors
from duologue.mockserver.domain.errors import Refusal

# The clause behind each refusal, save those that depend on more than the kind of refusal.
_CLAUSES: dict[type[Refusal], str] = {
    errors.KeyMissing: "access.key-required",
    errors.KeyUnknown: "access.key-known",
    errors.KeyOfSmallScope: "access.key-scope",
    errors.GuidNotFound: "errors.guid-not-found",
    errors.ConversationNotFound: "errors.conversation-not-found",
    errors.ApiNotFound: "access.unknown-path",
    errors.MethodNotAllowed: "access.wrong-method",
}
_MALFORMED = "errors.malformed-input"
_FIELDS = {"onBehalfOf": "access.caller-required", "perPage": "listing.page-size-bounds"}


class Reason(NamedTuple):
    """Why a request was refused: a sentence, the rule and the clause."""

    text: str
    rule: Rule | None
    clause: str | None


def reason_of(one: JournalEntry) -> Reason | None:
    """Return why a request was refused; None if it was not."""
    if one.problem is None:
        return None
    found = None if one.raised_in is None else rule_docs.of_code(one.raised_in)
    text = _in_words(one.problem)
    if found is not None and found.source:
        text = f"{text} ({found.source})"
    return Reason(text, found, clause_of(one.problem, found))


def _in_words(problem: Refusal) -> str:
    """Return what was wrong with a request, field by field if it was malformed."""
    if not isinstance(problem, errors.BadRequest) or not problem.details:
        return rule_docs.first_line(type(problem))
    fields = (f"{name}: {_joined(texts)}" for name, texts in problem.details.items())
    return "; ".join(fields)


def _joined(texts: list[str]) -> str:
    text = " ".join(texts).removesuffix(".")
    return text[:1].lower() + text[1:]


def clause_of(problem: Refusal, by: Rule | None) -> str | None:
    """Return the clause behind a refusal by this rule; None if no clause covers it."""
    match problem:
        case errors.UidNotFound():
            is_caller = by is not None and by.name.endswith(".check_caller")
            return "errors.caller-not-found" if is_caller else "errors.uid-not-found"
        case errors.ConversationNotAccessible():
            return "access.members-only" if problem.guid else None
        case errors.BadRequest():
            return clause_of_details(problem.details)
    return _CLAUSES.get(type(problem))


def clause_of_details(details: dict[str, list[str]]) -> str:
    """Return the clause behind a malformed request: that of the first field which has one."""
    for name, texts in details.items():
        found = _clause_of_field(name, " ".join(texts))
        if found is not None:
            return found
    return _MALFORMED


def _clause_of_field(name: str, text: str) -> str | None:
    if name == "tags" and text.startswith("More than"):
        return "key-behaviors.at-most-25-tags"
    if name.startswith("tags.") and text.startswith("Longer than"):
        return "key-behaviors.tags-up-to-100-characters"
    return _FIELDS.get(name)
