"""Errors of the documents in this folder."""

from __future__ import annotations

from pathlib import Path


class DocumentError(Exception):
    """Base of all errors of this package."""


class DocumentNotFound(DocumentError):
    """No document has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        self.known = known
        super().__init__(f"there is no document {name!r}; there are: {', '.join(known) or 'none'}")


class UnreadableFile(DocumentError):
    """A file of a document is not YAML, or not a YAML mapping."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{path} cannot be read as a part of the document: {problem}")


class UnusableDocument(DocumentError):
    """A document that is given in the contract's place cannot take it."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(
            f"{path} cannot stand for the contract: {problem}; give a changed copy of it"
        )


class BrokenReference(DocumentError):
    """A `$ref` leads nowhere, in a circle, or to a name that another file has taken."""

    def __init__(self, path: Path, reference: str, problem: str) -> None:
        self.path = path
        self.reference = reference
        self.problem = problem
        super().__init__(f"{path} refers to {reference!r}, but {problem}")


class OverlayNotFound(DocumentError):
    """No overlay has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        self.known = known
        super().__init__(f"there is no overlay {name!r}; there are: {', '.join(known) or 'none'}")


class BrokenAction(DocumentError):
    """An action of an overlay cannot be done."""

    def __init__(self, overlay: Path, target: str, problem: str) -> None:
        self.overlay = overlay
        self.target = target
        self.problem = problem
        super().__init__(f"{overlay}, the action on {target!r}: {problem}")


class UnsupportedPath(DocumentError):
    """A JSONPath uses something that this package does not read."""

    def __init__(self, path: str, at: int) -> None:
        self.path = path
        self.at = at
        super().__init__(
            f"{path!r} is not understood from {path[at:]!r} on; read are: $ .name ['name'] [0]"
            " .* [*] ..name ..[?@.name == 'text']"
        )


class UnknownCitation(DocumentError):
    """A citation names no reading, no fact and no heading of the vendor's page."""

    def __init__(self, citation: str, file: str) -> None:
        self.citation = citation
        self.file = file
        super().__init__(
            f"{citation!r} cites nothing that openapi/{file} holds; add it there first"
        )
