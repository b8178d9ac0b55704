"""Bundling: one self-contained document from a root file and the files it refers to."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from duologue.openapi import user_files
from duologue.openapi.errors import BrokenReference, UnreadableFile
from duologue.openapi.references import find
from duologue.openapi.user_files import Unparsable

Node = dict[str, Any]
_COMPONENT = re.compile("#/components/[^/]+/[^/]+")


def read(path: Path) -> Node:
    """Return the mapping that one file of YAML or JSON holds.

    Raises UnreadableFile for a file that is missing, broken, or holds something else.
    """
    try:
        content = _parsed(user_files.read_bytes(path))
    except (OSError, Unparsable) as problem:
        raise UnreadableFile(path, str(problem)) from problem
    if not isinstance(content, dict):
        raise UnreadableFile(path, f"a mapping is expected, it holds {type(content).__name__}")
    return content


def _parsed(content: bytes) -> Any:
    """Return what the text says; JSON writes an emoji as two escapes, which YAML refuses."""
    if content.lstrip().startswith(b"{"):
        with suppress(Unparsable):  # YAML in braces
            return user_files.from_json(content)
    return user_files.from_yaml(content, yaml.CSafeLoader)


def bundle(root: Path) -> Node:
    """Return the document of `root` with every external reference turned into an internal one.

    A file at `components/<section>/<Name>.yaml` becomes `#/components/<section>/<Name>`; any other
    file, such as a path, is inlined. A reference is an address, so `%7B` in it is `{`. Raises
    UnreadableFile and BrokenReference.
    """
    # Not Path.resolve, which raises RuntimeError for a loop of links.
    bundler = _Bundler(Path(os.path.realpath(root)))
    try:
        return bundler.run()
    except RecursionError as problem:
        raise UnreadableFile(bundler.open[-1], "it is nested too deeply") from problem


def _named(name: str, folder: Path) -> Path:
    """Return the file that a reference names: as it stands, or, as in an address, escaped."""
    plain = Path(os.path.realpath(folder / name))
    return plain if plain.exists() else Path(os.path.realpath(folder / unquote(name)))


class _Bundler:
    """One bundling: the components met so far, and the files being read now."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.placed: dict[tuple[str, str], Path] = {}
        self.components: dict[str, Node] = {}
        self.open: list[Path] = [root]

    def run(self) -> Node:
        """Return the whole document; sections and names of its components are sorted."""
        document: Node = self._walk(read(self.root), self.root)
        given = self._mapping(document.get("components", {}), "components")
        for section, members in given.items():
            named = self._mapping(members, f"components/{section}")
            self.components.setdefault(section, {}).update(named)
        document["components"] = {
            section: dict(sorted(members.items()))
            for section, members in sorted(self.components.items())
        }
        _check_own_references(document, document, self.root)
        whole: Node = self._to_components(document, document, ())
        return whole

    def _to_components(self, node: Any, document: Node, within: tuple[str, ...]) -> Any:
        """Return a node whose references name whole components; others are replaced by a copy.

        swagger-cli refers to the first place where something stands, such as
        `#/paths/~1conversations/get/parameters/0`.
        """
        if isinstance(node, list):
            return [self._to_components(item, document, within) for item in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if not isinstance(reference, str) or _COMPONENT.fullmatch(reference):
            return {key: self._to_components(each, document, within) for key, each in node.items()}
        if reference in within:
            raise BrokenReference(self.root, reference, "that leads back to itself")
        beside = {key: each for key, each in node.items() if key != "$ref"}
        named = find(document, reference[1:])
        if not isinstance(named, dict):  # a schema may be true or false
            return named
        return self._to_components({**named, **beside}, document, (*within, reference))

    def _mapping(self, node: Any, place: str) -> Node:
        if not isinstance(node, dict):
            raise UnreadableFile(self.root, f"a mapping is expected at {place}")
        return node

    def _walk(self, node: Any, path: Path) -> Any:
        if isinstance(node, list):
            return [self._walk(item, path) for item in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return {key: self._walk(value, path) for key, value in node.items()}
        if reference.startswith("#") and path == self.root:
            return {**node, "$ref": unquote(reference)}
        beside = {key: self._walk(value, path) for key, value in node.items() if key != "$ref"}
        return self._follow(reference, path) | beside

    def _follow(self, reference: str, path: Path) -> Node:
        """Return what stands in the bundle for a reference in `path`."""
        name, _, pointer = reference.partition("#")
        pointer = unquote(pointer)
        try:
            target = _named(name, path.parent) if name else path
            is_file = target.is_file()
        except (OSError, ValueError) as problem:  # as for a NUL, or a name that is too long
            raise BrokenReference(path, reference, f"it names no file ({problem})") from problem
        if not is_file:
            raise BrokenReference(path, reference, f"there is no file {target}")
        if target.parent.parent.name == "components":
            section, stem = target.parent.name, target.stem
            self._place(section, stem, target=target, asked=(path, reference))
            return {"$ref": f"#/components/{section}/{stem}{pointer}"}
        return self._inline(target, pointer, asked=(path, reference))

    def _place(self, section: str, stem: str, *, target: Path, asked: tuple[Path, str]) -> None:
        taken = self.placed.setdefault((section, stem), target)
        if taken != target:
            raise BrokenReference(*asked, f"{taken} has the name {section}/{stem} already")
        members = self.components.setdefault(section, {})
        if stem not in members:
            members[stem] = {}  # taken before it is walked, so that a circle of schemas ends
            members[stem] = self._walk(read(target), target)

    def _inline(self, target: Path, pointer: str, *, asked: tuple[Path, str]) -> Node:
        if target in self.open:
            raise BrokenReference(*asked, "that leads back to a file it is part of")
        self.open.append(target)
        whole = self._walk(read(target), target)
        self.open.pop()
        node = find(whole, pointer)
        if not isinstance(node, dict):
            raise BrokenReference(*asked, f"nothing stands at {pointer}")
        return node


def _check_own_references(node: Any, document: Node, root: Path) -> None:
    """Raise BrokenReference for a reference within the bundle that leads nowhere."""
    if isinstance(node, list):
        for item in node:
            _check_own_references(item, document, root)
    elif isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and find(document, reference[1:]) is None:
            raise BrokenReference(root, reference, "nothing stands there in the bundle")
        for value in node.values():
            _check_own_references(value, document, root)
