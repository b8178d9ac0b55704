"""The API's documents, and the one reader of them."""

from duologue.openapi.document import Operation, load, names, operations, overlays, using
from duologue.openapi.errors import (
    BrokenAction,
    BrokenReference,
    DocumentError,
    DocumentNotFound,
    OverlayNotFound,
    UnreadableFile,
    UnsupportedPath,
    UnusableDocument,
)

__all__ = [
    "BrokenAction",
    "BrokenReference",
    "DocumentError",
    "DocumentNotFound",
    "Operation",
    "OverlayNotFound",
    "UnreadableFile",
    "UnsupportedPath",
    "UnusableDocument",
    "load",
    "names",
    "operations",
    "overlays",
    "using",
]
