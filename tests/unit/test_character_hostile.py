"""Hostile files called photos: each is refused with a plain reason, and none is unpacked."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, features

from headway.errors import JobFailed
from jobs.character.canvas import silent
from jobs.character.photo import read_photo
from jobs.character.signature import BadPhoto, webp_size

SIZE = 32
RED, BLUE = (200, 40, 30), (30, 60, 200)


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def halves(width: int = 80, height: int = 80, mode: str = "RGB") -> Image.Image:
    """Red above, blue below."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, height // 2, width, height))
    return image.convert(mode)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_bomb(width: int, height: int) -> bytes:
    """A valid PNG of a few kilobytes that says it has this many pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(bytes(100_000), 9))
    return b"\x89PNG\r\n\x1a\n" + head + data + chunk(b"IEND", b"")


def webp_bomb() -> bytes:
    """The head of a WebP that says it is 16383 × 16383."""
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xfe\x3f\x00" * 2 + bytes(64)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def text_bomb() -> bytes:
    """A PNG with a text of 80 MB packed into a few kilobytes."""
    whole = encoded(halves(), "PNG")
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000), 9))
    return whole[:33] + text + whole[33:]


def broken_pixel() -> bytes:
    """A PNG that can be decoded, but whose checksum says that a pixel is another one."""
    whole = bytearray(encoded(halves(), "PNG"))
    whole[whole.index(b"IEND") - 5] ^= 1
    return bytes(whole)


JPEG = encoded(halves(), "JPEG", quality=95)

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "empty file"),
    "a web page": (lambda: b"\n<!DOCTYPE html><script>alert(1)</script>", "a web page"),
    "a drawing": (lambda: b'<?xml version="1.0"?><svg onload="x"/>', "an SVG drawing"),
    "a gif": (lambda: encoded(halves(), "GIF"), "a GIF"),
    "a bmp": (lambda: encoded(halves(), "BMP"), "cannot be used"),
    "a pdf": (lambda: b"%PDF-1.7\n" + bytes(99), "a PDF"),
    "noise": (lambda: bytes(range(256)) * 9, "cannot be used"),
    "a large bomb": (lambda: png_bomb(60_000, 60_000), "40 million pixels"),
    "a bomb under Pillow's limit": (lambda: png_bomb(7_000, 7_000), "40 million pixels"),
    "a webp bomb": (webp_bomb, "40 million pixels"),
    "a text bomb": (text_bomb, "damaged"),
    "a png without its pixels": (lambda: png_bomb(1_000, 1_000), "damaged"),
    "a truncated jpeg": (lambda: JPEG[: len(JPEG) // 2], "damaged"),
    "a truncated png": (lambda: encoded(halves(), "PNG")[:120], "damaged"),
    "a truncated webp": (lambda: encoded(halves(), "WEBP")[:60], "damaged"),
    "the head of a webp": (lambda: b"RIFF\0\0\0\0WEBP", "damaged"),
    "a broken chunk": (lambda: encoded(halves(), "PNG").replace(b"IDAT", b"IDAU"), "damaged"),
    "a broken pixel": (broken_pixel, "damaged"),
    "a jpeg that is none": (lambda: b"\xff\xd8\xff" + b"<script>" * 20, "damaged"),
    "a dot": (lambda: encoded(halves(1, 1), "PNG"), "1 × 1 pixels"),
    "a thread": (lambda: encoded(halves(5000, 3), "PNG"), "5000 × 3 pixels"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_plain_reason(name: str) -> None:
    make, reason = HOSTILE[name]

    with pytest.raises(BadPhoto, match=reason) as caught:
        read_photo(make(), SIZE, silent)

    assert isinstance(caught.value, JobFailed)
    assert str(caught.value).startswith("The photo ")
    assert "\n" not in str(caught.value)


def test_a_webp_bomb_is_refused_before_room_is_made_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("Pillow makes room for a WebP when it opens one")

    monkeypatch.setattr("jobs.character.photo.Image.open", opened)

    with pytest.raises(BadPhoto, match="40 million pixels"):
        read_photo(webp_bomb(), SIZE, silent)


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.character.signature.MOST_BYTES", 1024 * 1024)

    with pytest.raises(BadPhoto, match="larger than 1 MB"):
        read_photo(JPEG + bytes(1024 * 1024), SIZE, silent)


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\0\0MM\0*"}])
def test_the_size_of_a_webp_is_told_without_decoding_it(options: dict[str, object]) -> None:
    assert features.check("webp")

    assert webp_size(encoded(halves(70, 45), "WEBP", **options)) == (70, 45)
