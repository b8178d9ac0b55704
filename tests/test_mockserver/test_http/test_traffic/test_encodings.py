"""What a body says once it is unpacked, and what is wrong where it cannot be."""

from __future__ import annotations

import gzip
import zlib

import pytest

from duologue.mockserver.http.traffic.encodings import Undecodable, UnpackedTooLarge, text_of

TEXT = b'{"tags": ["red"]}'
PACKED = gzip.compress(TEXT, mtime=0)


def text(encoding: str | None, raw: bytes, *, most: int = 100) -> bytes:
    environ = {} if encoding is None else {"HTTP_CONTENT_ENCODING": encoding}
    return text_of(environ, raw, most=most)


@pytest.mark.parametrize(
    ("encoding", "raw"),
    [
        (None, TEXT),
        ("identity", TEXT),
        (None, b"\xef\xbb\xbf" + TEXT),
        (" GZIP ", PACKED),
        ("deflate", zlib.compress(TEXT)),
        ("gzip", gzip.compress(b"\xef\xbb\xbf" + TEXT, mtime=0)),
    ],
)
def test_each_form_is_the_same_text(encoding, raw):
    assert text(encoding, raw) == TEXT


@pytest.mark.parametrize(
    ("encoding", "raw", "said"),
    [
        ("br", TEXT, "encoding br is not taken; send gzip"),
        ("gzip", TEXT, "not of the content encoding"),
        ("gzip", PACKED[:-3], "ends before"),
        ("gzip", PACKED + PACKED, "something follows"),
    ],
)
def test_what_cannot_be_decoded_is_told(encoding, raw, said):
    with pytest.raises(Undecodable, match=said):
        text(encoding, raw)


def test_the_limit_is_that_of_what_is_unpacked():
    assert text("gzip", PACKED, most=len(TEXT)) == TEXT
    with pytest.raises(UnpackedTooLarge):
        text("gzip", PACKED, most=len(TEXT) - 1)
