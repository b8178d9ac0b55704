"""What can be wrong with a document of this folder."""

from __future__ import annotations

from pathlib import Path


class DocumentError(Exception):
    """The root of everything this package raises."""


class DocumentNotFound(DocumentError):
    """No document has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        self.known = known
        super().__init__(f"there is no document {name!r}; there are: {', '.join(known) or 'none'}")


class UnreadableFile(DocumentError):
    """A file of a document is not YAML, or not the YAML mapping it must be."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{path} cannot be read as a part of the document: {problem}")


class BrokenReference(DocumentError):
    """A `$ref` leads nowhere, in a circle, or to a name that another file has taken."""

    def __init__(self, path: Path, reference: str, problem: str) -> None:
        self.path = path
        self.reference = reference
        self.problem = problem
        super().__init__(f"{path} refers to {reference!r}, but {problem}")
