"""The clauses, a module a heading of the vendor's overview page; importing this registers all."""

from __future__ import annotations

from duologue.contracts.clauses import (
    access,
    connections,
    consistency,
    counts,
    document,
    errors,
    key_behaviors,
    listing,
    marks,
    operations,
    properties,
    requests,
    walk,
)

__all__ = [
    "access",
    "connections",
    "consistency",
    "counts",
    "document",
    "errors",
    "key_behaviors",
    "listing",
    "marks",
    "operations",
    "properties",
    "requests",
    "walk",
]
