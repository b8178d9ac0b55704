"""The API's document, and the one reader of it."""

from openapi.document import Operation, load, names, operations
from openapi.errors import BrokenReference, DocumentError, DocumentNotFound, UnreadableFile

__all__ = [
    "BrokenReference",
    "DocumentError",
    "DocumentNotFound",
    "Operation",
    "UnreadableFile",
    "load",
    "names",
    "operations",
]
