"""Roots: the broken clause, or the call, from which the results of other clauses follow."""

from __future__ import annotations

from typing import Any

from duologue.contracts.run.causes import OWN

Document = dict[str, Any]


def root_of(clause: Document) -> str:
    """Return the id of the clause that tells a clause's result, empty where it is told itself.

    That is a broken clause, or another one that was not reached for the same reason.
    """
    because = clause.get("because")
    return because["root"] if because else ""


def broken_root_of(clause: Document) -> str:
    """Return the id of the broken clause that a clause's result follows from, empty without one."""
    root = root_of(clause)
    return root if root and clause["because"]["cause"] == root else ""


def ids_of(finding: Document) -> str:
    """Return which id each role of a finding stands for, as one line; empty without any."""
    return ", ".join(f"{role} = {key}" for role, key in finding["roles"].items())


def followers(document: Document) -> dict[str, list[str]]:
    """Return root -> ids of the clauses that were not reached, or broke, by the same answer."""
    found: dict[str, list[str]] = {}
    for clause in document["clauses"]:
        if clause["verdict"] in ("broken", "not_reached") and (root := broken_root_of(clause)):
            found.setdefault(root, []).append(clause["id"])
    return found


def hanging(document: Document) -> dict[str, list[str]]:
    """Return id -> ids of the clauses whose results it tells: one cause fails once.

    They follow from it where it is broken, or were not reached for the same reason.
    """
    found = followers(document)
    for first, *others in unreached_by_call(document).values():
        if others:
            found.setdefault(first["id"], []).extend(each["id"] for each in others)
    return found


def hanging_line(ids: list[str]) -> str:
    """Return as one line how many clauses follow from one, and which."""
    return f"follows from it ({len(ids)}): {', '.join(ids)}"


def told_at(document: Document) -> dict[str, str]:
    """Return each operation that was never answered 2xx -> the id of the clause that tells it.

    That is the operation's own clause where it is broken or was not reached, or the root of that;
    else empty.
    """
    own = {
        operation: root_of(clause) or clause["id"]
        for clause in document["clauses"]
        if clause["id"].startswith(OWN) and clause["verdict"] in ("broken", "not_reached")
        for operation in clause["operations"]
    }
    return {name: own.get(name, "") for name in document["unreached_operations"]}


def unreached_lines(document: Document) -> list[str]:
    """Return the operations that were never answered 2xx, those that one clause tells in a line."""
    names: dict[str, list[str]] = {}
    for name, clause in told_at(document).items():
        names.setdefault(clause, []).append(name)
    seen = {clause: f" (see {clause})" if clause else "" for clause in names}
    return [f"{', '.join(some)}{seen[clause]}" for clause, some in names.items()]


def told_nowhere(document: Document) -> list[str]:
    """Return the operations that were never answered 2xx and that no clause of their own tells."""
    return [name for name, clause in told_at(document).items() if not clause]


def unreached_by_call(document: Document) -> dict[str, list[Document]]:
    """Return the clauses that were not reached, by no broken one, by what kept them from it.

    That is one call's answer (``GET /conversations: 500 ERR_X``) where it was no success, else the
    reason that the clause gives. Of each, the first is the one that the others refer to.
    """
    found: dict[str, list[Document]] = {}
    for clause in sorted(document["clauses"], key=lambda each: bool(root_of(each))):
        if clause["verdict"] == "not_reached" and not broken_root_of(clause):
            because = clause.get("because")
            is_refusal = because and not 200 <= because["status"] < 300
            found.setdefault(because["cause"] if is_refusal else clause["why"], []).append(clause)
    return found
