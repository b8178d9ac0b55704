"""Plain text for a terminal."""

from __future__ import annotations

from duologue.contracts.diff.findings import Difference, DiffFinding, FindingGroup, Severity, causes
from duologue.contracts.diff.schemas.shape import key_of
from duologue.contracts.escaping import printable

MOST_WITNESS = 200


def text(difference: Difference) -> str:
    """Return one paragraph a cause, the worst first, and the verdict at the end."""
    lines = []
    for cause in causes(difference.findings):
        lines += [*_paragraph(cause), ""]
    return "\n".join([*lines, verdict(difference), ""])


def verdict(difference: Difference) -> str:
    """Return the outcome in one sentence."""
    names = f"{printable(difference.old)} -> {printable(difference.new)}"
    ignored = len(difference.findings) - len(difference.counted)
    counts = [f"{difference.count(each)} {each.value}" for each in Severity]
    if not difference.findings:
        return f"{names}: no difference that a client could notice"
    return f"{names}: {', '.join(counts)}" + (f", {ignored} ignored" if ignored else "")


def _paragraph(cause: FindingGroup) -> list[str]:
    finding = cause.first
    lines = [f"{finding.severity.value.upper()} {finding.rule} at {printable(str(finding.where))}"]
    lines.append(f"  {printable(finding.sentence)}")
    lines.append(f"  {_side(finding)} {operations(cause)} [{finding.fingerprint}]")
    if finding.witness:
        lines.append(f"  witness: {witness(finding.witness[0])}")
    if finding.clauses:
        lines.append(f"  clauses: {', '.join(finding.clauses)}")
    if finding.consumers:
        lines.append(f"  hits: {', '.join(printable(each) for each in finding.consumers)}")
    if finding.ignored is not None:
        lines.append(f"  ignored: {printable(finding.ignored)}")
    return lines


def _side(finding: DiffFinding) -> str:
    """Return the direction; in a call of the server's own it is told by who sends."""
    senders = {"request": "sent by the client in answer to", "response": "sent by the server in"}
    return (senders.get(finding.side) if finding.call else None) or f"{finding.side} of"


def operations(cause: FindingGroup) -> str:
    """Return the operations of a cause, at most three by name, and the call that it is about."""
    call = printable(cause.first.call)
    names = [printable(each) for each in cause.operations if each]
    more = len(names) - 3
    shown = ", ".join(names[:3]) + (f" and {more} more" if more > 0 else "")
    return " of ".join(filter(None, (call, shown))) or "the whole document"


def witness(value: object) -> str:
    """Return a witness as JSON, its middle left out where it is long."""
    written = printable(key_of(value))
    if len(written) <= MOST_WITNESS:
        return written
    half = MOST_WITNESS // 2
    return f"{written[:half]} ... {written[-half:]} ({len(written)} characters)"
