"""The text of a body: unpacked if it is gzip, and without a byte order mark.

The same for the API and the control plane.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from duologue.mockserver.domain.errors import MockserverError

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PACKED = {"gzip", "x-gzip", "deflate"}
_PLAIN = {"", "identity"}


class Undecodable(MockserverError):
    """The body is not of the encoding that its header names, or that one is not known."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The body cannot be decoded: {reason}.")
        self.reason = reason


class UnpackedTooLarge(MockserverError):
    """The body has more bytes than the mock reads once it is unpacked."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The body has more than {limit_bytes} bytes when unpacked.")
        self.limit_bytes = limit_bytes


def text_of(environ: Mapping[str, Any], raw: bytes, *, most: int) -> bytes:
    """Return the text of a body; raise Undecodable or UnpackedTooLarge."""
    encoding = environ.get("HTTP_CONTENT_ENCODING")
    name = encoding.strip().lower() if encoding else ""
    if name in _PACKED:
        raw = _inflated(raw, most)
    elif name not in _PLAIN:
        raise Undecodable(f"the content encoding {name[:20]} is not taken; send gzip")
    return raw.removeprefix(_BYTE_ORDER_MARK)


def _inflated(packed: bytes, most: int) -> bytes:
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # of either kind, by its header
    try:
        raw = reader.decompress(packed, most + 1)
    except zlib.error:
        raise Undecodable("it is not of the content encoding it is said to be") from None
    if len(raw) > most:
        raise UnpackedTooLarge(most)
    if packed and not reader.eof:
        raise Undecodable("it ends before what is packed in it does; send all of it")
    if reader.unused_data:
        raise Undecodable("something follows what is packed in it; pack all of it at once")
    return raw
