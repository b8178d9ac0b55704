"""Roots: the broken clause, or the call, from which the results of other clauses follow."""

from __future__ import annotations

from typing import Any

from duologue.contracts.run.causes import OWN

Document = dict[str, Any]


def root_of(clause: Document) -> str:
    """Return the id of the broken clause that a clause's result follows from, empty without one."""
    because = clause.get("because")
    return because["root"] if because else ""


def ids_of(finding: Document) -> str:
    """Return which id each role of a finding stands for, as one line; empty without any."""
    return ", ".join(f"{role} = {key}" for role, key in finding["roles"].items())


def followers(document: Document) -> dict[str, list[str]]:
    """Return root -> ids of the clauses that were not reached, or broke, by the same answer."""
    found: dict[str, list[str]] = {}
    for clause in document["clauses"]:
        if clause["verdict"] in ("broken", "not_reached") and (root := root_of(clause)):
            found.setdefault(root, []).append(clause["id"])
    return found


def told_at(document: Document) -> dict[str, str]:
    """Return each operation that was never answered 2xx -> the id of the clause that tells it.

    That is the operation's own clause where it is broken or was not reached, else empty.
    """
    own = {
        operation: clause["id"]
        for clause in document["clauses"]
        if clause["id"].startswith(OWN) and clause["verdict"] in ("broken", "not_reached")
        for operation in clause["operations"]
    }
    return {name: own.get(name, "") for name in document["unreached_operations"]}


def told_nowhere(document: Document) -> list[str]:
    """Return the operations that were never answered 2xx and that no clause of their own tells."""
    return [name for name, clause in told_at(document).items() if not clause]


def unreached_by_call(document: Document) -> dict[str, list[Document]]:
    """Return the clauses that were not reached and have no root, by what kept them from it.

    That is one call's answer (``GET /conversations: 500 ERR_X``) where it was no success, else the
    reason that the clause gives.
    """
    found: dict[str, list[Document]] = {}
    for clause in document["clauses"]:
        if clause["verdict"] == "not_reached" and not root_of(clause):
            because = clause.get("because")
            is_refusal = because and not 200 <= because["status"] < 300
            found.setdefault(because["cause"] if is_refusal else clause["why"], []).append(clause)
    return found
