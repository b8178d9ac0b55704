"""Data URLs: well-formed, of the type that they name, and the same for the same id."""

import wave
from base64 import b64decode
from io import BytesIO
from xml.etree import ElementTree

import pytest

from duologue.fixtures import pictures

AVATAR_AT_MOST = 3000  # characters of an avatar's URL (Properties and Constraints)


def content_of(url):
    """Return the type and the bytes of a data URL."""
    head, _, content = url.partition(",")
    return head.removeprefix("data:").removesuffix(";base64"), b64decode(content, validate=True)


@pytest.mark.parametrize("make", [pictures.portrait, pictures.emblem])
def test_a_picture_is_svg_that_can_be_parsed(make):
    mime, content = content_of(make("ana"))

    assert mime == "image/svg+xml"
    assert ElementTree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"


def test_a_portrait_is_short_enough_for_an_avatar_and_differs_by_uid():
    portraits = {pictures.portrait(f"user-{number}") for number in range(40)}

    assert len(portraits) > 30
    assert max(map(len, portraits)) < AVATAR_AT_MOST / 5
    assert pictures.portrait("ana") == pictures.portrait("ana")


@pytest.mark.parametrize(
    ("kind", "name", "mime", "begins"),
    [
        ("image", "lake.svg", "image/svg+xml", b"<svg"),
        ("video", "harbour.webm", "video/webm", b"\x1aE\xdf\xa3"),
        ("audio", "note.wav", "audio/wav", b"RIFF"),
        ("file", "minutes.txt", "text/plain", b"minutes.txt"),
    ],
)
def test_a_file_is_of_the_type_that_it_names(kind, name, mime, begins):
    file = pictures.file_of(kind, name)
    found, content = content_of(file["url"])

    assert (found, file["mimeType"], file["extension"]) == (mime, mime, name.split(".")[1])
    assert content.startswith(begins)
    assert file["size"] == len(content)


def test_the_sound_is_a_quarter_of_a_second():
    _, content = content_of(pictures.file_of("audio", "note.wav")["url"])

    with wave.open(BytesIO(content)) as sound:
        assert sound.getnframes() / sound.getframerate() == 0.25
