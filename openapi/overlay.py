"""Overlays (OpenAPI Overlay 1.0): a document changed by a list of actions."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from duologue.openapi.bundle import Node, read
from duologue.openapi.errors import BrokenAction
from duologue.openapi.jsonpath import Place, select


def apply(document: Node, overlay: Path) -> Node:
    """Return the document with every action of the overlay done, in order.

    The given document stays unchanged. Stricter than the specification: an action that selects
    nothing is a mistake, since the document was changed and the overlay was not. Raises
    BrokenAction, UnsupportedPath and UnreadableFile.
    """
    changed = copy.deepcopy(document)
    for action in read(overlay).get("actions", ()):
        _act(changed, action, overlay)
    return changed


def _act(document: Node, action: Node, overlay: Path) -> None:
    target = action.get("target")
    if not isinstance(target, str):
        raise BrokenAction(overlay, str(target), "a target is expected")
    places = select(document, target)
    if not places:
        raise BrokenAction(overlay, target, "nothing stands there")
    if action.get("remove") is True:
        _remove(places)
    elif "update" in action:
        for place in places:
            _update(place, action["update"])
    else:
        raise BrokenAction(overlay, target, "neither update nor remove is given")


def _remove(places: list[Place]) -> None:
    # From the end, so that the indexes of a list stay right.
    for place in reversed(places):
        del place.container[place.key]


def _update(place: Place, new: Any) -> None:
    """Merge mappings, join lists and replace the rest, in place.

    In place, since one action may select a mapping and another one within it.
    """
    old = place.value
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in new.items():
            if key in old:
                _update(Place(old, key), value)
            else:
                old[key] = copy.deepcopy(value)
    elif isinstance(old, list):
        old.extend(copy.deepcopy(new) if isinstance(new, list) else [copy.deepcopy(new)])
    else:
        place.container[place.key] = copy.deepcopy(new)
